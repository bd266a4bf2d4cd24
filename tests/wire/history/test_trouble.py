"""History files that can not be used or are used by others, too."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path

import pytest

from harness.client import SLOW
from harness.kernels import Kernel
from wire.history.home import Home, end, history, ours, warnings

pytestmark = pytest.mark.one_python


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
