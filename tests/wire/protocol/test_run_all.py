"""
"Run all" of a notebook under a kernel that fails faster than the next cell arrives.

Dates are given by the tests: what counts is when the client made a request, by its own clock.
"""

from __future__ import annotations

from typing import Any

import pytest

from harness.client import Client
from harness.kernels import IS_CARME

pytestmark = [
    pytest.mark.one_python,
    pytest.mark.skipif(not IS_CARME, reason="a promise of Carme's"),
]

FAILED_AT = "2026-11-01T10:00:00.000Z"  # as JupyterLab writes it


def cell(client: Client, code: str, date: str, **metadata: str) -> dict[str, Any]:
    """An execute_request made at `date`; its header."""
    content = {"code": code, "stop_on_error": True}
    return client.send("execute_request", content, header={"date": date}, metadata=metadata)


def fail(client: Client, **metadata: str) -> None:
    """A cell fails, and its client has the answer."""
    request = cell(client, "1 / 0", FAILED_AT, **metadata)
    assert client.reply(request).content["status"] == "error"
    client.until_idle(request)


def status(client: Client, request: dict[str, Any]) -> str:
    return str(client.reply(request).content["status"])


def test_cells_made_before_the_answer_are_aborted(client: Client) -> None:
    fail(client, cellId="one")
    for index in range(3):
        date = f"2026-11-01T10:00:00.0{index}0Z"
        late = cell(client, "never_run = True", date, cellId=f"two{index}")
        assert status(client, late) == "aborted"
    assert client.run("'never_run' in globals()").result == "False"


def test_a_cell_made_later_runs(client: Client) -> None:
    fail(client, cellId="one")
    assert status(client, cell(client, "1", "2026-11-01T10:00:09.000Z", cellId="two")) == "ok"
    # and it ends the matter, whatever the clock says then
    assert status(client, cell(client, "1", FAILED_AT, cellId="two")) == "ok"


def test_a_script_goes_on_at_once(client: Client) -> None:
    """It names no cells: what it sends after an error, it sends because of it."""
    fail(client)
    assert status(client, cell(client, "1", FAILED_AT)) == "ok"


def test_another_session_is_not_meant(client: Client, kernel: Any) -> None:
    fail(client, cellId="one")
    other = kernel.client()
    assert status(other, cell(other, "1", FAILED_AT, cellId="two")) == "ok"


@pytest.mark.parametrize("date", ["", "yesterday", "2026-11-01", "x" * 500, None, 5])
def test_a_date_that_is_none(client: Client, date: Any) -> None:
    fail(client, cellId="one")
    assert status(client, cell(client, "1", date, cellId="two")) == "ok"
