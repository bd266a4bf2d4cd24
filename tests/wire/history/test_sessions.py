"""The history file that Carme shares with IPython: what is kept, who reads it, what goes wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wire.history.home import Home, end, history, ours

pytestmark = pytest.mark.one_python


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
