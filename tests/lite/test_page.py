"""The notebook in the page, as a user sees it; pictures in build/screenshots."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from lite.conftest import Opener, shot
from lite.kernel import START, Kernel
from lite.server import Server

CELLS = (
    "#!md\n# Carme in the browser\n\nNo server: the page itself runs this notebook, offline.",
    "import sympy\nx = sympy.Symbol('x')\nsympy.integrate(sympy.sin(x) ** 2, x)",
    "name = input('Who are you? ')\nprint(f'Hello {name}!')",
    "import asyncio\n\nawait asyncio.sleep(0.1)\nopen('greeting.txt', encoding='utf-8').read()",
    "import time\n\nfor n in range(1_000_000):\n    time.sleep(0.2)",
    "print('after it')",
)


def notebook(*cells: str) -> bytes:
    """A notebook file."""
    made = []
    for index, source in enumerate(cells):
        cell = {"id": f"cell-{index}", "metadata": {}, "source": source.removeprefix("#!md\n")}
        if source.startswith("#!md\n"):
            made.append(cell | {"cell_type": "markdown"})
        else:
            made.append(cell | {"cell_type": "code", "outputs": [], "execution_count": None})
    spec = {"name": "carme", "display_name": "Python 3.14 (Carme)", "language": "python"}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": made}
    return json.dumps(whole).encode()


class Opened:
    """A notebook that is open in the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cells = page.locator(".jp-NotebookPanel .jp-Cell")
        self.status = page.locator(".jp-Notebook-ExecutionIndicator")

    def idle(self) -> None:
        expect(self.status).to_have_attribute("data-status", "idle", timeout=START)

    def start(self, index: int) -> None:
        self.cells.nth(index).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def run(self, index: int) -> None:
        self.start(index)
        expect(self.prompt(index)).to_contain_text("]")
        expect(self.prompt(index)).not_to_contain_text("*", timeout=START)

    def prompt(self, index: int):
        return self.cells.nth(index).locator(".jp-InputArea-prompt")

    def output(self, index: int):
        return self.cells.nth(index).locator(".jp-Cell-outputArea")


@pytest.fixture(params=[True, False], ids=["isolated", "plain"])
def own_server(
    new_server: Callable[[bool], Server], request: pytest.FixtureRequest
) -> Iterator[Server]:
    """A server of the test's own."""
    server = new_server(request.param)
    server.put_files({"greeting.txt": "grüß Gott".encode(), "page.ipynb": notebook(*CELLS)})
    yield server


def test_a_notebook(own_server: Server, open_page: Opener) -> None:
    """Opens, runs, answers, stops, goes on."""
    mode = "isolated" if own_server.isolated else "plain"
    page = open_page(own_server, path="page.ipynb", wait=False)
    line = page.locator(".carme-progress")
    expect(line).to_contain_text("Carme: ", timeout=START)
    shot(page, f"lite-{mode}-loading")
    opened = Opened(page)
    opened.idle()
    expect(line).to_have_count(0)
    opened.run(1)
    expect(opened.output(1)).to_contain_text("x")
    opened.start(2)
    box = opened.output(2).locator("input.jp-Stdin-input")
    box.fill("Luna")
    shot(page, f"lite-{mode}-input")
    box.press("Enter")
    expect(opened.output(2)).to_contain_text("Hello Luna!")
    opened.run(3)
    expect(opened.output(3)).to_contain_text("grüß Gott")
    opened.start(4)
    opened.start(5)
    expect(opened.status).to_have_attribute("data-status", "busy")
    page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
    expect(opened.output(4)).to_contain_text("KeyboardInterrupt")
    opened.idle()
    expect(opened.output(5)).not_to_contain_text("after it")
    page.wait_for_timeout(300)  # nobody is faster than kernel/failed_cell.h allows
    opened.run(5)
    expect(opened.output(5)).to_contain_text("after it")
    shot(page, f"lite-{mode}")


