"""Fixtures: one browser, one served site per isolation mode, one page with a kernel per stdin way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from lite.kernel import START, Kernel
from lite.server import Server

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "lite-site"
SCREENSHOTS = ROOT / "build" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZE = ViewportSize(width=1200, height=800)
# what the site's owner has put there
FILES = {
    "greeting.txt": "grüß Gott\n".encode(),
    "data.bin": bytes(range(256)),
    "folder/inner.txt": b"inside\n",
    "folder/helper.py": b"answer = 42\n",
}
# mode, the ways that are allowed; the first of them is what the kernel must choose
WAYS = {
    "isolated-shared": (True, "shared,serviceworker,jspi"),
    "isolated-serviceworker": (True, "serviceworker"),
    "isolated-jspi": (True, "jspi"),
    "plain-serviceworker": (False, "shared,serviceworker,jspi"),
    "plain-jspi": (False, "shared,jspi"),
    "plain-none": (False, "shared"),
}


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, with a HOME of its own."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert found, "no Chromium found: run `tests/setup/setup.sh test`"
    home = {**os.environ, "HOME": str(tmp_path_factory.mktemp("chromium"))}
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=found, args=list(ARGUMENTS), env={**home}
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def new_server() -> Iterator[Callable[[bool], Server]]:
    """Serves the built site; the argument says whether with the headers."""
    assert (SITE / "serve.py").exists(), "no site: run `make lite-site`"
    made: list[Server] = []

    def serve(isolated: bool) -> Server:
        made.append(Server(SITE, isolated))
        made[-1].configure(exposeAppInBrowser=True)
        return made[-1]

    yield serve
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def servers(new_server: Callable[[bool], Server]) -> dict[bool, Server]:
    """The two that the tests share."""
    both = {isolated: new_server(isolated) for isolated in (False, True)}
    for each in both.values():
        each.put_files(FILES)
    return both


Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def open_page(browser: Browser) -> Iterator[Opener]:
    """Opens JupyterLab from a server in a browser context of its own: as at a first visit."""
    contexts: list[BrowserContext] = []

    def opener(server: Server, ways: str | None = None, path: str = "", wait: bool = True) -> Page:
        contexts.append(browser.new_context(viewport=SIZE, reduced_motion="reduce"))
        page = contexts[-1].new_page()
        page.set_default_timeout(START)
        query = [f"carme-ways={ways}"] if ways is not None else []
        query += [f"path={path}"] if path else []
        page.goto(f"{server.url}lab/index.html?{'&'.join(query)}", wait_until="commit")
        if wait:
            page.wait_for_function("() => window.jupyterapp !== undefined")
        return page

    yield opener
    for each in contexts:
        each.close()


class Kernels:
    """One kernel for each way, started when first wanted."""

    def __init__(self, open_page: Opener, servers: dict[bool, Server]) -> None:
        self.open_page, self.servers = open_page, servers
        self.made: dict[str, Kernel] = {}

    def get(self, key: str) -> Kernel:
        if key not in self.made:
            isolated, ways = WAYS[key]
            self.made[key] = Kernel(self.open_page(self.servers[isolated], ways))
        return self.made[key]


@pytest.fixture(scope="session")
def kernels(open_page: Opener, servers: dict[bool, Server]) -> Kernels:
    """The kernels that tests share."""
    return Kernels(open_page, servers)


@pytest.fixture
def kernel(kernels: Kernels, request: pytest.FixtureRequest) -> Kernel:
    """The kernel that the test's mark names, by default the one with shared memory."""
    return kernels.get(getattr(request, "param", "isolated-shared"))


def on(*keys: str) -> pytest.MarkDecorator:
    """Runs a test with the kernels of these ways."""
    return pytest.mark.parametrize("kernel", keys, indirect=True)


def shot(page: Page, name: str) -> None:
    """What the user sees, in build/screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled", caret="hide")
