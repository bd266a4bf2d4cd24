"""JupyterLab in a browser: interrupts, restarts, and the end of kernels and servers."""

from __future__ import annotations

import re
import signal

import pytest
from playwright.sync_api import Page, expect

from lab import notebook
from lab.conftest import NewServer, Opener
from lab.notebook import Notebook
from lab.outputs import mime, stderr, stdout


def test_interrupt(open_notebook: Opener) -> None:
    """
    The stop button ends the cell, whatever it does, and keeps what was computed.

    The traceback tells the user's line, and nothing of the kernel's.
    """
    endless = (
        "while True: pass",
        "await asyncio.sleep(60)",
        "time.sleep(60)",
        "input('? ')",
    )
    cells = [f"print('on')\n{code}" for code in endless]
    opened = open_notebook("import asyncio, time\nkept = 'still here'", *cells, "kept")
    opened.run(0)
    for index, code in enumerate(endless, 1):
        output = opened.start(index)
        expect(stdout(output)).to_have_text("on\n")
        if "input" in code:
            expect(output.locator(".jp-Stdin input")).to_be_visible()
        opened.busy()
        opened.button("notebook:interrupt-kernel")
        trace = stderr(output)
        expect(trace).to_contain_text("KeyboardInterrupt")
        expect(trace).to_contain_text(re.compile(r"-> 2 +" + re.escape(code)))
        expect(trace).not_to_contain_text("_carme")
        opened.done(index)
        opened.cells.nth(index).scroll_into_view_if_needed()
        opened.shot(f"interrupt-{index}")
    expect(opened.run(1 + len(endless))).to_contain_text("still here")


def test_answer_to_an_interrupted_question(open_notebook: Opener) -> None:
    """Lab leaves the box of an interrupted question; what is typed into it answers no other."""
    opened = open_notebook("input('first? ')", "input('second? ')")
    stale = opened.start(0).locator(".jp-Stdin input")
    expect(stale).to_be_visible()
    opened.button("notebook:interrupt-kernel")
    opened.done(0)
    stale.fill("late")
    stale.press("Enter")
    expect(stale).to_have_count(0)
    box = opened.start(1).locator(".jp-Stdin input")
    expect(box).to_be_visible()
    box.fill("in time")
    box.press("Enter")
    opened.done(1)
    expect(mime(opened.output(1), "text/plain").last).to_have_text("'in time'")


def test_restart(open_notebook: Opener) -> None:
    """The restart button: a variable is gone, counting begins anew."""
    opened = open_notebook("x = 1", "x")
    opened.run(0)
    expect(opened.run(1)).to_contain_text("1")
    opened.server.note_kernels()
    opened.button("notebook:restart-kernel")
    opened.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    assert not opened.server.left(timeout=10), "the former kernel still runs"
    opened.idle()
    trace = stderr(opened.run(1))
    expect(trace).to_contain_text("NameError: name 'x' is not defined")
    expect(opened.prompt(1)).to_have_text("[1]:")


def test_run_all_stops_at_an_error(open_notebook: Opener) -> None:
    """Cells behind the one that failed are not run."""
    opened = open_notebook("print('one')", "1 / 0", "print('three')", "print('four')")
    opened.menu("Run", "Run All Cells")
    expect(stderr(opened.output(1))).to_contain_text("ZeroDivisionError")
    opened.idle()
    for index, prompt in enumerate(("[1]:", "[2]:", "[ ]:", "[ ]:")):
        expect(opened.prompt(index)).to_have_text(prompt)
    expect(opened.output(2).locator(".jp-OutputArea-output")).to_have_count(0)
    opened.shot("run-all")
    expect(opened.run(3)).to_contain_text("four")


def die(opened: Notebook) -> None:
    """Runs cell 0, which ends the kernel, and answers the dialog that tells so."""
    opened.start(0)
    dialog = opened.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Kernel Restarting")
    opened.shot("dead")
    dialog.get_by_role("button", name="Ok").click()


def test_dead_kernel_is_restarted(open_notebook: Opener) -> None:
    """The next kernel, on other ports, works."""
    opened = open_notebook("import os\nos._exit(1)", "6 * 7")
    die(opened)
    opened.start(1)
    expect(mime(opened.output(1), "text/plain")).to_have_text("42")
    opened.done(1)


def test_page_is_loaded_again(open_notebook: Opener) -> None:
    """The kernel lives on without its page, and serves the next one."""
    opened = open_notebook("x = 'still here'", "x")
    opened.run(0)
    opened.save()
    opened.open()
    expect(opened.run(1)).to_contain_text("still here")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_no_kernel_outlives_its_server(
    new_server: NewServer, page: Page, number: signal.Signals
) -> None:
    """One kernel idle, one busy: both end with the server, whichever way that ends."""
    server = new_server()
    server.api("kernels", "POST")
    opened = Notebook(page, server, server.root / "busy.ipynb")
    notebook.write(opened.path, ("while True:\n    pass",))
    opened.open()
    opened.start(0)
    opened.busy()
    assert len(server.note_kernels()) == 2
    server.end(number)
    assert not server.left(timeout=10)
