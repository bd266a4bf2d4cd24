"""A PostgreSQL server on loopback with a port, a directory and an unprivileged user of its own."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from harness.ports import free_port

SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 16MB
max_wal_senders = 0
wal_level = minimal
autovacuum = off
"""
USERS = ("postgres", "nobody")


def program(name: str) -> str:
    """One of the server's programs: on PATH, or of the newest version where Debian has them."""
    found = shutil.which(name) or max(
        glob.glob(f"/usr/lib/postgresql/*/bin/{name}"),
        key=lambda path: float(path.split("/")[4]),
        default=None,
    )
    assert found, f"no {name}: run `tests/setup/setup.sh test`"
    return os.path.realpath(found)


def account() -> dict[str, Any]:
    """For subprocess: the user that the server runs as, since it refuses to run as root."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam(next(name for name in USERS if name in names))
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Postgres:
    """A running server; `url` is what clients connect to, as its owner without a password."""

    def __init__(self) -> None:
        self.account = account()
        # not pytest's directory: the user could not pass through its parents
        self.directory = Path(tempfile.mkdtemp(prefix="carme-postgres-"))
        if self.account:
            os.chown(self.directory, self.account["user"], self.account["group"])
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        try:
            self.port = self.make()
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise
        self.url = f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def make(self) -> int:
        """Makes an empty data directory and starts the server; its port."""
        command = ["-D", str(self.data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self.call("initdb", *command, "--locale=C")
        with open(self.data / "postgresql.conf", "a") as settings:
            settings.write(f"{SETTINGS}unix_socket_directories = '{self.directory}'\n")
        return self.start()

    def call(self, name: str, *arguments: str) -> None:
        """One of the server's programs, to its end; AssertionError with what it says."""
        done = subprocess.run(
            [program(name), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.directory,
            timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            **self.account,
        )
        log = self.log.read_text() if self.log.exists() else ""
        assert done.returncode == 0, f"{name}: {done.stdout}\n{log}"

    def control(self, verb: str, *more: str) -> None:
        """pg_ctl, waiting for its end; the server's own output goes to a file."""
        common = ("-D", str(self.data), "-w", "-t", "30", "-s", "-l", str(self.log))
        self.call("pg_ctl", verb, *common, *more)

    def start(self) -> int:
        """Starts the server; its port, which another program may have taken just before."""
        tries = 3
        while True:
            port, tries = free_port(), tries - 1
            try:
                self.control("start", "-o", f"-p {port}")
                return port
            except AssertionError as error:
                if not tries or "Address already in use" not in str(error):
                    raise

    def restart(self) -> None:
        """Ends all connections, as a fail-over does, and starts anew at the same port."""
        self.control("restart", "-m", "fast")

    def remove(self) -> None:
        """Stops the server and deletes what it has."""
        self.control("stop", "-m", "immediate")
        shutil.rmtree(self.directory, ignore_errors=True)
