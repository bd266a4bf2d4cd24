"""JupyterLab in a browser: what a user of Carme does and sees."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from playwright.sync_api import Page, expect

from harness import kernels
from lab import notebook
from lab.conftest import Opener
from lab.notebook import LOAD, Notebook
from lab.outputs import mime, picture_size, stderr, stdout
from lab.server import Server

TABLE = """\
import pandas as pd
pd.DataFrame({"moon": ["Luna", "Carme", "Io"], "radius": [1737.4, 23.4, 1821.6]})"""
FIGURE = """\
import io
import matplotlib
matplotlib.use("agg")
from matplotlib import pyplot

class Drawn:
    def __init__(self, figure):
        self.figure = figure

    def _repr_png_(self):
        file = io.BytesIO()
        self.figure.savefig(file, format="png", dpi=60)
        return file.getvalue()

figure, axes = pyplot.subplots(figsize=(5, 2))
axes.plot([0, 1, 4, 9])
Drawn(figure)"""
SVG = """\
class Circle:
    def _repr_svg_(self):
        return ('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">'
                '<circle cx="30" cy="30" r="25" fill="#7b68ee"/></svg>')

Circle()"""


# ---------------------------------------------------------------------------------------------
# The launcher


def test_launcher(page: Page, server: Server) -> None:
    """The kernel's name and logo; a click opens a notebook that computes."""
    page.goto(f"{server.url}lab?reset&token={server.token}", wait_until="commit", timeout=LOAD)
    card = page.locator('.jp-LauncherCard[data-category="Notebook"]')
    expect(card).to_have_count(1, timeout=LOAD)
    expect(card).to_have_text(re.compile(r"^Python 3\.\d+ \(Carme\)$"))
    logo = card.locator("img")
    assert min(picture_size(logo)) > 0
    shown = page.request.get(f"{server.url.rstrip('/')}{logo.get_attribute('src')}").body()
    assert shown == (kernels.ROOT / "kernelspec" / "logo-svg.svg").read_bytes()
    opened = Notebook(page, server, server.root / "Untitled.ipynb")
    opened.shot("launcher")
    card.click()
    opened.ready()
    opened.type(0, "6 * 7")
    expect(opened.run(0)).to_contain_text("42")
    server.end_kernels()


def test_console(page: Page, server: Server) -> None:
    """Lab's console: Shift+Enter computes, the arrow brings the line back from history."""
    page.goto(f"{server.url}lab?reset&token={server.token}", wait_until="commit", timeout=LOAD)
    page.locator('.jp-LauncherCard[data-category="Console"]').click(timeout=LOAD)
    prompt = page.locator(".jp-CodeConsole-promptCell .cm-content")
    expect(page.locator(".jp-CodeConsole-banner")).to_contain_text("Python 3.")
    prompt.click()
    results = mime(page.locator(".jp-CodeConsole-content .jp-CodeCell"), "text/plain")
    # Lab forgets a line that was run before the history had come for which it asks at the start
    for line, result in (("1", "1"), ("6 * 7", "42")):
        page.keyboard.type(line)
        page.keyboard.press("Shift+Enter")
        expect(results.last).to_have_text(result)
    expect(prompt).to_have_text("")
    page.keyboard.press("ArrowUp")
    expect(prompt).to_have_text("6 * 7")
    page.screenshot(path=notebook.picture("console"))
    server.end_kernels()


# ---------------------------------------------------------------------------------------------
# Outputs


def test_outputs_and_file(open_notebook: Opener) -> None:
    """Text, table, pictures: each drawn as what it is, and kept in a valid file."""
    opened = open_notebook(
        "import sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)\n{'a': [1, 2]}",
        TABLE,
        FIGURE,
        SVG,
    )
    text = opened.run(0)
    expect(stdout(text)).to_have_text("to stdout\n")
    expect(stderr(text)).to_have_text("to stderr\n")
    expect(mime(text, "text/plain")).to_have_text("{'a': [1, 2]}")
    expect(text.locator(".jp-OutputPrompt").last).to_have_text("[1]:")
    table = opened.run(1).locator("table.dataframe")
    expect(table.locator("thead th")).to_have_text(["", "moon", "radius"])
    expect(table.locator("tbody tr").nth(1)).to_contain_text("Carme")
    assert picture_size(mime(opened.run(2), "image/png").locator("img")) == [300, 120]
    assert picture_size(mime(opened.run(3), "image/svg+xml").locator("img")) == [60, 60]
    opened.cells.nth(3).scroll_into_view_if_needed()
    opened.shot("outputs")
    check_file(opened)


