"""
JupyterLab in a browser, with IPython and ipywidgets in the kernel's environment: widgets that are
moved, a figure that is zoomed, help while typing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from lab.conftest import NewServer, Opener, quiet
from lab.notebook import Notebook
from lab.server import Server

SQUARE = """\
from ipywidgets import interact

@interact(x=(0, 10))
def square(x=5):
    print(f"{x} squared is {x * x}")"""
FIGURE = """\
%matplotlib widget
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(5, 3))
line = axes.plot([0, 1, 4, 9, 16])
limits = before = axes.get_xlim(), axes.get_ylim()"""
# The drag's messages may still be on their way when the cell begins
LIMITS = """\
import asyncio, json

for _ in range(3000):
    limits = axes.get_xlim(), axes.get_ylim()
    if limits != before:
        break
    await asyncio.sleep(0.01)
print(json.dumps([before, limits]))"""
BAR = """\
import time
from tqdm.notebook import tqdm

for _ in tqdm(range(50), desc="filling"):
    time.sleep(0.01)"""
ORBIT = '''\
def orbit(radius: float, *, period: int = 734) -> str:
    """How far, how long."""
    return ""'''


@pytest.fixture(scope="module")
def server(new_server: NewServer) -> Iterator[Server]:
    """A server for the environment with IPython, with the front ends that lie in it."""
    yield from quiet(new_server("widgets"))


def drag(opened: Notebook, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Moves the mouse with its button down; points in pixels of the page."""
    mouse = opened.page.mouse
    mouse.move(*start)
    mouse.down()
    mouse.move(*end, steps=5)
    mouse.up()


def point(where: Locator, across: float, down: float) -> tuple[float, float]:
    """A point of the page: fractions of an element's width and height, from its upper left."""
    box = where.bounding_box()
    assert box
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


# ---------------------------------------------------------------------------------------------
# Widgets


def test_interact(open_notebook: Opener) -> None:
    """The text follows the slider, moved by key and by mouse."""
    opened = open_notebook(SQUARE)
    output = opened.run(0)
    handle = output.locator(".widget-slider .noUi-handle")
    text = output.locator(".widget-output")
    expect(text).to_have_text("5 squared is 25\n")
    opened.shot("interact-before")
    handle.focus()
    opened.page.keyboard.press("ArrowRight")
    expect(text).to_have_text("6 squared is 36\n")
    track = output.locator(".widget-slider .noUi-base")
    drag(opened, point(handle, 0.5, 0.5), point(track, 0.9, 0.5))
    expect(text).to_have_text("9 squared is 81\n")
    expect(output.locator(".widget-readout")).to_have_text("9")
    opened.idle()
    opened.shot("interact-after")


def test_figure_zooms(open_notebook: Opener) -> None:
    """ipympl: the toolbar's zoom, a drag, and the axes show the rectangle alone."""
    opened = open_notebook(FIGURE, LIMITS)
    output = opened.run(0)
    canvas = output.locator(".jupyter-matplotlib-canvas-container canvas").last
    expect(canvas).to_be_visible()
    canvas.hover()
    output.locator('.jupyter-matplotlib-toolbar button[title*="Zoom to rectangle"]').click()
    opened.shot("figure-before")
    drag(opened, point(canvas, 0.3, 0.4), point(canvas, 0.6, 0.8))
    before, after = json.loads(opened.run(1).inner_text())
    for (low, high), (new_low, new_high) in zip(before, after):
        assert low < new_low < new_high < high
        assert new_high - new_low < 0.6 * (high - low)
    opened.cells.nth(0).scroll_into_view_if_needed()
    opened.shot("figure-after")


def test_bar_fills(open_notebook: Opener) -> None:
    """tqdm's bar reaches its end, in number and in width."""
    opened = open_notebook(BAR)
    output = opened.run(0)
    expect(output).to_contain_text("filling: 100%")
    expect(output).to_contain_text("50/50")
    bar = output.locator(".widget-hprogress .progress-bar")
    expect(bar).to_have_class("progress-bar progress-bar-success")
    assert bar.evaluate("b => b.style.width") == "100%"
    opened.shot("tqdm")


# ---------------------------------------------------------------------------------------------
# Help while typing: as without IPython, test_lab.py


@pytest.mark.parametrize("imported", ["", "import IPython\n"], ids=["plain", "ipython"])
def test_completion(open_notebook: Opener, imported: str) -> None:
    """Tab lists what fits, with types, before IPython has been imported and after."""
    opened = open_notebook(f"{imported}import math", "")
    opened.run(0)
    opened.type(1, "math.s")
    opened.page.keyboard.press("Tab")
    items = opened.page.locator(".jp-Completer-item")
    expect(items.first).to_be_visible()
    names = [name for name in dir(__import__("math")) if name.startswith("s")]
    kinds = items.locator(".jp-Completer-typeExtended").all_text_contents()
    opened.shot(f"completion-{'ipython' if imported else 'plain'}")
    assert sorted(items.locator(".jp-Completer-match").all_text_contents()) == sorted(names)
    assert kinds == ["function"] * len(names)


@pytest.mark.parametrize("imported", ["", "import IPython\n"], ids=["plain", "ipython"])
def test_tooltip(open_notebook: Opener, imported: str) -> None:
    """Shift+Tab inside a call shows signature and docstring of the user's function."""
    opened = open_notebook(imported + ORBIT, "")
    opened.run(0)
    opened.type(1, "orbit(")
    opened.page.keyboard.press("Shift+Tab")
    tip = opened.page.locator(".jp-Tooltip")
    expect(tip).to_contain_text("radius: float, *, period: int = 734")
    expect(tip).to_contain_text("How far, how long.")
    opened.shot(f"tooltip-{'ipython' if imported else 'plain'}")