def test_restart_while_a_question_waits(own_server: Server, open_page: Opener) -> None:
    page = open_page(own_server, path="page.ipynb")
    opened = Opened(page)
    opened.idle()
    opened.start(2)
    expect(opened.output(2).locator("input.jp-Stdin-input")).to_be_visible()
    page.locator('[data-command="notebook:restart-kernel"]').first.click()
    page.locator(".jp-Dialog button.jp-mod-warn").click()
    opened.run(5)
    expect(opened.output(5)).to_contain_text("after it")
    opened.idle()


def test_a_kernel_that_hears_nothing_can_be_restarted(
    new_server: Callable[[bool], Server], open_page: Opener
) -> None:
    """Without any way a loop can not be stopped: the page offers a restart."""
    server = new_server(False)
    server.configure(litePluginSettings={"@carme/lite:kernel": {"ways": ["shared"], "patience": 1}})
    loop = "print('begun', flush=True)\nwhile True:\n    pass"
    server.put_files({"page.ipynb": notebook(loop, "print('anew')")})
    page = open_page(server, path="page.ipynb")
    opened = Opened(page)
    opened.idle()
    opened.start(0)
    expect(opened.output(0)).to_contain_text("begun")
    page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
    offer = page.locator(".Toastify button", has_text="Restart the kernel")
    expect(offer.first).to_be_visible()
    shot(page, "lite-restart-offered")
    offer.first.click()
    opened.idle()
    opened.run(1)
    expect(opened.output(1)).to_contain_text("anew")


def refused(page: Page, text: str, picture: str) -> None:
    """The reason is on the page, and the notebook says that the kernel is gone."""
    expect(page.locator(".carme-progress[role=alert]")).to_contain_text(text, timeout=START)
    expect(page.locator("#jp-main-statusbar")).to_contain_text("(Carme) | Disconnected")
    shot(page, picture)


def test_another_abi(new_server: Callable[[bool], Server], open_page: Opener) -> None:
    """A module that was made for an older Pyodide."""
    server = new_server(True)
    worker = next(server.folder.glob("extensions/@carme/lite/static/carme-worker.*.js"))
    body = worker.read_bytes()
    assert b"2026_0" in body
    server.laid[f"/{worker.relative_to(server.folder)}"] = body.replace(b"2026_0", b"2025_9")
    server.put_files({"page.ipynb": notebook("1")})
    page = open_page(server, path="page.ipynb")
    refused(page, "made for Pyodide's ABI 2025_9", "lite-other-abi")
    expect(page.locator(".carme-progress")).to_contain_text("2026_0")


def test_pyodide_is_missing(new_server: Callable[[bool], Server], open_page: Opener) -> None:
    server = new_server(True)
    server.missing.add("/static/pyodide/pyodide.mjs")
    server.put_files({"page.ipynb": notebook("1")})
    page = open_page(server, path="page.ipynb")
    refused(page, "pyodide.mjs", "lite-no-pyodide")


@pytest.mark.parametrize("name", ["WebAssembly", "Worker"])
def test_a_browser_without_it(
    new_server: Callable[[bool], Server], open_page: Opener, name: str
) -> None:
    server = new_server(True)
    server.put_files({"page.ipynb": notebook("1")})
    body = (server.folder / "lab/index.html").read_bytes()
    script = f"<head><script>delete globalThis.{name};</script>".encode()
    server.laid["/lab/index.html"] = body.replace(b"<head>", script, 1)
    page = open_page(server, path="page.ipynb")
    refused(page, "lack", f"lite-no-{name.lower()}")


def test_the_service_worker_is_blocked(
    new_server: Callable[[bool], Server], open_page: Opener
) -> None:
    """Without headers the third way is left."""
    server = new_server(False)
    server.missing |= {"/service-worker.js", "/build/service-worker.js"}
    page = open_page(server)
    kernel = Kernel(page)
    cell = kernel.begin("print(input())")
    kernel.question(cell)
    kernel.answer(cell, "by suspension")
    assert kernel.finish(cell).text == "by suspension\n"
