"""The kernel's process ends by an error in C code, or by os._exit(): what it wrote is not lost."""

from __future__ import annotations

import signal
import textwrap
import time
from collections.abc import Callable

import psutil
import pytest
import zmq

from harness.client import SLOW, TIMEOUT, Client
from harness.kernels import Kernel
from harness.pythons import Python

LOST = "the cell's last output is lost; the stacks are in the server's log"
SETUP = "import ctypes, os, signal, sys, threading\nlibc = ctypes.CDLL(None)\nlibc.calloc.restype = ctypes.c_void_p"
BEFORE = "print('before', end='')\nos.write(1, b' raw')\n"
CRASHES = {
    "a bad address": ("ctypes.string_at(0)", signal.SIGSEGV),
    "abort": ("os.abort()", signal.SIGABRT),
    "a bad free": ("libc.free(ctypes.c_void_p(libc.calloc(1, 64) + 16))", signal.SIGABRT),
    "from outside": ("os.kill(os.getpid(), signal.SIGFPE)", signal.SIGFPE),
    "in a thread": (
        "t = threading.Thread(target=lambda: ctypes.string_at(0))\nt.start()\nt.join()",
        signal.SIGSEGV,
    ),
    "while another prints": (
        "t = threading.Thread(target=lambda: [print('.', end='') for _ in iter(int, 1)])\n"
        "t.start()\nctypes.string_at(0)",
        signal.SIGSEGV,
    ),
}


@pytest.fixture
def kernel(start: Callable[..., Kernel]) -> Kernel:
    """One of the test's own: it dies."""
    return start()


def last_cell(client: Client, kernel: Kernel, code: str) -> tuple[str, str, int]:
    """stdout and stderr of a cell that ends the kernel, and its exit status."""
    client.run(SETUP)
    iopub = client.sockets["iopub"]
    monitor = iopub.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    request = client.send_execute(code)
    status = kernel.wait_exit()
    assert monitor.poll(round(TIMEOUT * 1000)), "the connection's end comes behind its messages"
    iopub.disable_monitor()
    while client.pump(time.monotonic()):
        pass
    texts = {"stdout": "", "stderr": ""}
    for message in client.inbox["iopub"]:
        if message.type == "stream" and message.parent_id == request["msg_id"]:
            texts[message.content["name"]] += message.content["text"]
    return texts["stdout"], texts["stderr"], status


@pytest.mark.better(LOST)
@pytest.mark.parametrize(("crash", "number"), CRASHES.values(), ids=CRASHES.keys())
def test_crash(client: Client, kernel: Kernel, crash: str, number: signal.Signals) -> None:
    here = f"def here():\n{textwrap.indent(crash, '    ')}\nhere()"
    stdout, stderr, status = last_cell(client, kernel, BEFORE + here)
    assert stdout.rstrip(".") == "before raw"
    assert "Fatal Python error" in stderr and "in here" in stderr
    assert f"carme: the kernel ends by {number.name};" in stderr
    assert status == -number


@pytest.mark.better(LOST)
def test_much_output_before_a_crash(client: Client, kernel: Kernel) -> None:
    code = "for n in range(200_000): print(n)\nctypes.string_at(0)"
    stdout, _stderr, _status = last_cell(client, kernel, code)
    assert stdout.split() == [str(n) for n in range(200_000)]


@pytest.mark.better(LOST)
def test_without_faulthandler(client: Client, kernel: Kernel) -> None:
    code = "import faulthandler\nfaulthandler.disable()\n" + BEFORE + "ctypes.string_at(0)"
    stdout, stderr, status = last_cell(client, kernel, code)
    assert stdout == "before raw"
    assert "SIGSEGV" in stderr
    assert status == -signal.SIGSEGV


@pytest.mark.better(LOST)
def test_stack_overflow(client: Client, kernel: Kernel, python: Python) -> None:
    """The main thread's handlers have a stack of their own."""
    if python.version > (3, 11):
        pytest.skip("Python 3.12 and later count C's calls, too")
    code = (
        "function = ctypes.CFUNCTYPE(None)\n"
        "deeper = function(lambda: deeper())\n"
        "sys.setrecursionlimit(10**7)\n" + BEFORE + "deeper()"
    )
    stdout, stderr, status = last_cell(client, kernel, code)
    assert stdout == "before raw"
    assert "carme: the kernel ends by " in stderr
    assert status in (-signal.SIGSEGV, -signal.SIGABRT)


@pytest.mark.better(LOST)
@pytest.mark.parametrize("leave", ["os._exit(3)", "from posix import _exit\n_exit(status=3)"])
def test_exit_at_once(client: Client, kernel: Kernel, leave: str) -> None:
    stdout, stderr, status = last_cell(client, kernel, BEFORE + leave)
    assert (stdout, stderr, status) == ("before raw", "", 3)


@pytest.mark.better(LOST)
def test_terminated(client: Client, kernel: Kernel) -> None:
    stdout, stderr, status = last_cell(
        client, kernel, BEFORE + "os.kill(os.getpid(), signal.SIGTERM)\nsignal.pause()"
    )
    assert stdout == "before raw"
    assert stderr == (
        "carme: the kernel ends by SIGTERM; its variables are lost, the notebook is not\n"
    )
    assert status == -signal.SIGTERM


@pytest.mark.better("they go on")
@pytest.mark.parametrize("end", ["ctypes.string_at(0)", "os._exit(3)", "os.kill(os.getpid(), 15)"])
def test_children_end_too(client: Client, kernel: Kernel, end: str) -> None:
    client.run("import subprocess, time\nchild = subprocess.Popen(['sleep', '60'])")
    family = kernel.descendants()
    assert family
    last_cell(client, kernel, end + "\ntime.sleep(60)")
    _gone, alive = psutil.wait_procs(family, TIMEOUT)
    assert not alive


def test_crash_of_a_child(client: Client) -> None:
    """Its stacks are in the cell; the kernel lives on."""
    code = "pid = os.fork()\nif not pid: ctypes.string_at(0)\nos.waitpid(pid, 0)[1]"
    client.run(SETUP)
    cell = client.run(code)
    assert cell.result == str(int(signal.SIGSEGV)) or cell.result == str(signal.SIGSEGV | 0x80)
    assert "carme:" not in cell.stderr
    client.is_well()


def test_a_client_that_does_not_read(kernel: Kernel) -> None:
    """The end of the process does not wait for it."""
    kernel.client().run(SETUP)
    asleep = kernel.client(connect=False, read_iopub=False)
    asleep.send_execute("for n in range(1_000_000): print(n)\nctypes.string_at(0)")
    assert kernel.wait_exit(60 * SLOW) == -signal.SIGSEGV
