"""Completion, inspection and usage while a cell runs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from harness.activity import Activity
from harness.cell import plain
from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel
from harness.until import until

waits = pytest.mark.better("all requests wait for the cell")

TRAPS = """ran = []
class Trap:
    'What it is for.'
    kept = 1
    def method(self, first, second=2, *, third=None): 'Does it.'
    prop = property(lambda self: ran.append('property'))
    def __getattr__(self, name): ran.append('__getattr__'); raise AttributeError(name)
    def __dir__(self): ran.append('__dir__'); return []
    def __repr__(self): ran.append('__repr__'); return 'trap'
    def __len__(self): ran.append('__len__'); return 1
    def __eq__(self, other): ran.append('__eq__'); return True
    def __hash__(self): return 1
    def keys(self): ran.append('keys'); return []
    def __getitem__(self, key): ran.append('__getitem__')
    def _ipython_key_completions_(self): ran.append('_ipython_key_completions_'); return []
    @classmethod
    @property
    def both(cls): ran.append('classmethod property')
class Named(str):
    def __eq__(self, other): ran.append('Named.__eq__'); return False
    __hash__ = str.__hash__
trap = Trap()
vars(trap)['own'] = trap
table = {'key': trap, trap: 1, Named('named'): 2}
held = [trap]
def call(first, /, second=trap, *rest, third=(1, 'a'), **more): 'Calls.'
"""

CELLS = {
    "sleeps": "import time\nprint('runs', flush=True)\nwhile not end: time.sleep(0.01)",
    "computes": "print('runs', flush=True)\nwhile not end: sum(range(100))",
    "awaits": "import asyncio\nprint('runs', flush=True)\nwhile not end: await asyncio.sleep(0.01)",
}


class Busy:
    """A client whose kernel runs a cell."""

    def __init__(self, client: Client, cell: str, before: str = "") -> None:
        self.client = client
        client.run("end = []\n" + before)
        self.subshell = client.ask("create_subshell_request", channel="control")
        self.request = client.send_execute(cell)
        client.wait("iopub", lambda m: m.type == "stream", what="the cell's beginning")

    def complete(self, code: str) -> list[str]:
        """Completions at the end."""
        content = {"code": code, "cursor_pos": len(code)}
        return list(self.client.ask("complete_request", content).content["matches"])

    def inspect(self, code: str, detail: int = 0) -> str:
        """What is told of the name at the end."""
        content = {"code": code, "cursor_pos": len(code), "detail_level": detail}
        data = self.client.ask("inspect_request", content).content["data"]
        return plain(str(data.get("text/plain")))

    def end(self) -> None:
        """Lets the cell end, and hears of it."""
        where = {"subshell_id": self.subshell.content["subshell_id"]}
        fields = {"code": "end.append(1)", "allow_stdin": False}
        self.client.finish(self.client.send("execute_request", fields, header=where))
        assert self.client.finish(self.request).status == "ok"


@waits
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())
def test_answers_while_a_cell_runs(start: Callable[..., Kernel], cell: str) -> None:
    busy = Busy(start().client(), cell, TRAPS + "import os")
    assert busy.complete("os.path.joi") == ["join"]
    assert {"kept", "method", "own", "prop"} <= set(busy.complete("trap."))
    assert busy.complete("table['k") == ["key"]
    assert busy.complete("call(1, th") == ["third="]
    assert busy.complete("trap.method(1, sec") == ["second="]
    assert "call(first, /, second=..., *rest, third=(1, 'a'), **more)" in busy.inspect("call")
    assert "What it is for." in busy.inspect("trap")
    assert "Calls." in busy.inspect("call")
    content = {"code": "for i in range(3):"}
    assert busy.client.ask("is_complete_request", content).content["status"] == "incomplete"
    for code in (
        "trap.own.",
        "trap.both.",
        "trap['",
        "trap[",
        "held[0].",
        "table[",
        "Trap.",
        "Trap(",
    ):
        busy.complete(code)
        busy.inspect(code.rstrip(".[('"))
    busy.inspect("table")
    busy.inspect("Trap", 1)
    busy.end()
    assert busy.client.run("ran").result == "[]"


@waits
@pytest.mark.one_python
def test_is_as_fast_as_can_be(start: Callable[..., Kernel]) -> None:
    """
    The cell does not compute for long meanwhile.

    In seconds of the kernel's own: on a busy machine it has the core for a part of the time. The
    first question makes the thread and imports what it needs.
    """
    kernel = start()
    busy = Busy(kernel.client(), CELLS["computes"])
    took = []
    for _ in range(10):
        begun = Activity.of(kernel.pid).cpu
        assert "end" in busy.complete("en")
        took.append(Activity.of(kernel.pid).cpu - begun)
    busy.end()
    assert min(took) < 0.15, took


@waits
def test_the_source_of_a_function(start: Callable[..., Kernel]) -> None:
    busy = Busy(start().client(), CELLS["sleeps"], "def twice(x):\n    return x * 2\n")
    told = busy.inspect("twice", 1)
    busy.end()
    assert "return" in told
    assert "twice" in told


@waits
@pytest.mark.one_python
@pytest.mark.skipif(not IS_CARME, reason="an environment without ipykernel")
def test_after_ipython_has_taken_over(start: Callable[..., Kernel]) -> None:
    path = str(ENVIRONMENTS / "widgets" / "bin" / "python")
    client = start(path=path).client()
    client.run("import IPython")
    busy = Busy(client, CELLS["sleeps"], TRAPS + "import os")
    assert busy.complete("os.path.joi") == ["join"]
    assert "own" in busy.complete("trap.")
    assert "Calls." in busy.inspect("call")
    busy.end()
    assert client.run("ran").result == "[]"


def test_a_question_behind_a_short_cell_knows_what_it_made(client: Client) -> None:
    """Clients send both at once."""
    for number in range(20):
        made = client.send_execute(f"made_{number} = 1")
        content = {"code": f"made_{number}", "cursor_pos": len(f"made_{number}")}
        asked = client.send("complete_request", content)
        assert client.reply(asked).content["matches"] == [f"made_{number}"]
        client.until_idle(asked)
        client.finish(made)


@waits
def test_while_input_waits(client: Client) -> None:
    request = client.send_execute("input('who? ')", allow_stdin=True)
    question = client.wait("stdin", lambda m: m.type == "input_request")
    asked = client.ask("complete_request", {"code": "inpu", "cursor_pos": 4})
    assert "input" in asked.content["matches"]
    client.send("input_reply", {"value": "me"}, "stdin", question.header)
    assert client.finish(request).result == "'me'"


def test_a_cell_that_holds_the_gil_makes_it_late(client: Client) -> None:
    """The answer is right, and in its place, whoever gives it."""
    client.run("text = 'a' * 27 + 'b'\nimport re, time")
    request = client.send_execute("re.match('(a+)+$', text)\nlate = 1")
    client.iopub("execute_input", request)
    asked = client.send("complete_request", {"code": "tex", "cursor_pos": 3})
    assert "text" in client.reply(asked).content["matches"]
    client.until_idle(asked)
    assert client.finish(request).status == "ok"


@waits
def test_interrupts_are_for_the_cell(start: Callable[..., Kernel]) -> None:
    kernel = start()
    client = kernel.client()
    client.run("import time")
    for _ in range(20):
        request = client.send_execute("print('runs', flush=True)\nwhile True: pass")
        client.iopub("stream", request)
        asked = [
            client.send("complete_request", {"code": "time.s", "cursor_pos": 6}) for _ in range(3)
        ]
        kernel.signal(signal.SIGINT)
        for each in asked:
            assert "sleep" in client.reply(each).content["matches"]
            client.until_idle(each)
        assert client.finish(request).error == "KeyboardInterrupt"
    assert client.run("1 + 1").result == "2"


@waits
def test_no_thread_of_the_users(start: Callable[..., Kernel]) -> None:
    busy = Busy(start().client(), CELLS["sleeps"], "import threading")
    busy.complete("en")
    busy.end()
    names = busy.client.run("[t.name for t in threading.enumerate()]").result
    assert names is not None
    assert "MainThread" in names
    assert "Dummy" not in names


def usage(client: Client) -> dict[str, Any]:
    """usage_reply's content."""
    return dict(client.ask("usage_request", channel="control").content)


