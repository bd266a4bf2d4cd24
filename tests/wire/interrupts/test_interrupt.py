"""SIGINT and interrupt_request: what they end, what they leave alone, and that they never kill."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from harness.client import Client
from harness.kernels import IS_CARME, Kernel

Starter = Callable[..., Kernel]
READY = "print('running', flush=True)\n"

CELLS = {
    "loop": "while True: pass",
    "sleep": "import time\ntime.sleep(600)",
    "regex": "import re\nwhile True: re.match('(a+)+$', 'a' * 20 + 'b')",
    "await": "import asyncio\nawait asyncio.sleep(600)",
    "gather": "import asyncio\nawait asyncio.gather(*(asyncio.sleep(600) for _ in range(5)))",
    "async loop": "import asyncio\nasync def spin():\n    while True: await asyncio.sleep(0)\nawait spin()",
    "child": "import subprocess\nsubprocess.run(['sleep', '600'])",
    "lock": "import threading\nlock = threading.Lock(); lock.acquire(); lock.acquire()",
    "queue": "import queue\nqueue.Queue().get(timeout=600)",
    "select": "import select\nselect.select([], [], [], 600)",
    "asyncio.run": "import asyncio\nasyncio.run(asyncio.sleep(600))",
}
BEYOND_IPYKERNEL = ("await", "gather", "async loop", "asyncio.run")


def by_signal(kernel: Kernel, client: Client) -> None:
    """The manager's way: SIGINT for the process group."""
    kernel.interrupt()


def by_message(kernel: Kernel, client: Client) -> None:
    """The protocol's way."""
    request = client.send("interrupt_request", {}, "control")
    assert client.reply(request, "control").content["status"] == "ok"


WAYS = [by_signal, by_message]
ways = pytest.mark.parametrize("way", WAYS, ids=["signal", "message"])


def running(client: Client, code: str, **content: Any) -> dict[str, Any]:
    """
    A cell that has begun, and has its imports behind it.

    An interrupt in the middle of one leaves half a package behind, in any Python.
    """
    first, newline, rest = code.partition("\n")
    imports, code = (first + newline, rest) if first.startswith("import ") else ("", code)
    request = client.send_execute(imports + READY + code, **content)
    client.iopub("stream", request)
    return request


@ways
@pytest.mark.parametrize("name", CELLS)
def test_ends(kernel: Kernel, name: str, way: Callable[[Kernel, Client], None]) -> None:
    if not IS_CARME and name in BEYOND_IPYKERNEL:
        pytest.skip("ipykernel cannot interrupt that")
    client = kernel.client()
    request = running(client, CELLS[name])
    kernel.settle()
    way(kernel, client)
    reply = client.reply(request)
    assert reply.content["status"] == "error"
    assert reply.content["ename"] == "KeyboardInterrupt"


@ways
def test_ends_a_question(kernel: Kernel, way: Callable[[Kernel, Client], None]) -> None:
    client = kernel.client()
    request = client.send_execute("input('?')", allow_stdin=True)
    client.input_request(request)
    way(kernel, client)
    assert client.finish(request).error == "KeyboardInterrupt"


@ways
def test_next_question_works(kernel: Kernel, way: Callable[[Kernel, Client], None]) -> None:
    client = kernel.client()
    code = "try:\n    input('one')\nexcept KeyboardInterrupt:\n    pass\ninput('two')"
    request = client.send_execute(code, allow_stdin=True)
    client.input_request(request)
    way(kernel, client)
    question = client.input_request(request)
    assert question.content["prompt"] == "two"
    client.answer("fine", question)
    assert client.finish(request).result == "'fine'"


@pytest.mark.better("each breakpoint asks again")
def test_pdb_prompt(start: Starter) -> None:
    client = (kernel := start()).client()
    """It leaves the debugger, and the cell goes on: no breakpoint stops it again."""
    code = "import pdb\nfor i in range(3):\n    pdb.set_trace()\n    print(i)\nx = 5"
    request = client.send_execute(code, allow_stdin=True)
    client.answer("c", client.input_request(request))
    client.input_request(request)
    kernel.interrupt()
    cell = client.finish(request)
    assert cell.status == "ok"
    assert "--KeyboardInterrupt--" in cell.stdout
    assert re.findall(r"^\d$", cell.stdout, re.MULTILINE) == ["0", "1", "2"]
    assert not client.inbox["stdin"]
    request = client.send_execute("pdb.set_trace()\nx", allow_stdin=True)
    client.answer("p x + 100", client.input_request(request))
    client.answer("c", client.input_request(request))
    assert "105" in client.finish(request).stdout


