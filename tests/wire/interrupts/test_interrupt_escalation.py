"""Interrupts that do not end a cell at once: what its notebook shows, and that the kernel still answers."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from harness.activity import Activity
from harness.cell import Cell
from harness.client import SLOW, Client
from harness.kernels import Kernel
from harness.until import until

Starter = Callable[..., Kernel]
pytestmark = pytest.mark.better("it says nothing")

STUBBORN = """
import time
hits = 0
print('begins')
while hits < {hits}:
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        hits += 1
        print('hit', hits)
"""
# no interrupt is seen before the C loop has ended, after so many seconds of a core
HELD = """
import time
from collections import deque
from itertools import repeat
def hold(seconds):
    begun = time.thread_time()
    deque(repeat(None, 10_000_000), maxlen=0)
    count = int(seconds / (time.thread_time() - begun) * 10_000_000)
    print('holds')
    time.sleep(0.05)
    deque(repeat(None, count), maxlen=0)
    for _ in range(10): pass
"""


class Watched:
    """A cell that runs, and the text that it has shown so far."""

    def __init__(self, kernel: Kernel, code: str) -> None:
        """Returns when the cell has printed something."""
        self.kernel, self.client = kernel, kernel.client()
        self.request = self.client.send_execute(code)
        self.streams = {"stdout": "", "stderr": ""}
        self.until("\n")

    @property
    def text(self) -> str:
        """Of both streams: a notice on stderr may come in the middle of a line of stdout."""
        return self.streams["stdout"] + self.streams["stderr"]

    def until(self, word: str) -> None:
        """Reads until the text has the word in it."""
        while word not in self.text:
            content = self.client.iopub("stream", self.request).content
            self.streams[content["name"]] += content["text"]

    def interrupt(self, expected: str = "", pause: float = 0) -> None:
        """Once, when the cell waits and after a pause; until the cell shows what is expected."""
        self.kernel.settle()
        time.sleep(pause)  # at least: longer does no harm
        self.kernel.interrupt()
        self.until(expected)

    def is_over(self) -> bool:
        """Whether the cell's reply is there."""
        self.client.pump(time.monotonic())
        return bool(self.client.inbox["shell"])

    def finish(self) -> Cell:
        """To the end of the cell."""
        cell = self.client.finish(self.request, timeout=60 * SLOW)
        self.streams["stdout"] += cell.stdout
        self.streams["stderr"] += cell.stderr
        return cell


def shown(kernel: Kernel, hits: int, pause: float = 0) -> str:
    """What a cell shows that does not give in before it was interrupted so often."""
    watched = Watched(kernel, STUBBORN.format(hits=hits))
    for number in range(hits):
        watched.interrupt(f"hit {number + 1}", pause)
    watched.finish()
    return watched.text


def test_the_second_shows_the_stacks_and_the_third_how_to_go_on(start: Starter) -> None:
    kernel = start()
    client = kernel.client()
    client.run(
        "import threading, time\ndef waits_here(): time.sleep(60)\n"
        "threading.Thread(target=waits_here, daemon=True).start()"
    )
    watched = Watched(kernel, STUBBORN.format(hits=4))
    watched.interrupt("hit 1")
    watched.interrupt("in waits_here")
    assert "interrupted twice" in watched.text
    watched.interrupt("restart the kernel")
    watched.interrupt("hit 4")
    assert watched.finish().status == "ok"


def test_one_is_nothing_to_speak_of(kernel: Kernel) -> None:
    assert "carme:" not in shown(kernel, 1)


def test_two_that_are_far_apart_are_two_firsts(kernel: Kernel) -> None:
    assert "carme:" not in shown(kernel, 2, pause=2.3)


def test_each_cell_begins_anew(kernel: Kernel) -> None:
    for _ in range(3):
        assert "carme:" not in shown(kernel, 1)


def test_idle_interrupts_say_nothing(client: Client, kernel: Kernel) -> None:
    for _ in range(3):
        kernel.interrupt()
    assert client.run("'calm'").stderr == ""


@pytest.mark.one_python
def test_a_c_function_that_holds_the_interpreter(start: Starter) -> None:
    """Heartbeat, control and the notice do not wait for it; the interrupt comes when it returns."""
    kernel = start()
    client = kernel.client()
    client.run(HELD)
    watched = Watched(kernel, f"hold({5 * SLOW})")
    before = Activity.of(kernel.pid).cpu
    until(lambda: Activity.of(kernel.pid).cpu > before + 0.3, "the function computes")
    watched.interrupt("the interrupt waits")
    for _ in range(10):
        client.ask("kernel_info_request", {}, "control")
    watched.interrupt("in hold")
    assert "interrupted twice" in watched.text
    assert not watched.is_over(), "all of it came while the function ran"
    assert watched.finish().error == "KeyboardInterrupt"


def test_signals_of_children_are_their_own(client: Client, kernel: Kernel) -> None:
    """A forked child gets the group's interrupt as well, and counts for nothing."""
    begin = (
        "import os, time\nreader, writer = os.pipe()\nfor _ in range(3):\n    if not os.fork():\n"
    )
    body = (
        "        try: os.write(writer, b'x'); time.sleep(600)\n"
        "        except KeyboardInterrupt: pass\n        os._exit(0)\n"
        "for _ in range(3): os.read(reader, 1)\n"
    )
    watched = Watched(kernel, begin + body + "print('forked')\ntime.sleep(600)")
    watched.interrupt()
    assert watched.finish().error == "KeyboardInterrupt"
    assert "carme:" not in watched.text
    client.run("for _ in range(3): os.wait()")
    assert "carme:" not in shown(kernel, 1)


def test_a_loop_that_takes_the_signals_gives_them_back(client: Client, kernel: Kernel) -> None:
    client.run(
        "import asyncio, signal\nloop = asyncio.get_event_loop()\n"
        "loop.add_signal_handler(signal.SIGUSR1, print, 'usr1')\n"
    )
    client.run("import os\nos.kill(os.getpid(), signal.SIGUSR1)\nawait asyncio.sleep(0.05)")
    client.run("loop.remove_signal_handler(signal.SIGUSR1)")
    assert "interrupted twice" in shown(kernel, 3)


@pytest.mark.one_python
def test_signals_that_another_thread_was_given(start: Starter) -> None:
    """Each interrupt reaches a main thread that waits for a lock all the same."""
    kernel = start()
    code = (
        "import os, signal, threading, time\n"
        "def take():\n"
        "    for _ in range(4):\n"
        "        time.sleep(1)\n"
        "        signal.pthread_kill(threading.get_ident(), signal.SIGINT)\n"
        "thread = threading.Thread(target=take); thread.start()\n"
        "lock = threading.Lock(); lock.acquire()\nprint('waits')\n"
        "for hit in range(4):\n"
        "    try: lock.acquire()\n"
        "    except KeyboardInterrupt: print('hit', hit)"
    )
    watched = Watched(kernel, code)
    watched.until("hit 3")
    assert watched.finish().status == "ok"


def test_a_library_finds_no_wakeup_descriptor(client: Client, kernel: Kernel) -> None:
    """trio warns of one that is not its own; afterwards the kernel's is there again."""
    code = (
        "import signal, socket\nmine, other = socket.socketpair(); mine.setblocking(False)\n"
        "number = mine.fileno()\n"
        "print(signal.set_wakeup_fd(number), signal.set_wakeup_fd(number) == number)\n"
        "print(signal.set_wakeup_fd(-1) == number, signal.set_wakeup_fd(-1))"
    )
    assert client.run(code).stdout == "-1 True\nTrue -1\n"
    assert "interrupted twice" in shown(kernel, 3)
