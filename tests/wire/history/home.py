"""A home directory with a history file, and the kernels that use it."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.client import TIMEOUT, Client
from harness.kernels import IS_CARME, Kernel, clean_environment, reference
from harness.until import until

Starter = Callable[..., Kernel]
Entry = list[Any]
ours = pytest.mark.skipif(not IS_CARME, reason="ipykernel does otherwise")
PLACE = Path(".ipython", "profile_default", "history.sqlite")


class Peer(Kernel):
    """ipykernel, whatever is tested."""

    def write_spec(self, argv: list[str], interrupt_mode: str) -> None:
        """Its own program in place of the tested one."""
        argv = [reference().path, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        super().write_spec(argv, interrupt_mode)


class Home:
    """A home directory with a history file."""

    def __init__(self, directory: Path, start: Starter) -> None:
        directory.mkdir()
        self.directory, self.start = directory, start
        self.file = directory / PLACE

    def kernel(self, **environment: str) -> Kernel:
        """A kernel that lives here."""
        return self.start(environment={"HOME": str(self.directory), **environment})

    def session(self, *codes: str, **environment: str) -> Kernel:
        """A kernel that ran the cells and was shut down."""
        kernel = self.kernel(**environment)
        client = kernel.client()
        for code in codes:
            client.execute(code)
        end(kernel, client)
        return kernel

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What SQL finds in the file."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=TIMEOUT)) as db:
            return db.execute(sql).fetchall()

    def script(self, sql: str) -> None:
        """Changes the file."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self.file)) as db:
            db.executescript(sql)

    def sources(self, count: int | None = None) -> list[str]:
        """All code in the file, once it is `count` cells: the writer has its own time."""
        rows: list[tuple[Any, ...]] = []

        def is_written() -> bool:
            found = self.file.exists() and self.ask("SELECT name FROM sqlite_master")
            sql = "SELECT source_raw FROM history ORDER BY session, line"
            rows[:] = self.ask(sql) if found else []
            return count in (None, len(rows))

        until(is_written, f"{count} cells in the file")
        return [row[0] for row in rows]

    def ipython(self, *words: str) -> str:
        """What IPython of the tests' environment prints, in this home."""
        return subprocess.run(
            [sys.executable, *words],
            env=clean_environment(self.directory),
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=True,
        ).stdout


def end(kernel: Kernel, client: Client) -> None:
    """Shuts it down."""
    client.ask("shutdown_request", {"restart": False}, "control")
    assert kernel.wait_exit() == 0


def history(client: Client, **content: Any) -> list[Entry]:
    """The entries of a history_reply."""
    wanted = {"output": False, "raw": True, "hist_access_type": "tail", "n": 100, **content}
    return list(client.ask("history_request", wanted).content["history"])


def warnings(kernel: Kernel) -> list[str]:
    """What the kernel said about its file."""
    lines = kernel.log.read_text().splitlines()
    return [line for line in lines if line.startswith("carme: the history file")]