def test_pdb_prompt_twice(start: Starter) -> None:
    """The second interrupt ends the cell."""
    client = (kernel := start()).client()
    code = "import pdb\npdb.set_trace()\nprint('on', flush=True)\nwhile True: pass"
    request = client.send_execute(code, allow_stdin=True)
    client.input_request(request)
    kernel.interrupt()
    client.wait("iopub", lambda m: "on\n" in m.content.get("text", ""))
    kernel.settle()
    kernel.interrupt()
    assert client.reply(request).content["ename"] == "KeyboardInterrupt"
    client.is_well()


def test_after_pdb(start: Starter) -> None:
    """pdb's `continue` leaves a handler that would open its prompt at the next interrupt."""
    client = (kernel := start()).client()
    request = client.send_execute("import pdb; pdb.set_trace()\n1", allow_stdin=True)
    client.answer("c", client.input_request(request))
    client.finish(request)
    request = running(client, "while True: pass")
    kernel.interrupt()
    assert client.reply(request).content["ename"] == "KeyboardInterrupt"


@ways
def test_cell_may_catch_it(kernel: Kernel, way: Callable[[Kernel, Client], None]) -> None:
    client = kernel.client()
    code = "import time\ntry:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n    print('caught')\n'on'"
    request = running(client, code)
    kernel.settle()
    way(kernel, client)
    assert client.iopub("stream", request).content["text"] == "caught\n"
    assert client.reply(request).content["status"] == "ok"


@ways
def test_while_idle_does_not_hit_the_next_cell(
    kernel: Kernel, way: Callable[[Kernel, Client], None]
) -> None:
    client = kernel.client()
    client.is_well()
    for _ in range(5):
        way(kernel, client)
    assert client.execute("sum(range(1000))").result == "499500"


@ways
@pytest.mark.better("it aborts a cell that comes after the reply")
def test_twenty_in_a_row(kernel: Kernel, way: Callable[[Kernel, Client], None]) -> None:
    client = kernel.client()
    pid = kernel.pid
    for _ in range(20):
        request = running(client, "while True: pass")
        way(kernel, client)
        assert client.reply(request).content["ename"] == "KeyboardInterrupt"
    assert kernel.pid == pid and kernel.is_alive()


def test_a_burst_of_signals_is_not_fatal(kernel: Kernel) -> None:
    client = kernel.client()
    for _ in range(10):
        request = client.send_execute("for i in range(100_000): pass")
        for _ in range(5):
            kernel.signal()
        assert client.reply(request).content["status"] in ("ok", "error", "aborted")
    assert kernel.is_alive()
    client.is_well()


def test_waiting_cells_are_aborted(kernel: Kernel) -> None:
    client = kernel.client()
    first = running(client, "while True: pass")
    second = client.send_execute("'never'")
    client.ask("kernel_info_request", channel="control")
    kernel.settle()
    kernel.interrupt()
    assert client.reply(first).content["ename"] == "KeyboardInterrupt"
    assert client.reply(second).content["status"] == "aborted"


def test_the_traceback_tells_where(kernel: Kernel) -> None:
    client = kernel.client()
    request = running(client, "def spin():\n    while True: pass  # here\nspin()")
    kernel.settle()
    kernel.interrupt()
    reply = client.reply(request)
    assert "# here" in "".join(reply.content["traceback"]).replace("\x1b[39;00m", "")


def test_a_child_in_the_group_gets_it_too(kernel: Kernel) -> None:
    client = kernel.client()
    code = "import subprocess\nprocess = subprocess.Popen(['sleep', '600'])"
    client.run(code)
    request = running(client, "process.wait()")
    kernel.settle()
    by_message(kernel, client)
    client.reply(request)
    # 0: CPython's wait() lost the status, for the signal came between waitpid(2) and its next line
    assert client.run("process.wait(timeout=5)").result in ("-2", "130", "0")


