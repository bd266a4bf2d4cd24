"""%gui and %matplotlib with windows: a toolkit's events between cells and while a cell awaits."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = [pytest.mark.one_python, pytest.mark.skipif(not IS_CARME, reason="ours")]
PLAIN = str(ENVIRONMENTS / "data" / "bin" / "python")
WITH_IPYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
WITH_QT = str(ENVIRONMENTS / "systems" / "bin" / "python")
Starter = Callable[..., Kernel]

# each defines: call(function), which a window's timer calls soon and once; window, which is shown
TOOLKITS = {
    "tk": "import tkinter\nwindow = tkinter.Tk()\ndef call(function): window.after(10, function)",
    "qt": "from PySide6 import QtCore, QtWidgets\n"
    "window = QtWidgets.QLabel('text')\nwindow.show()\n"
    "def call(function): QtCore.QTimer.singleShot(10, function)",
}
SHOUT = "\nasync def shout(text): await asyncio.sleep(0.01); print(text)"


@pytest.fixture(scope="module")
def display() -> Iterator[dict[str, str]]:
    """The environment in which windows can be opened."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed: Debian's package xvfb")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as answer:
        number = answer.readline().strip()
    try:
        assert number, "Xvfb does not start"
        yield {"DISPLAY": f":{number}", "WAYLAND_DISPLAY": ""}
    finally:
        server.terminate()
        server.wait()