def check_file(opened: Notebook) -> None:
    """Saves the notebook of test_outputs_and_file and looks into the file."""
    file = opened.save()
    nbformat.validate(file)
    cells = [cell for cell in file["cells"] if cell["source"]]
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3, 4]
    kinds = [[output["output_type"] for output in cell["outputs"]] for cell in cells]
    assert kinds == [["stream", "stream", "execute_result"]] + 3 * [["execute_result"]]
    mimes = [set(cell["outputs"][-1]["data"]) for cell in cells]
    plain = "text/plain"
    assert mimes == [{plain}, {plain, "text/html"}, {plain, "image/png"}, {plain, "image/svg+xml"}]
    assert file["metadata"]["kernelspec"]["name"] == "carme"
    assert file["metadata"]["language_info"]["name"] == "python"


def test_display_is_updated(open_notebook: Opener) -> None:
    """One place in the output, shown again by a later cell."""
    opened = open_notebook("place = display('before', display_id=True)", "place.update('after')")
    first = opened.run(0)
    expect(mime(first, "text/plain")).to_have_text("'before'")
    opened.run(1)
    expect(mime(first, "text/plain")).to_have_text("'after'")
    expect(opened.output(1).locator(".jp-OutputArea-output")).to_have_count(0)


def test_traceback(open_notebook: Opener) -> None:
    """Coloured, with the lines of the cells that are on the way."""
    opened = open_notebook(
        "def share(cake, guests):\n    return cake / guests",
        "cake = 12\nfor guests in (3, 0):\n    print(share(cake, guests))",
        "import json\n\ntry:\n    json.loads('[1,')\nexcept ValueError as error:\n"
        "    raise RuntimeError('no list') from error",
        "print('never'",
    )
    opened.run(0)
    trace = stderr(opened.run(1))
    expect(stdout(opened.output(1))).to_have_text("4.0\n")
    expect(trace).to_contain_text("ZeroDivisionError: division by zero")
    expect(trace).to_contain_text("print(share(cake, guests))")
    expect(trace).to_contain_text("return cake / guests")
    expect(trace).not_to_contain_text("\x1b")
    assert trace.locator('[class*="ansi-"]').count() > 5
    opened.shot("traceback")
    trace = stderr(opened.run(2))
    expect(trace).to_contain_text("JSONDecodeError")
    expect(trace).to_contain_text("direct cause")
    expect(trace).to_contain_text("RuntimeError: no list")
    trace = stderr(opened.run(3))
    expect(trace).to_contain_text("SyntaxError")
    opened.shot("traceback-chained")


def test_traceback_of_an_await(open_notebook: Opener) -> None:
    """It begins with the user's line: how the kernel runs its loop is not the user's concern."""
    opened = open_notebook(
        "import asyncio\n\nasync def fail():\n    await asyncio.sleep(0)\n    1 / 0",
        "await fail()",
    )
    opened.run(0)
    trace = stderr(opened.run(1))
    expect(trace).to_contain_text("ZeroDivisionError: division by zero")
    opened.shot("traceback-await")
    expect(trace).not_to_contain_text("run_until_complete")


