"""os.fork() in cells: a child writes all it has to write once, ends with its cell, and is no kernel."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.cell import plain
from harness.client import TIMEOUT, Client
from harness.kernels import Kernel

Starter = Callable[..., Kernel]

SECOND_KERNEL = "the child goes on as a second kernel"
FORK = "import os, sys, ctypes, threading, time\nlibc = ctypes.CDLL(None)\npid = os.fork()\n"

CHILDREN = {
    "falls through": ("print('child', end='')", "child"),
    "C stdio": ("libc.printf(b'child')", "child"),
    "__stdout__": ("_ = sys.__stdout__.write('child')", "child"),
    "a thread of its own": (
        "threading.Thread(target=lambda: (time.sleep(0.1), print('child'))).start()",
        "child\n",
    ),
    "display": ("display('child')", "child\n"),
    "exit": ("print('child', end=''); sys.exit()", "child"),
}


@pytest.mark.better(SECOND_KERNEL)
@pytest.mark.parametrize(("code", "text"), CHILDREN.values(), ids=CHILDREN.keys())
def test_what_a_child_has_written_is_there(client: Client, code: str, text: str) -> None:
    cell = client.run(f"{FORK}if not pid:\n    {code}\nelse:\n    status = os.waitpid(pid, 0)[1]")
    assert cell.stdout == text
    assert client.run("status").result == "0"


@pytest.mark.better(SECOND_KERNEL)
def test_exit_with_a_text_says_it(client: Client) -> None:
    cell = client.run(FORK + "if not pid: sys.exit('words')\nprint(os.waitpid(pid, 0)[1] >> 8)")
    assert (cell.stdout, cell.stderr) == ("1\n", "words\n")


@pytest.mark.better("what was not written yet is written by both")
@pytest.mark.parametrize(
    "write", ["libc.printf(b'once ')", "print('once ', end='')"], ids=["C", "Python"]
)
def test_half_a_line_is_the_parent_s_alone(client: Client, write: str) -> None:
    code = (
        "import ctypes, os, threading\nlibc = ctypes.CDLL(None)\ndef work():\n"
        f"    {write}\n    pid = os.fork()\n    if not pid:\n"
        "        print('child'); libc.fflush(None); os._exit(0)\n    os.waitpid(pid, 0)\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()"
    )
    text = client.run(code).stdout
    assert text.count("once ") == 1
    assert text.count("child\n") == 1


def test_multiprocessing_writes_what_c_has_kept(client: Client) -> None:
    code = (
        "import ctypes, multiprocessing, sys\ndef work():\n    ctypes.CDLL(None).printf(b'of C ')\n"
        "    print('of Python ', end='')\n    sys.__stdout__.write('of both')\n"
        "process = multiprocessing.get_context('fork').Process(target=work)\n"
        "process.start(); process.join()"
    )
    assert sorted(client.run(code).stdout.split("of ")) == ["", "C ", "Python ", "both"]


def test_children_of_children_keep_their_files(client: Client) -> None:
    """What the kernel closes in its child, the child's child does not close again."""
    code = (
        "import multiprocessing as mp\nfork = mp.get_context('fork')\n"
        "def inner(n): return n * n\n"
        "def outer():\n    with fork.Pool(2) as pool: print(pool.map(inner, range(4)))\n"
        "process = fork.Process(target=outer); process.start(); process.join(); process.exitcode"
    )
    cell = client.execute(code)
    assert (cell.stdout, cell.result) == ("[0, 1, 4, 9]\n", "0")


@pytest.mark.better("the child asks as well")
def test_a_child_can_not_ask(client: Client) -> None:
    code = FORK + "if not pid: input('?')\nprint(os.waitpid(pid, 0)[1] >> 8)"
    cell = client.run(code, allow_stdin=True)
    assert cell.stdout == "1\n"
    assert "child process of the kernel" in cell.stderr


def test_python_does_not_warn_of_the_kernel_s_own_thread(client: Client) -> None:
    code = "import os\npid = os.fork()\nif not pid: os._exit(0)\n_ = os.waitpid(pid, 0)"
    assert client.run(code).stderr == ""


# ---- in the event loop

AWAIT = "import asyncio, os, sys\nasync def pause(): await asyncio.sleep(0.05)\n"
TASKS = {
    "falls through": ("pass", 0),
    "awaits": ("await asyncio.sleep(0.05)", 0),
    "raises": ("raise KeyError('in the child')", 1),
    "exits": ("sys.exit(4)", 4),
}