def test_usage_while_a_cell_runs(start: Callable[..., Kernel]) -> None:
    """Of the kernel and the processes below it, as psutil reads them."""
    kernel = start()
    client = kernel.client()
    client.run("import subprocess, sys\nend = []")
    child = "import time; kept = b'x' * 50_000_000; print('there', flush=True); time.sleep(600)"
    client.run(
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()"
    )
    request = client.send_execute("print('runs', flush=True)\nwhile True: pass")
    client.iopub("stream", request)
    first = usage(client)
    found: dict[str, Any] = {}

    def is_busy() -> bool:
        found.update(usage(client))
        return found["kernel_cpu"] >= 10 and "host_cpu_percent" in found

    until(is_busy, "a tenth of a core, and the host's part", pause=0)
    kernel.signal()
    client.finish(request)
    client.run("child.kill()\nchild.wait()")
    assert (found["pid"], found["cpu_count"]) == (kernel.pid, psutil.cpu_count())
    assert found["hostname"] == os.uname().nodename
    assert found["kernel_memory"] > 50_000_000
    assert first["kernel_memory"] > 50_000_000
    memory, ours = found["host_virtual_memory"], psutil.virtual_memory()._asdict()
    assert list(memory) == list(ours)
    assert memory["total"] == ours["total"]
    for name in ("available", "used", "free", "cached"):
        assert abs(memory[name] - ours[name]) < ours["total"] / 4, name
    assert usage(client)["kernel_memory"] < found["kernel_memory"]