def test_output_comes_while_the_cell_runs(open_notebook: Opener, tmp_path: Path) -> None:
    """The first text is there before the cell may write the second, whoever writes."""
    writes = ("print(text)", "os.write(1, text.encode())", "os.system('echo ' + text)")
    opened = open_notebook(
        "import os, pathlib, time\n\ndef run(write, gate):\n    write('first')\n"
        "    while not gate.exists():\n        time.sleep(0.01)\n    write('second')",
        *(
            f"run(lambda text: {write}, pathlib.Path({str(tmp_path)!r}) / '{index}')"
            for index, write in enumerate(writes)
        ),
    )
    opened.run(0)
    for index in range(len(writes)):
        written = stdout(opened.start(1 + index))
        expect(written).to_have_text(re.compile(r"^first\n?$"))
        expect(opened.prompt(1 + index)).to_have_text("[*]:")
        opened.busy()
        (tmp_path / str(index)).touch()
        opened.done(1 + index)
        expect(written).to_have_text(re.compile(r"^first\n?second\n?$"))


# ---------------------------------------------------------------------------------------------
# Questions of the kernel


def test_input(open_notebook: Opener) -> None:
    """A box with the prompt; the answer stays in the output and reaches the program."""
    opened = open_notebook("name = input('Your name? ')\nprint(f'Hello, {name}!')")
    opened.start(0)
    asked = opened.output(0).locator(".jp-Stdin")
    expect(asked.locator(".jp-Stdin-prompt")).to_have_text("Your name? ")
    expect(asked.locator("input")).to_be_focused()
    opened.page.keyboard.type("Zoë 🌙")
    opened.shot("input-asks")
    opened.page.keyboard.press("Enter")
    opened.done(0)
    expect(stdout(opened.output(0)).last).to_have_text("Hello, Zoë 🌙!\n")
    expect(opened.output(0)).to_contain_text("Your name? Zoë 🌙")
    expect(opened.output(0).locator("input")).to_have_count(0)
    opened.shot("input-answered")


def test_getpass(open_notebook: Opener) -> None:
    """A field that hides what is typed; the secret is not in the file."""
    opened = open_notebook("from getpass import getpass\nlen(getpass('Key: '))")
    opened.start(0)
    field = opened.output(0).locator(".jp-Stdin input")
    expect(field).to_have_attribute("type", "password")
    opened.page.keyboard.type("hunter2hunter")
    opened.shot("getpass")
    opened.page.keyboard.press("Enter")
    opened.done(0)
    expect(mime(opened.output(0), "text/plain").last).to_have_text("13")
    opened.save()
    assert "hunter2" not in opened.path.read_text()


# ---------------------------------------------------------------------------------------------
# Help while typing


def test_completion(open_notebook: Opener) -> None:
    """Tab lists what fits, with types; Enter takes one."""
    opened = open_notebook(
        "import math\nclass Moon:\n    radius = 23.4\n    def rise(self): ...", ""
    )
    opened.run(0)
    opened.type(1, "math.is")
    opened.page.keyboard.press("Tab")
    items = opened.page.locator(".jp-Completer-item")
    names = [name for name in dir(__import__("math")) if name.startswith("is")]
    expect(items.first).to_be_visible()
    shown = items.locator(".jp-Completer-match").all_text_contents()
    assert sorted(shown) == sorted(names)
    expect(items.first.locator(".jp-Completer-typeExtended")).to_have_text("function")
    opened.shot("completion")
    opened.page.keyboard.press("Enter")
    expect(opened.editor(1)).to_have_text(f"math.{shown[0]}")
    opened.page.keyboard.type("; Moon.r")
    opened.page.keyboard.press("Tab")
    expect(items.locator(".jp-Completer-match")).to_have_text(["radius", "rise"])
    kinds = items.locator(".jp-Completer-typeExtended").all_text_contents()
    assert kinds == ["instance", "function"]


def test_tooltip(open_notebook: Opener) -> None:
    """Shift+Tab inside a call shows signature and docstring."""
    opened = open_notebook(
        "def orbit(radius: float, *, period: int = 734) -> str:\n"
        '    """How far, how long."""\n    return ""',
        "",
    )
    opened.run(0)
    opened.type(1, "orbit(")
    opened.page.keyboard.press("Shift+Tab")
    tip = opened.page.locator(".jp-Tooltip")
    expect(tip).to_contain_text("radius: float, *, period: int = 734")
    expect(tip).to_contain_text("How far, how long.")
    opened.shot("tooltip")