def need(python: str, module: str) -> None:
    """Skips the test where an environment lacks a module that can not be had from PyPI everywhere."""
    done = subprocess.run([python, "-c", f"import {module}"], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no {module} in this environment: {done.stderr.splitlines()[-1]}")


@pytest.fixture(scope="module", params=["tk", "qt", "tk with IPython"])
def windows(request, display, tmp_path_factory, python) -> Iterator[Kernel]:
    """A kernel that has a toolkit's windows."""
    name, _, ipython = request.param.partition(" with ")
    path = WITH_QT if name == "qt" else WITH_IPYTHON if ipython else PLAIN
    need(path, "PySide6.QtWidgets" if name == "qt" else "tkinter")
    kernel = Kernel(tmp_path_factory.mktemp("gui"), python, path=path, environment=display)
    client = kernel.client()
    if ipython:
        client.run("import IPython")
    client.run(f"%gui {name}\nimport asyncio, time\n{TOOLKITS[name]}{SHOUT}")
    yield kernel
    kernel.stop()


@pytest.fixture
def client(windows: Kernel) -> Client:
    """Its client."""
    return windows.client()


def test_events_are_handled_between_cells(client: Client) -> None:
    cell = client.run("_ = call(lambda: print('called'))")
    assert client.iopub("stream", cell.request).content["text"] == "called\n"


def test_events_wait_while_a_plain_cell_runs(client: Client) -> None:
    code = "calls = []\n_ = call(lambda: calls.append(1))\ntime.sleep(0.2)\nlen(calls)"
    assert client.run(code).result == "0"


def test_events_are_handled_while_a_cell_awaits(client: Client) -> None:
    code = "called = asyncio.Event()\n_ = call(called.set)\nawait called.wait()"
    assert client.run(code).result == "True"


def test_events_are_handled_beside_a_busy_loop(client: Client) -> None:
    code = "calls = []\n_ = call(lambda: calls.append(1))\nwhile not calls: await asyncio.sleep(0)\ncalls"
    assert client.run(code).result == "[1]"


def test_callbacks_make_tasks_that_run_at_once(client: Client) -> None:
    client.run("def make(): global task; task = asyncio.create_task(shout('of the task'))")
    cell = client.run("_ = call(make)")
    assert client.iopub("stream", cell.request).content["text"] == "of the task\n"


def test_callbacks_can_run_a_loop_of_their_own(client: Client) -> None:
    cell = client.run("_ = call(lambda: asyncio.run(shout('run')))")
    assert client.iopub("stream", cell.request).content["text"] == "run\n"


def test_timers_of_asyncio_are_on_time(client: Client) -> None:
    code = (
        "begun = time.monotonic()\nawait asyncio.sleep(0.05)\n0.05 <= time.monotonic() - begun < 60"
    )
    assert client.run(code).result == "True"


def test_errors_of_callbacks_are_shown(client: Client) -> None:
    cell = client.run("_ = call(lambda: 1 / 0)")
    client.wait(
        "iopub",
        lambda m: m.parent_id == cell.request["msg_id"] and "ZeroDivisionError" in str(m.content),
    )
    assert client.run("'alive'").result == "'alive'"


@pytest.mark.parametrize(
    "wait",
    ["await asyncio.sleep(60)", "while True: await asyncio.sleep(0)"],
    ids=["waits", "busy"],
)
def test_an_interrupt_ends_the_cell_that_awaits(client: Client, windows: Kernel, wait: str) -> None:
    request = client.send_execute("print('begins')\n" + wait)
    client.iopub("stream", request)
    windows.interrupt()
    assert client.finish(request).error == "KeyboardInterrupt"
    assert client.run("await asyncio.sleep(0.01, 'still')").result == "'still'"


def test_an_idle_kernel_does_not_wake(client: Client) -> None:
    client.run(
        "def turns(): return int(open('/proc/self/status').read().split('nonvoluntary')[0].split()[-1])"
    )
    client.run("import threading\nseen = []\ndef look():\n    seen.append(turns())\n")
    cell = client.run(
        "def watch():\n    time.sleep(0.3); before = turns(); time.sleep(1)\n"
        "    print(turns() - before)\n"
        "watcher = threading.Thread(target=watch); watcher.start()"
    )
    assert int(client.iopub("stream", cell.request).content["text"]) <= 5


def test_a_loop_that_is_made_anew_has_the_windows(client: Client) -> None:
    client.run("asyncio.get_event_loop().close()")
    code = "called = asyncio.Event()\n_ = call(called.set)\nawait called.wait()"
    assert client.run(code).result == "True"


def test_the_toolkit_can_be_left(client: Client) -> None:
    client.run("calls = []\n_ = call(lambda: calls.append(1))\n%gui")
    assert client.run("await asyncio.sleep(0.1)\ncalls").result == "[]"


@pytest.mark.parametrize("taken_over", [False, True], ids=["own", "IPython"])
@pytest.mark.parametrize("magic", ["%gui", "%matplotlib"])
@pytest.mark.parametrize("name", ["tk", "qt", "gtk3", "wx"])
def test_without_the_toolkit_the_cell_fails(
    start: Starter, magic: str, name: str, taken_over: bool
) -> None:
    """No display, or no library."""
    path = WITH_IPYTHON if taken_over else PLAIN
    client = start(path=path, environment={"DISPLAY": "", "WAYLAND_DISPLAY": ""}).client()
    if taken_over:
        client.run("import IPython")
    cell = client.execute(f"{magic} {name}")
    assert cell.error in ("UsageError", "ImportError", "ModuleNotFoundError")
    assert name in cell.reply.content["evalue"].lower()
    assert client.run("'alive'").result == "'alive'"


def test_qt_without_a_display_ends_no_kernel(start: Starter) -> None:
    need(WITH_QT, "PySide6.QtWidgets")
    client = start(path=WITH_QT, environment={"DISPLAY": "", "WAYLAND_DISPLAY": ""}).client()
    cell = client.execute("%gui qt")
    assert "can open no windows here" in cell.reply.content["evalue"]
    assert client.run("'alive'").result == "'alive'"


def test_an_unknown_toolkit(client: Client) -> None:
    cell = client.execute("%gui nowhere")
    assert cell.error == "UsageError"
    assert "Invalid GUI request 'nowhere'" in cell.reply.content["evalue"]


@pytest.mark.parametrize("path", [PLAIN, WITH_IPYTHON], ids=["own", "IPython"])
def test_a_figure_in_a_window_is_drawn(
    start: Starter, display: dict[str, str], path: str, tmp_path: Path
) -> None:
    need(path, "tkinter")
    client = start(path=path, environment={**display, "MPLCONFIGDIR": str(tmp_path)}).client()
    client.run("%matplotlib tk\nimport asyncio\nimport matplotlib.pyplot as plt", timeout=120)
    cell = client.run(
        "drawn = asyncio.Event()\nfigure = plt.figure()\n"
        "_ = figure.canvas.mpl_connect('draw_event', lambda event: drawn.set())\n"
        "plt.plot([1, 2])\nawait drawn.wait()\n"
        "plt.get_backend().lower(), bool(figure.canvas.manager.window.winfo_viewable())"
    )
    assert cell.result == "('tkagg', True)"
    client.run("plt.close('all')\n%matplotlib inline")
    shown = client.run("plt.plot([1, 2]);")
    assert any("image/png" in m.content["data"] for m in shown.outputs)
