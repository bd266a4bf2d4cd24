"""Fixtures: one server and one browser for all tests, a page and a notebook for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from harness import kernels
from lab import notebook
from lab.notebook import Notebook
from lab.server import Server

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

Opener = Callable[..., Notebook]
NewServer = Callable[..., Server]


@pytest.fixture(scope="session")
def new_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewServer]:
    """Starts servers for environments by name; what is left of them ends with the tests."""
    if not kernels.IS_CARME:
        pytest.skip("tests the program carme")
    started: list[Server] = []

    def start(environment: str = "data") -> Server:
        started.append(Server(tmp_path_factory.mktemp("lab"), environment))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def quiet(shared: Server) -> Iterator[Server]:
    """For a fixture: neither the server nor a kernel may have complained in its log."""
    yield shared
    lines = shared.log.read_text(errors="replace").splitlines()
    complaints = [line for line in lines if line.startswith(("[E ", "[C ", "carme:", "Traceback"))]
    assert not complaints


@pytest.fixture(scope="session")
def server(new_server: NewServer) -> Iterator[Server]:
    """The server that the tests share."""
    yield from quiet(new_server())


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, with a HOME of its own."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert found, "no Chromium found: run `tests/setup/setup.sh test`"
    home = kernels.clean_environment(tmp_path_factory.mktemp("chromium"))
    expect.set_options(timeout=notebook.TIMEOUT)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=found, args=list(ARGUMENTS), env={**home}
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; a test in which Lab's own code raised has failed."""
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    context.set_default_timeout(notebook.TIMEOUT)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors, errors


@pytest.fixture
def open_notebook(page: Page, server: Server, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Writes a notebook with these cells and opens it. Its kernel ends with the test."""

    def opener(*cells: str, name: str | None = None) -> Notebook:
        title = name or request.node.name.removeprefix("test_").replace("[", "-").strip("]")
        opened = Notebook(page, server, server.root / f"{title}.ipynb")
        notebook.write(opened.path, cells)
        opened.open()
        return opened

    yield opener
    server.end_kernels()
