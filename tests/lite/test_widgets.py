"""ipywidgets in the page: moved by the keyboard and the mouse, as a pupil does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from lite.conftest import ROOT, SIZE, shot
from lite.kernel import START
from lite.server import Server
from lite.test_page import Opened, notebook

SITE = ROOT / "build" / "lite-widgets-site"
CELLS = (
    "from ipywidgets import interact\n\n@interact(n=(0, 10))\ndef square(n=3):\n"
    "    print(f'{n} squared is {n * n}')",
    "import asyncio\nfrom ipywidgets import FloatProgress\nbar = FloatProgress(max=4)\n"
    "display(bar)\nfor step in range(5):\n    bar.value = step\n    await asyncio.sleep(0.1)\n"
    "print('full at', bar.value)",
    "from ipywidgets import Button, Output\nbutton, out = Button(description='Press'), Output()\n"
    "def pressed(_):\n    with out:\n        print('pressed')\n        display({'text/html': '<b>bold</b>'},"
    " raw=True)\nbutton.on_click(pressed)\ndisplay(button, out)",
    "from ipywidgets import IntSlider\nwaited = IntSlider(value=1, max=9)\ndisplay(waited)\n"
    "while waited.value == 1:\n    await asyncio.sleep(0.05)\nprint('moved to', waited.value)",
)


@pytest.fixture(params=[True, False], ids=["isolated", "plain"])
def opened(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """The notebook in the site with widgets."""
    assert (SITE / "serve.py").exists(), "no site: run `make lite-widgets-site`"
    server = Server(SITE, request.param)
    server.configure(exposeAppInBrowser=True)
    server.put_files({"page.ipynb": notebook(*CELLS)})
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(START)
    page.goto(f"{server.url}lab/index.html?path=page.ipynb", wait_until="commit")
    made = Opened(page)
    made.idle()
    yield made
    context.close()
    server.close()


def test_widgets(opened: Opened) -> None:
    """A slider by keyboard and mouse, a progress bar, a button, a slider that a cell awaits."""
    check: list[Callable[[Opened], None]] = [interact, progress, button, awaited]
    for each in check:
        each(opened)


def interact(opened: Opened) -> None:
    opened.run(0)
    output = opened.output(0)
    expect(output).to_contain_text("3 squared is 9")
    handle = output.locator(".noUi-handle")
    handle.focus()
    opened.page.keyboard.press("ArrowRight")
    expect(output).to_contain_text("4 squared is 16")
    expect(output).not_to_contain_text("3 squared is 9")
    box, track = handle.bounding_box(), output.locator(".noUi-base").bounding_box()
    assert box and track
    mouse = opened.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(track["x"] + track["width"] + 20, box["y"] + box["height"] / 2, steps=10)
    mouse.up()
    expect(output).to_contain_text("10 squared is 100")
    shot(opened.page, "lite-widgets-slider")


def progress(opened: Opened) -> None:
    opened.run(1)
    output = opened.output(1)
    expect(output).to_contain_text("full at 4.0")
    style = output.locator(".progress-bar").get_attribute("style") or ""
    assert "width: 100%" in style


def button(opened: Opened) -> None:
    opened.run(2)
    output = opened.output(2)
    output.locator("button", has_text="Press").click()
    expect(output).to_contain_text("pressed")
    expect(output.locator("b")).to_have_text("bold")


def awaited(opened: Opened) -> None:
    opened.start(3)
    handle = opened.output(3).locator(".noUi-handle")
    handle.focus()
    opened.page.keyboard.press("ArrowRight")
    expect(opened.output(3)).to_contain_text("moved to 2")
    shot(opened.page, "lite-widgets")
