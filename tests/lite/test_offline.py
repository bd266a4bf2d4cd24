"""Nothing is fetched from elsewhere, and a second visit needs no server."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request

from lite.conftest import ROOT, SITE, SIZE
from lite.kernel import START, Kernel
from lite.server import Server

HEAVY = "import sympy, bs4, dateutil\nprint('there')"


@pytest.mark.parametrize("isolated", [True, False], ids=["isolated", "plain"])
def test_no_request_leaves_the_site(
    new_server: Callable[[bool], Server], browser: Browser, isolated: bool
) -> None:
    server = new_server(isolated)
    context = browser.new_context(viewport=SIZE)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    context.on("request", note)
    page = context.new_page()
    page.goto(f"{server.url}lab/index.html")
    page.wait_for_function("() => window.jupyterapp !== undefined", timeout=START)
    kernel = Kernel(page)
    assert kernel.run(HEAVY, START).text == "there\n"
    cell = kernel.begin("print(input())")
    kernel.question(cell)
    kernel.answer(cell, "offline")
    assert kernel.finish(cell).text == "offline\n"
    context.close()
    elsewhere = [u for u in asked if not u.startswith((server.url, "data:", "blob:"))]
    assert not elsewhere
    assert f"{server.url}static/pyodide/pyodide.asm.wasm" in asked or server.requests


def test_the_second_visit_needs_no_server(
    new_server: Callable[[bool], Server], browser: Browser
) -> None:
    """The service worker has kept what the first one has fetched."""
    server = new_server(False)
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    for visit in ("first", "second"):
        page.goto(f"{server.url}lab/index.html")
        page.wait_for_function("() => window.jupyterapp !== undefined", timeout=START)
        assert Kernel(page, f"{visit}.ipynb").run("print('there')", START).text == "there\n"
        page.wait_for_timeout(1000)
    server.close()
    page.goto(f"{server.url}lab/index.html")
    page.wait_for_function("() => window.jupyterapp !== undefined", timeout=START)
    assert Kernel(page, "third.ipynb").run("print('still')", START).text == "still\n"
    context.close()


def test_the_zip_runs_by_its_own_server(browser: Browser, tmp_path: Path) -> None:
    packed = tmp_path / "site.zip"
    builder = ROOT / "kernelspec" / "lite" / "build_site.py"
    subprocess.run([sys.executable, str(builder), "zip", str(SITE), str(packed)], check=True)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    server = tmp_path / "carme-site" / "serve.py"
    running = subprocess.Popen(
        [sys.executable, str(server), "0"], stdout=subprocess.PIPE, text=True
    )
    context = browser.new_context(viewport=SIZE)
    try:
        assert running.stdout is not None
        address = running.stdout.readline().strip()
        page = context.new_page()
        page.goto(address, timeout=START)
        assert page.evaluate("crossOriginIsolated") is True
        page.locator(".jp-LauncherCard[title*='Carme']").first.click(timeout=START)
        page.locator("#jp-main-statusbar", has_text="(Carme) | Idle").wait_for(timeout=START)
    finally:
        context.close()
        running.terminate()
        running.wait()