def test_a_thread_goes_on(kernel: Kernel) -> None:
    client = kernel.client()
    client.run(
        "import threading, time\nbeats = []\nstop = threading.Event()\n"
        "def beat():\n    while not stop.wait(0.01): beats.append(1)\n"
        "threading.Thread(target=beat, daemon=True).start()"
    )
    request = running(client, "time.sleep(600)")
    kernel.settle()
    kernel.interrupt()
    client.reply(request)
    client.run("before = len(beats)\nwhile len(beats) == before: time.sleep(0.01)")
    client.run("stop.set()")


def test_tasks_in_the_background_go_on(kernel: Kernel) -> None:
    client = kernel.client()
    client.run(
        "import asyncio\nbeats = []\n"
        "async def beat():\n    while True:\n        await asyncio.sleep(0.01); beats.append(1)\n"
        "beating = asyncio.get_running_loop().create_task(beat())\nawait asyncio.sleep(0)"
    )
    request = running(client, "import time\ntime.sleep(600)")
    kernel.settle()
    kernel.interrupt()
    client.reply(request)
    client.run("before = len(beats)\nwhile len(beats) == before: await asyncio.sleep(0.01)")
    client.run("beating.cancel()")


def test_the_loop_works_after_an_interrupted_await(kernel: Kernel) -> None:
    if not IS_CARME:
        pytest.skip("ipykernel cannot interrupt what awaits")
    client = kernel.client()
    for _ in range(5):
        request = running(client, "import asyncio\nawait asyncio.sleep(600)")
        kernel.interrupt()
        assert client.reply(request).content["ename"] == "KeyboardInterrupt"
        assert client.run("await asyncio.sleep(0.01, 'well')").result == "'well'"


HALF_IMPORTED = """
import sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == 'asyncio.tasks':
            sys.meta_path.remove(self)
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
"""


@pytest.mark.better("it has imported asyncio itself")
@pytest.mark.parametrize("last", ["import asyncio", "await something"], ids=["import", "await"])
def test_interrupted_import_of_asyncio(start: Starter, last: str) -> None:
    """
    The import can be made again, and cells can await.

    Python itself leaves the package's modules behind, and the next import finds no name of theirs.
    """
    client = start().client()
    client.run(HALF_IMPORTED)
    assert client.execute(last).error == "KeyboardInterrupt"
    assert client.execute("import asyncio\nasyncio.sleep").error is None
    assert client.execute("await asyncio.sleep(0, 'well')").result == "'well'"


@pytest.mark.better("it sets its own for each cell")
def test_user_s_own_handler_is_kept(kernel: Kernel) -> None:
    client = kernel.client()
    client.run(
        "import signal, time\nhits = []\n"
        "mine = signal.signal(signal.SIGINT, lambda *a: hits.append(1))"
    )
    request = running(client, "while not hits: time.sleep(0)")
    kernel.settle()
    kernel.interrupt()
    reply = client.reply(request)
    client.run(
        "_ = signal.signal(signal.SIGINT, mine if mine is not None else signal.default_int_handler)"
    )
    assert reply.content["status"] == "ok"


@pytest.mark.one_python
def test_mode_message_of_the_kernelspec(start: Starter) -> None:
    """The manager sends interrupt_request itself."""
    kernel = start(interrupt_mode="message")
    client = kernel.client()
    request = running(client, "while True: pass")
    kernel.interrupt()
    assert client.reply(request).content["ename"] == "KeyboardInterrupt"


@pytest.mark.one_python
@pytest.mark.timeout(180)
@pytest.mark.better("an interrupt may lose the reply")
def test_at_any_moment(kernel: Kernel) -> None:
    """Interrupts at moments spread over short cells: each cell ends, the kernel lives."""
    client = kernel.client()
    for n in range(60):
        request = client.send_execute("x = sum(range(20_000))\nprint(x)\nx")
        time.sleep(n % 20 * 0.0005)  # any moment will do
        kernel.signal()
        reply = client.reply(request)
        assert reply.content["status"] in ("ok", "error")
        client.until_idle(request)
    assert kernel.is_alive()
