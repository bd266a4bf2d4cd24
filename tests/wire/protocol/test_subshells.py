"""Subshells (JEP 91): requests that are answered while a cell runs in the main shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.cell import Cell
from harness.client import Client
from harness.kernels import Kernel, reference
from harness.until import until


def create(client: Client) -> str:
    """A new subshell's id."""
    return str(client.ask("create_subshell_request", channel="control").content["subshell_id"])


def delete(client: Client, subshell: str) -> None:
    """Ends a subshell."""
    content = {"subshell_id": subshell}
    reply = client.ask("delete_subshell_request", content, channel="control")
    assert reply.content["status"] == "ok"


def send(client: Client, subshell: str, code: str, **content: Any) -> dict[str, Any]:
    """An execute_request for a subshell; its header."""
    fields = {"code": code, "allow_stdin": False, **content}
    return client.send("execute_request", fields, header={"subshell_id": subshell})


def run(client: Client, subshell: str, code: str) -> Cell:
    """A cell in a subshell, to its end."""
    return client.finish(send(client, subshell, code))


class Busy:
    """A client whose main shell runs a cell until `go` is set."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.client = kernel, (client := kernel.client())
        client.run("import threading, time\ngo = threading.Event()")
        self.subshell = create(client)
        self.request = client.send_execute("print('runs', flush=True)\ngo.wait(60)\n'main'")
        client.wait("iopub", lambda m: m.type == "stream", what="the cell's beginning")

    def run(self, code: str) -> Cell:
        """A cell in the subshell, to its end."""
        return run(self.client, self.subshell, code)

    def end(self) -> Cell:
        """Lets the main shell's cell end."""
        self.run("go.set()")
        reply = self.client.reply(self.request)
        return Cell(self.request, reply, [self.client.iopub("execute_result", self.request)])


@pytest.fixture
def busy(start: Callable[..., Kernel]) -> Busy:
    """In a kernel of its own."""
    return Busy(start())


def test_answers_while_a_cell_runs(busy: Busy) -> None:
    cell = busy.run("print('beside')\ngo.is_set()")
    assert (cell.stdout, cell.result) == ("beside\n", "False")
    content = {"code": "threa", "cursor_pos": 5}
    where = {"subshell_id": busy.subshell}
    completed = busy.client.ask("complete_request", content, header=where)
    assert "threading" in completed.content["matches"]
    assert busy.end().result == "'main'"


def test_errors_and_counts_are_its_own(busy: Busy) -> None:
    assert busy.run("1/0").error == "ZeroDivisionError"
    assert busy.run("_ = 1\n'well'").result == "'well'"
    assert busy.run("import sys\nsys.last_type.__name__").result == "'ZeroDivisionError'"
    assert busy.end().result == "'main'"


def test_awaits(busy: Busy) -> None:
    """Each has a loop; tasks go on between its cells."""
    busy.run("import asyncio\nbeats = []")
    busy.run(
        "async def beat():\n    while True:\n        beats.append(1)\n        await asyncio.sleep(.01)\n"
        "beating = asyncio.get_running_loop().create_task(beat())\nawait asyncio.sleep(0.05)"
    )
    before = busy.run("len(beats)").result
    until(lambda: busy.run("len(beats)").result != before, "another beat")
    assert busy.end().result == "'main'"
    assert busy.client.run("await asyncio.sleep(0, 'main too')").result == "'main too'"


def test_asks(busy: Busy) -> None:
    """input() asks the client whose request it is, also while the main shell is busy."""
    request = send(busy.client, busy.subshell, "input('who? ')", allow_stdin=True)
    busy.client.answer("Ada", busy.client.input_request(request))
    assert busy.client.finish(request).result == "'Ada'"
    assert busy.end().result == "'main'"


def test_displays_belong_to_their_cells(busy: Busy) -> None:
    """Two shells that write at the same time do not mix."""
    code = "for _ in range(200):\n    print('{0}')\n    display('{0}')\n    time.sleep(0)"
    second = create(busy.client)
    requests = {"a": busy.subshell, "b": second}
    sent = {name: send(busy.client, where, code.format(name)) for name, where in requests.items()}
    for name, request in sent.items():
        cell = busy.client.finish(request)
        assert cell.stdout == f"{name}\n" * 200
        shown = [m.content["data"]["text/plain"] for m in cell.iopub if m.type == "display_data"]
        assert shown == [repr(name)] * 200
    assert busy.end().result == "'main'"


