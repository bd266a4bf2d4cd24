"""Objects whose representations raise: the others are shown, the cell goes on, as in IPython."""

from __future__ import annotations

from harness.client import Client

SETUP = """
class Bad:
    def __repr__(self): return 1 / 0
class BadText(Bad):
    def _repr_html_(self): return "<b>shown</b>"
class Leaving:
    def __repr__(self): raise SystemExit(3)
"""


def kinds(cell) -> list[str]:
    return [message.type for message in cell.outputs]


def test_display_goes_on(client: Client) -> None:
    client.run(SETUP)
    cell = client.run("display(Bad()); print('after')")
    assert kinds(cell) == ["error", "stream"]
    assert cell.stdout == "after\n"
    assert cell.outputs[0].content["ename"] == "ZeroDivisionError"
    cell = client.run("display(BadText())")
    assert kinds(cell) == ["error", "display_data"]
    assert cell.outputs[1].content["data"] == {"text/html": "<b>shown</b>"}


def test_a_result_fails_its_cell(client: Client) -> None:
    client.run(SETUP)
    cell = client.execute("BadText()")
    assert kinds(cell) == ["error", "execute_result"]
    assert cell.status == "error"
    assert client.run("type(_).__name__").result == "'BadText'"
    cell = client.execute("[Bad()]")
    assert kinds(cell) == ["error"]
    assert cell.status == "error"


def test_leaving_is_not_kept_back(client: Client) -> None:
    client.run(SETUP)
    assert (
        client.execute("display(Leaving()); print('after')").reply.content["ename"] == "SystemExit"
    )
