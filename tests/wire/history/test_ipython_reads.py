"""IPython reads what the kernel has written."""

from __future__ import annotations

import pytest

from harness.kernels import ENVIRONMENTS, Kernel
from wire.history.home import Home, end, history, ours

pytestmark = pytest.mark.one_python


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