@pytest.mark.one_python
def test_comms_while_a_cell_runs(start: Callable[..., Kernel]) -> None:
    """What JupyterLab has them for: widgets answer although a cell runs."""
    client = start(path=reference().path).client()
    client.run(
        "import comm, threading\ngo = threading.Event()\n"
        "def take(new, message):\n    new.on_msg(lambda m: new.send(m['content']['data']))\n"
        "comm.get_comm_manager().register_target('echo', take)"
    )
    where = {"subshell_id": create(client)}
    request = client.send_execute("go.wait(60)")
    opened = client.send(
        "comm_open", {"comm_id": "c", "target_name": "echo", "data": {}}, header=where
    )
    client.until_idle(opened)
    told = client.send("comm_msg", {"comm_id": "c", "data": {"x": 5}}, header=where)
    assert client.iopub("comm_msg", told).content["data"] == {"x": 5}
    run(client, where["subshell_id"], "go.set()")
    assert client.finish(request).result == "True"


@pytest.mark.better("it waits for the subshell")
def test_ends_with_the_kernel(start: Callable[..., Kernel]) -> None:
    """A subshell that is busy does not hold up the shutdown."""
    client = (kernel := start()).client()
    send(client, create(client), "import time\nprint('runs', flush=True)\ntime.sleep(600)")
    client.iopub("stream")
    client.send("shutdown_request", {"restart": False}, "control")
    assert kernel.wait_exit() == 0


def test_many_come_and_go(client: Client) -> None:
    for number in range(20):
        subshell = create(client)
        assert run(client, subshell, str(number)).result == str(number)
        delete(client, subshell)
    listed = client.ask("list_subshell_request", channel="control")
    assert listed.content["subshell_id"] == []
    refused = client.send("execute_request", {"code": "1"}, header={"subshell_id": subshell})
    assert client.reply(refused).content["status"] == "error"
    client.until_idle(refused)


INTERRUPTED = {
    "loop": "while True: pass",
    "sleeps": "while True: time.sleep(0.01)",
    "awaits": "import asyncio\nawait asyncio.sleep(60)",
    "busy coroutine": "import asyncio\nawait asyncio.sleep(0)\nwhile True: pass",
    "asyncio.run": "import asyncio\nasyncio.run(asyncio.sleep(60))",
}


@pytest.mark.better("an interrupt is the main shell's alone")
@pytest.mark.parametrize("body", INTERRUPTED.values(), ids=INTERRUPTED.keys())
def test_interrupt(client: Client, kernel: Kernel, body: str) -> None:
    """It ends what runs in subshells, when nothing runs in the main shell."""
    subshell = create(client)
    for _ in range(2):
        request = send(client, subshell, "import time\nprint('runs', flush=True)\n" + body)
        client.iopub("stream", request)
        kernel.settle()
        kernel.interrupt()
        cell = client.finish(request)
        assert cell.error == "KeyboardInterrupt"
        assert run(client, subshell, "1 + 1").result == "2"
    delete(client, subshell)


def test_interrupt_of_the_main_shell_first(busy: Busy) -> None:
    """The cell of the main shell is what a stop button means."""
    code = "print('sub', flush=True)\nwhile not go.is_set(): pass\n'sub'"
    request = send(busy.client, busy.subshell, code)
    busy.client.iopub("stream", request)
    busy.kernel.interrupt()
    reply = busy.client.reply(busy.request)
    assert reply.content["ename"] == "KeyboardInterrupt"
    busy.client.run("go.set()")
    assert busy.client.finish(request).result == "'sub'"


def test_interrupt_between_cells_of_a_subshell(client: Client, kernel: Kernel) -> None:
    """It is for none of them."""
    subshell = create(client)
    for number in range(50):
        kernel.interrupt()
        assert run(client, subshell, f"{number}").status in ("ok", "error")
    kernel.settle()
    assert run(client, subshell, "'well'").result == "'well'"
    delete(client, subshell)


@pytest.mark.one_python
@pytest.mark.better("an interrupt is the main shell's alone")
def test_interrupt_of_a_comm_in_a_subshell(start: Callable[..., Kernel]) -> None:
    """A widget's callback that does not end."""
    kernel = start(path=reference().path)
    client = kernel.client()
    client.run(
        "import comm\ndef take(new, message):\n    print('taken', flush=True)\n    while True: pass\n"
        "comm.get_comm_manager().register_target('endless', take)"
    )
    where = {"subshell_id": create(client)}
    opened = client.send(
        "comm_open", {"comm_id": "c", "target_name": "endless", "data": {}}, header=where
    )
    client.iopub("stream", opened)
    kernel.interrupt()
    client.until_idle(opened)
    assert run(client, where["subshell_id"], "1 + 1").result == "2"