@pytest.mark.better("the child goes on with the kernel's loop")
@pytest.mark.parametrize(("end", "status"), TASKS.values(), ids=TASKS.keys())
@pytest.mark.parametrize("where", ["cell", "task"])
def test_child_of_a_coroutine(client: Client, where: str, end: str, status: int) -> None:
    """Of a cell that awaits, and of a task between cells."""
    client.run(
        AWAIT + "async def fork():\n    await pause()\n    pid = os.fork()\n    if not pid:\n"
        f"        print('child', flush=True)\n        {end}\n        return\n"
        "    while True:\n        found, status = os.waitpid(pid, os.WNOHANG)\n"
        "        if found: return status >> 8\n        await pause()"
    )
    if where == "cell":
        cell = client.execute("print(await fork())")
    else:
        client.run("task = asyncio.get_event_loop().create_task(fork())")
        cell = client.execute("print(await task)")
    assert cell.stdout.splitlines()[-1] == str(status)
    if where == "cell":
        assert ("in the child" in plain(cell.stderr)) == ("raise" in end)
    client.run("await pause()")


@pytest.mark.better("the child goes on with the kernel's loop")
def test_child_of_a_callback(client: Client) -> None:
    client.run(
        AWAIT + "status = []\ndef fork():\n    pid = os.fork()\n"
        "    if pid: status.append(os.waitpid(pid, 0)[1])\n"
        "_ = asyncio.get_event_loop().call_soon(fork)"
    )
    client.run("await pause()")
    assert client.run("status").result == "[0]"


@pytest.mark.better("the child goes on with the kernel's loop")
def test_other_tasks_go_on_in_the_parent_alone(client: Client) -> None:
    cell = client.run(
        AWAIT
        + "async def tick():\n    for n in range(4):\n        await pause(); print('tick', n)\n"
        "ticking = asyncio.ensure_future(tick())\nawait asyncio.sleep(0.07)\npid = os.fork()\n"
        "if pid: await ticking; print(os.waitpid(pid, 0)[1])\nelse: await asyncio.sleep(0.1)"
    )
    assert cell.stdout == "tick 0\ntick 1\ntick 2\ntick 3\n0\n"


class TestFork:
    """In a kernel of the test's own: a child answers nobody, and starts processes like any other."""

    @pytest.mark.better("the child breaks it")
    def test_child_that_falls_through_does_not_answer(self, start: Starter) -> None:
        client = start().client()
        code = (
            "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\n'parent' if pid else 'child'"
        )
        assert client.execute(code).result == "'parent'"
        client.silence("shell", 0.3)
        client.is_well()

    @pytest.mark.better("its child answers too")
    def test_child_that_raises_does_not_answer(self, start: Starter) -> None:
        client = start().client()
        code = "import os\npid = os.fork()\nif not pid: raise RuntimeError('in the child')\nos.waitpid(pid, 0)[1] != 0"
        assert client.execute(code).result == "True"
        client.silence("shell", 0.3)
        client.is_well()

    def test_child_may_run_subprocesses(self, start: Starter) -> None:
        client = start().client()
        code = (
            "import os, subprocess\npid = os.fork()\n"
            "if not pid:\n    subprocess.run(['true']); os._exit(3)\n"
            "os.waitpid(pid, 0)[1] >> 8"
        )
        assert client.run(code).result == "3"

    def test_processes_by_spawn(self, start: Starter) -> None:
        client = start().client()
        code = (
            "import math, multiprocessing\n"
            "with multiprocessing.get_context('spawn').Pool(2) as pool:\n"
            "    roots = pool.map(math.sqrt, [1, 4, 9])\nroots"
        )
        assert client.run(code, timeout=3 * TIMEOUT).result == "[1.0, 2.0, 3.0]"

    @pytest.mark.better("its pool of processes prints and hangs now and then")
    def test_executor(self, start: Starter) -> None:
        client = start().client()
        code = (
            "import concurrent.futures, multiprocessing\n"
            "def double(n): return 2 * n\n"
            "fork = multiprocessing.get_context('fork')\n"
            "with concurrent.futures.ProcessPoolExecutor(2, mp_context=fork) as pool:\n"
            "    doubled = list(pool.map(double, range(20)))\nsum(doubled)"
        )
        assert client.run(code, timeout=3 * TIMEOUT).result == "380"
