"""The history file that Carme shares with IPython: what is kept, who reads it, what goes wrong with it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.client import SLOW, TIMEOUT, Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel, clean_environment, reference
from harness.until import until

pytestmark = pytest.mark.one_python

Starter = Callable[..., Kernel]
Entry = list[Any]
PLACE = Path(".ipython", "profile_default", "history.sqlite")
ours = pytest.mark.skipif(not IS_CARME, reason="ipykernel does otherwise")


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


@pytest.fixture
def home(tmp_path: Path, start: Starter) -> Home:
    return Home(tmp_path / "lives", start)


@pytest.fixture
def peer(tmp_path_factory: pytest.TempPathFactory, home: Home) -> Iterator[Kernel]:
    kernel = Peer(
        tmp_path_factory.mktemp("peer"),
        reference(),
        environment={"HOME": str(home.directory)},
    )
    yield kernel
    kernel.stop()


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


class TestSessions:
    """What one kernel leaves for the next."""

    def test_the_next_kernel_has_the_cells(self, home: Home) -> None:
        home.session("'one'", "two = 2", "'one'")
        client = home.kernel().client()
        client.run("'three'")
        assert history(client) == [
            [1, 1, "'one'"],
            [1, 2, "two = 2"],
            [1, 3, "'one'"],
            [2, 1, "'three'"],
        ]
        assert history(client, n=2) == [[1, 3, "'one'"], [2, 1, "'three'"]]
        previous = history(client, hist_access_type="range", session=-1, start=2, stop=4)
        assert [entry[1:] for entry in previous] == [[2, "two = 2"], [3, "'one'"]]
        assert history(client, hist_access_type="range", session=1, start=3) == [[1, 3, "'one'"]]
        current = history(client, hist_access_type="range", session=0, start=1)
        assert current == [[0, 1, "'three'"]]
        found = history(client, hist_access_type="search", pattern="'*'", unique=True)
        assert found == [[1, 3, "'one'"], [2, 1, "'three'"]]

    def test_a_session_has_its_dates_and_number_of_cells(self, home: Home) -> None:
        home.session("1", "2", "1/0")
        ((start, stop, count, remark),) = home.ask(
            "SELECT start, end, num_cmds, remark FROM sessions"
        )
        assert (count, remark) == (3, "")
        assert start and stop.endswith("+00:00")

    def test_unstored_cells_are_not_kept(self, home: Home) -> None:
        kernel = home.kernel()
        client = kernel.client()
        client.run("'unstored'", store_history=False)
        client.run("'silent'", silent=True)
        client.run("'kept'")
        end(kernel, client)
        assert home.sources() == ["'kept'"]

    @pytest.mark.better("it makes its directory when it starts")
    def test_nothing_is_made_without_a_cell(self, home: Home) -> None:
        kernel = home.kernel()
        client = kernel.client()
        client.run("'unstored'", store_history=False)
        assert history(client) == []
        end(kernel, client)
        assert list(home.directory.iterdir()) == []

    def test_two_kernels_at_a_time(self, home: Home) -> None:
        clients = [home.kernel().client() for _ in range(2)]
        for turn in range(10):
            for number, client in enumerate(clients):
                client.run(f"{number}, {turn}")
        expected = sorted(f"{number}, {turn}" for number in range(2) for turn in range(10))
        assert sorted(home.sources(count=20)) == expected
        assert len(home.ask("SELECT DISTINCT session FROM history")) == 2

    def test_a_killed_kernel_has_lost_nothing_old(self, home: Home) -> None:
        kernel = home.kernel()
        client = kernel.client()
        for number in range(20):
            client.run(f"kept = {number}")
        assert len(home.sources(count=20)) == 20
        client.run("'last'")
        os.kill(kernel.pid, 9)
        kernel.wait_exit()
        assert home.ask("PRAGMA integrity_check") == [("ok",)]
        assert home.sources()[:20] == [f"kept = {number}" for number in range(20)]
        assert [entry[2] for entry in history(home.kernel().client())][0] == "kept = 0"

    @ours
    def test_outputs_are_kept_when_they_are_wanted(self, home: Home) -> None:
        home.session("40 + 1")
        home.session("40 + 2", CARME_HISTORY_OUTPUT="1")
        found = history(home.kernel().client(), output=True)
        assert found == [[1, 1, ["40 + 1", None]], [2, 1, ["40 + 2", "42"]]]

    @ours
    def test_another_file_or_none(self, home: Home, tmp_path: Path) -> None:
        other = tmp_path / "other.sqlite"
        home.session("'here'", CARME_HISTORY=str(other))
        home.session("'nowhere'", CARME_HISTORY="none")
        assert list(home.directory.iterdir()) == []
        home.file = other
        assert home.sources() == ["'here'"]

    def test_ipythondir(self, home: Home, tmp_path: Path) -> None:
        home.session("'here'", IPYTHONDIR=str(tmp_path / "ipython"))
        home.file = tmp_path / "ipython" / "profile_default" / "history.sqlite"
        assert home.sources() == ["'here'"]


class TestIPython:
    """The same file in other hands."""

    def test_ipython_finds_the_cells(self, home: Home) -> None:
        home.session("needle = 'ä'", "other = 1", "needle\n")
        # its own cells come behind these
        shown = home.ipython(
            "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", "%hist -g needle*"
        )
        assert "1/1: needle = 'ä'" in shown
        assert "1/3: needle" in shown

    def test_its_accessor_reads_all(self, home: Home) -> None:
        home.session("1", "2")
        code = (
            "from IPython.core.history import HistoryAccessor as A\n"
            "with A() as a: print(list(a.get_tail(9, include_latest=True)), a.get_session_info(1))"
        )
        shown = home.ipython("-c", code)
        assert "[(1, 1, '1'), (1, 2, '2')] (1, datetime.datetime(" in shown
        assert "2, '')" in shown

    def test_ipykernel_and_this_kernel_take_turns(self, home: Home, peer: Kernel) -> None:
        theirs = peer.client()
        theirs.run("'theirs'")
        assert home.sources(count=1) == ["'theirs'"]
        kernel = home.kernel()
        client = kernel.client()
        client.run("'ours'")
        assert [entry[2] for entry in history(client)] == ["'theirs'", "'ours'"]
        assert home.sources(count=2) == ["'theirs'", "'ours'"]
        found = history(theirs, hist_access_type="search", pattern="'*'")
        assert [entry[2] for entry in found] == ["'theirs'", "'ours'"]
        end(kernel, client)
        theirs.run("'again'")
        assert home.sources(count=3) == ["'theirs'", "'again'", "'ours'"]


@ours
class TestTrouble:
    """A file that can not be used costs a line in the log, never a cell."""

    def is_well(self, home: Home, **environment: str) -> Kernel:
        """Cells run, this session has a history, and the kernel ends, whoever holds the file."""
        kernel = home.kernel(**environment)
        client = kernel.client()
        assert client.run("40 + 2").result == "42"
        client.run("'two'")
        assert [entry[2] for entry in history(client)][-2:] == ["40 + 2", "'two'"]
        end(kernel, client)
        return kernel

    def test_locked(self, home: Home) -> None:
        home.session("'old'")
        with contextlib.closing(sqlite3.connect(home.file)) as db:
            db.execute("BEGIN EXCLUSIVE")
            kernel = self.is_well(home)
        assert len(warnings(kernel)) == 1 and "locked" in warnings(kernel)[0]
        assert home.sources() == ["'old'"]

    def test_locked_for_a_while(self, home: Home) -> None:
        home.session("'old'")
        client = home.kernel().client()
        with contextlib.closing(sqlite3.connect(home.file)) as db:
            db.execute("BEGIN EXCLUSIVE")
            client.run("'new'")
            time.sleep(0.3 * SLOW)  # the file stays locked for this long
        assert home.sources(count=2) == ["'old'", "'new'"]

    def test_corrupt(self, home: Home) -> None:
        home.file.parent.mkdir(parents=True)
        home.file.write_bytes(b"no database" * 3000)
        kernel = self.is_well(home)
        assert home.sources() == ["40 + 2", "'two'"]
        (kept,) = home.file.parent.glob("history-corrupt-*.sqlite")
        assert kept.read_bytes() == b"no database" * 3000
        assert str(kept) in "".join(warnings(kernel))

    def test_named_and_no_history(self, home: Home, tmp_path: Path) -> None:
        thesis = tmp_path / "thesis.tex"
        thesis.write_text("\\documentclass{article}")
        kernel = self.is_well(home, CARME_HISTORY=str(thesis))
        assert thesis.read_text() == "\\documentclass{article}"
        assert len(warnings(kernel)) == 1

    @pytest.mark.parametrize(
        "sql", ["PRAGMA user_version = 9", "CREATE TABLE history (somebody, elses)"]
    )
    def test_from_the_future(self, home: Home, sql: str) -> None:
        home.script(sql)
        before = home.file.read_bytes()
        kernel = self.is_well(home)
        assert home.file.read_bytes() == before
        assert len(warnings(kernel)) == 1 and "not of the kind" in warnings(kernel)[0]

    def test_no_place(self, home: Home) -> None:
        # a file where a directory should be stops the superuser, too
        (home.directory / ".ipython").write_text("")
        kernel = self.is_well(home)
        assert len(warnings(kernel)) == 1 and "can not be opened" in warnings(kernel)[0]

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for the superuser")
    def test_read_only(self, home: Home) -> None:
        home.session("'old'")
        home.file.chmod(0o400)
        home.file.parent.chmod(0o500)
        try:
            kernel = home.kernel()
            client = kernel.client()
            client.run("'new'")
            assert [entry[2] for entry in history(client)] == ["'old'", "'new'"]
            end(kernel, client)
        finally:
            home.file.parent.chmod(0o700)
        assert len(warnings(kernel)) == 1
        assert home.sources() == ["'old'"]


class TestNeighbours:
    """The user's own SQLite beside the kernel's."""

    @pytest.mark.every_python
    def test_the_python_keeps_its_own(self, home: Home) -> None:
        client = home.kernel().client()
        client.run("'kept'")
        assert home.sources(count=1) == ["'kept'"]
        code = (
            "import sqlite3, subprocess, sys\n"
            "ask = 'import sqlite3; print(sqlite3.sqlite_version)'\n"
            "own = subprocess.run([sys.executable, '-c', ask], capture_output=True, text=True)\n"
            "own.stdout.strip() == sqlite3.sqlite_version"
        )
        assert client.run(code).result == "True"

    def test_children_use_sqlite(self, home: Home) -> None:
        client = home.kernel().client()
        code = (
            "import multiprocessing, sqlite3\n"
            "def work(n):\n"
            "    with sqlite3.connect(':memory:') as db:\n"
            "        return db.execute('SELECT ?', (n,)).fetchone()[0]\n"
            "with multiprocessing.get_context('fork').Pool(4) as pool:\n"
            "    total = sum(pool.map(work, range(40)))\n"
            "total"
        )
        for _ in range(5):
            assert client.run(code).result == "780"
        assert len(home.sources(count=5)) == 5

    def test_a_cell_reads_the_file(self, home: Home) -> None:
        client = home.kernel().client()
        client.run("import sqlite3")
        assert home.sources(count=1) == ["import sqlite3"]
        code = (
            f"with sqlite3.connect({str(home.file)!r}) as db:\n"
            "    rows = db.execute('SELECT line, source FROM history WHERE line = 1').fetchall()\n"
            "rows"
        )
        assert client.run(code).result == "[(1, 'import sqlite3')]"


@ours
def test_what_nbclient_says_of_the_history_file(home: Home) -> None:
    """It gives kernels that are called python3 an option of IPython's."""
    kernel = home.start(
        environment={"HOME": str(home.directory)},
        arguments=["--HistoryManager.hist_file=:memory:"],
    )
    client = kernel.client()
    client.execute("'not kept'")
    end(kernel, client)
    assert not home.file.exists()


WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")


@ours
@pytest.mark.parametrize("first", ["pass", "import IPython"])
def test_the_magic_searches_all_sessions(home: Home, first: str) -> None:
    """The small shell's own, and IPython's."""
    home.session("needle = 1", "needle = 2\nneedle")
    client = home.start(environment={"HOME": str(home.directory)}, path=WIDGETS).client()
    client.run(first)
    client.run("other = 3")
    found = client.run("%history -g needle").stdout
    assert found.startswith(" 1/1: needle = 1\n 1/2:\nneedle = 2\nneedle\n")
    assert found.endswith("   3: %history -g needle\n")
    last = client.run("%history -n -l 2").stdout
    assert last == "   2: other = 3\n   3: %history -g needle\n"


@ours
def test_ipythons_history_manager_reads(home: Home) -> None:
    home.session("old = 1", "old")
    client = home.start(environment={"HOME": str(home.directory)}, path=WIDGETS).client()
    client.run("import IPython\nhistory = get_ipython().history_manager")
    client.run("new = 2")
    assert client.run("history.session_number").result == "2"
    tail = "list(history.get_tail({}))"
    assert client.run(tail.format("1")).result == "[(2, 3, 'history.session_number')]"
    latest = client.run(tail.format("1, include_latest=True")).result
    assert "(2, 5, " in str(latest)
    assert client.run("list(history.search('old*'))").result == "[(1, 1, 'old = 1'), (1, 2, 'old')]"
    assert client.run("list(history.get_range(1))").result == "[(1, 1, 'old = 1'), (1, 2, 'old')]"
    assert client.run("list(history.get_range(-1, 2))").result == "[(1, 2, 'old')]"
    assert client.run("list(history.get_range(0, 2, 3))").result == "[(0, 2, 'new = 2')]"
