"""What the browser keeps: full, refused, and a page that is closed while Python waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lite.conftest import Opener, shot
from lite.kernel import START, Kernel
from lite.server import Server

MODES = pytest.mark.parametrize("isolated", [True, False], ids=["isolated", "plain"])
NewServer = Callable[[bool], Server]


# a quota of one's own can not be set for the contexts of a headless Chromium
FULL = """() => {
  const original = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...values) {
    if (window.isFull) {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    }
    return original.apply(this, values);
  };
}"""


def fill(page: Page, is_full: bool) -> None:
    """From here on the browser stores nothing more, or goes on."""
    page.evaluate("(is_full) => { window.isFull = is_full; }", is_full)


@MODES
def test_storage_is_full(new_server: NewServer, open_page: Opener, isolated: bool) -> None:
    """The cell gets an OSError that says so; the kernel and what was kept stay."""
    server = new_server(isolated)
    page = open_page(server)
    kernel = Kernel(page)
    kernel.run("open('small.txt', 'w').write('small')")
    page.evaluate(FULL)
    fill(page, True)
    failed = kernel.run("with open('large.txt', 'w') as f:\n    f.write('0123456789')")
    assert failed.error == "OSError", failed
    assert "No space left on device" in failed.traceback
    fill(page, False)
    assert kernel.value("open('small.txt').read()") == "small"
    assert not kernel.run("with open('large.txt', 'w') as f:\n    f.write('fits')").error


def test_storage_is_refused(new_server: NewServer, open_page: Opener) -> None:
    """The kernel works; the user is told that files are lost with the page."""
    server = new_server(True)
    body = (server.folder / "lab/index.html").read_bytes()
    refuse = "IDBFactory.prototype.open = () => { throw new DOMException('off', 'SecurityError'); }"
    script = f"<head><script>{refuse};</script>".encode()
    server.laid["/lab/index.html"] = body.replace(b"<head>", script, 1)
    page = open_page(server)
    kernel = Kernel(page)
    assert kernel.run("print(6 * 7)").text == "42\n"
    told = page.get_by_text("lost when this page is closed").first
    expect(told).to_be_visible(timeout=START)
    shot(page, "lite-no-storage")


@MODES
def test_the_page_is_closed_while_input_waits(
    new_server: NewServer, open_page: Opener, isolated: bool
) -> None:
    """The next page of the same browser starts, asks and is answered."""
    server = new_server(isolated)
    page = open_page(server)
    kernel = Kernel(page)
    kernel.question(kernel.begin("input('first? ')"))
    page.close()
    page = page.context.new_page()
    page.set_default_timeout(START)
    page.goto(f"{server.url}lab/index.html", wait_until="commit")
    page.wait_for_function("() => window.jupyterapp !== undefined")
    kernel = Kernel(page)
    cell = kernel.begin("print(input('second? '))")
    assert kernel.question(cell)["prompt"] == "second? "
    kernel.answer(cell, "here")
    assert kernel.finish(cell).text == "here\n"


def history(kernel: Kernel, count: int) -> list[str]:
    """The code of the newest cells, as a console asks for it."""
    found = kernel.page.evaluate(
        "([key, n]) => window.carmeTest.kernel(key).requestHistory("
        "{ hist_access_type: 'tail', n, output: false, raw: true })",
        [kernel.key, count],
    )
    return [code for _, _, code in found["content"]["history"]]


@MODES
def test_history_outlives_the_kernel_and_the_page(
    new_server: NewServer, open_page: Opener, isolated: bool
) -> None:
    server = new_server(isolated)
    page = open_page(server)
    kernel = Kernel(page)
    kernel.run("'first'")
    kernel.run("'hidden'", store_history=False)
    kernel.restart()
    kernel.run("'second'")
    assert [code for code in history(kernel, 10) if "import" not in code] == ["'first'", "'second'"]
    page.reload()
    page.wait_for_function("() => window.jupyterapp !== undefined")
    kernel = Kernel(page, "other.ipynb")
    kernel.run("'third'")
    found = history(kernel, 10)
    assert "'hidden'" not in found
    assert found[-2:] == ["'second'", "'third'"]
