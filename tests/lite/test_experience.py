"""What a notebook's cell is used to: rich output, tracebacks, code help, magics."""

from __future__ import annotations

from typing import Any

import pytest

from lite.conftest import Opener, on, shot
from lite.kernel import Kernel, Outcome
from lite.server import Server
from lite.test_page import Opened, notebook

BOTH = on("isolated-shared", "plain-serviceworker")
RED = "\x1b["


def kinds(outcome: Outcome) -> list[str]:
    """The types of what a cell has sent."""
    return [each["type"] for each in outcome.outputs]


def shown(outcome: Outcome) -> dict[str, Any]:
    """The data of its first display."""
    found = [o for o in outcome.outputs if o["type"] in ("display_data", "execute_result")]
    data: dict[str, Any] = found[0]["content"]["data"]
    return data


@BOTH
def test_display_and_its_update(kernel: Kernel) -> None:
    outcome = kernel.run(
        "handle = display('a', display_id='one')\nhandle.update('b')\n"
        "clear_output(wait=True)\nprint('c')"
    )
    assert kinds(outcome) == ["display_data", "update_display_data", "clear_output", "stream"]
    first, second, cleared = (each["content"] for each in outcome.outputs[:3])
    assert first["transient"] == second["transient"] == {"display_id": "one"}
    assert second["data"]["text/plain"] == "'b'"
    assert cleared == {"wait": True}


@BOTH
@pytest.mark.parametrize(
    ("method", "mime", "value", "sent"),
    [
        ("_repr_html_", "text/html", "'<i>x</i>'", "<i>x</i>"),
        ("_repr_svg_", "image/svg+xml", "'<svg/>'", "<svg/>"),
        ("_repr_png_", "image/png", "b'\\x89PNG'", "iVBORw=="),
        ("_repr_latex_", "text/latex", "'$x$'", "$x$"),
        ("_repr_markdown_", "text/markdown", "'*x*'", "*x*"),
    ],
)
def test_rich_results(kernel: Kernel, method: str, mime: str, value: str, sent: str) -> None:
    outcome = kernel.run(f"class A:\n    def {method}(self):\n        return {value}\nA()")
    data = shown(outcome)
    assert data[mime].strip() == sent
    assert data["text/plain"].startswith("<__main__.A at 0x")


@BOTH
def test_a_traceback_has_colours_and_context(kernel: Kernel) -> None:
    outcome = kernel.run(
        "def inner():\n    value = {}\n    return value['gone']\n"
        "try:\n    inner()\nexcept KeyError as error:\n    raise ValueError('why') from error"
    )
    assert outcome.error == "ValueError"
    assert RED in "\n".join(outcome.reply["traceback"])
    for text in ("value = {}", "KeyError: 'gone'", "direct cause", "ValueError: why", "inner()"):
        assert text in outcome.traceback


@BOTH
def test_a_syntax_error_has_a_caret(kernel: Kernel) -> None:
    outcome = kernel.run("x = 1\ny = (2 +* 3)")
    assert outcome.error == "SyntaxError"
    lines = outcome.traceback.splitlines()
    place = next(n for n, line in enumerate(lines) if "2 +* 3" in line)
    assert lines[place + 1].strip().startswith("^")
    assert lines[place + 1].index("^") == lines[place].index("*")


@BOTH
@pytest.mark.parametrize(
    ("code", "stream"),
    [
        ("%time sum(range(10))", "Wall time"),
        ("%%time\ntotal = sum(range(10))", "Wall time"),
        ("%timeit -n 2 -r 2 pass", "per loop"),
        ("%%capture held\nprint('kept')", ""),
    ],
)
def test_magics(kernel: Kernel, code: str, stream: str) -> None:
    outcome = kernel.run(code)
    assert not outcome.error, outcome.traceback
    assert stream in outcome.text
    if not stream:
        assert outcome.text == ""
        assert kernel.run("held.stdout").value == "'kept\\n'"


@BOTH
def test_html_cell(kernel: Kernel) -> None:
    assert shown(kernel.run("%%html\n<b>bold</b>"))["text/html"].strip() == "<b>bold</b>"


@BOTH
def test_a_shell_line_says_that_it_cannot(kernel: Kernel) -> None:
    outcome = kernel.run("!ls")
    assert outcome.error
    assert "browser" in outcome.traceback


def test_completion_shows_types(servers: dict[bool, Server], open_page: Opener) -> None:
    """The page's own completer, opened by Tab."""
    server = servers[True]
    server.put_files({"help.ipynb": notebook("vectorial = 1\ndef vector_sum(): pass", "vector")})
    page = open_page(server, path="help.ipynb")
    opened = Opened(page)
    opened.idle()
    opened.run(0)
    opened.cells.nth(1).locator(".cm-content").click()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    rows = page.locator(".jp-Completer-item")
    row = rows.filter(has_text="vector_sum")
    row.wait_for()
    assert row.locator(".jp-Completer-type").get_attribute("data-color-index") is not None
    assert "function" in (row.locator(".jp-Completer-typeExtended").text_content() or "")
    shot(page, "lite-completion")
