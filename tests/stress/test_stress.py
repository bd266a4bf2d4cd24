"""
MINUTES of it (3): make stress gives 60. SEED repeats a run; a failure tells which it was.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter, deque
from collections.abc import Callable

import psutil
import pytest

from harness.cell import Cell
from harness.client import SLOW, NoAnswer
from harness.kernels import Kernel
from stress.cells import KINDS, SETUP, Task

Starter = Callable[..., Kernel]
MINUTES = float(os.environ.get("MINUTES", "3"))
SEED = int(os.environ.get("SEED", str(time.time_ns() % 1_000_000)))
ANSWER = 30 * SLOW  # seconds until a kernel counts as hanging
LATE = 30 * SLOW  # seconds for lines that come after their cell
WARM_CELLS = 1500  # after so many, or half of the time, memory must not grow any more
REST = 4  # seconds: kernel/desktop/trim.h
GROWTH_MAX = 5 * 1024 * 1024


class Watched:
    """A cell with its task, until all its lines have come."""

    def __init__(self, task: Task, cell: Cell) -> None:
        """The cell has ended."""
        self.task, self.cell = task, cell

    def lacks(self) -> list[str]:
        """Lines that have not come; raises AssertionError for one that should not have."""
        shown, wanted = Counter(self.cell.stdout.splitlines()), Counter(self.task.lines)
        extra = shown - wanted
        assert not extra, f"seed {SEED}: {extra} in {self.task.code!r}"
        return list((wanted - shown).elements())


class Stress:
    """One kernel, one client, and what is still awaited."""

    def __init__(self, kernel: Kernel) -> None:
        """Prepares the kernel."""
        self.kernel, self.client = kernel, kernel.client()
        self.client.run(SETUP)
        self.open: list[Watched] = []
        self.recent: deque[str] = deque(maxlen=6)  # cells

    def step(self, task: Task) -> None:
        """One cell, and whatever has come for others."""
        self.recent.append(task.code)
        request = self.client.send_execute(task.code, store_history=False)
        if task.interrupt_after is not None:
            self.wait_for_text(str(request["msg_id"]))
            time.sleep(task.interrupt_after)
            self.kernel.interrupt()
        try:
            cell = self.client.finish(request, ANSWER)
        except NoAnswer:
            pytest.fail(f"seed {SEED}: {task.code!r} hangs\n{self.stacks()}")
        assert cell.error == task.error, f"seed {SEED}: {cell.reply.content} of {task.code!r}"
        assert task.result in (None, cell.result)
        self.open.append(Watched(task, cell))
        self.sort()

    def stacks(self) -> str:
        """Where the kernel's threads are: what its second interrupt would show."""
        self.kernel.signal(signal.SIGRTMAX - 3)
        self.client.pump(time.monotonic() + 1)
        texts = [m.content["text"] for m in self.client.inbox["iopub"] if m.type == "stream"]
        return "".join(texts)[-8000:]

    def wait_for_text(self, msg_id: str) -> None:
        """Until the cell has shown something, which stays in the inbox."""
        end = time.monotonic() + ANSWER
        inbox = self.client.inbox["iopub"]
        while not any(m.type == "stream" and m.parent_id == msg_id for m in inbox):
            assert time.monotonic() < end, f"seed {SEED}: nothing is shown"
            self.client.pump(time.monotonic() + 0.1)

    def sort(self) -> None:
        """Gives messages that came late to their cells, and forgets cells that have all."""
        inbox = self.client.inbox["iopub"]
        cells = {watched.cell.request["msg_id"]: watched.cell for watched in self.open}
        for message in list(inbox):
            if message.parent_id in cells:
                cells[message.parent_id].iopub.append(message)
                inbox.remove(message)
        try:
            self.open = [watched for watched in self.open if watched.lacks()]
        except AssertionError as error:
            waiting = [(watched.task.code, watched.cell.stdout) for watched in self.open]
            raise AssertionError(
                f"{error}; cells: {list(self.recent)}; waiting: {waiting}"
            ) from None

    def settle(self) -> None:
        """Waits for every line."""
        end = time.monotonic() + LATE
        while self.open and time.monotonic() < end:
            self.client.pump(time.monotonic() + 0.1)
            self.sort()
        lacking = {watched.task.code: watched.lacks() for watched in self.open}
        assert not lacking, f"seed {SEED}: lines are lost: {lacking}"

    def rss(self) -> int:
        """Bytes, when the kernel has rested and has given back what it does not need."""
        self.settle()
        self.client.run(
            "reap(); pool = child = thread = task = None; gc.collect(); None", store_history=False
        )
        time.sleep(REST)
        return int(psutil.Process(self.kernel.pid).memory_info().rss)


@pytest.mark.one_python
@pytest.mark.timeout(MINUTES * 60 * 2 + 300)
def test_stress(start: Starter) -> None:
    """No hang, no lost line, no growth, no orphan."""
    kernel = start()
    stress, chance = Stress(kernel), random.Random(SEED)
    end, steps, warm = time.monotonic() + MINUTES * 60, 0, 0
    while time.monotonic() < end:
        stress.step(chance.choice(KINDS)(chance))
        steps += 1
        if not warm and (steps >= WARM_CELLS or time.monotonic() > end - MINUTES * 30):
            warm = stress.rss()
    assert warm, f"only {steps} cells in {MINUTES} minutes"
    grown = stress.rss() - warm
    print(
        f"{steps} cells in {MINUTES} minutes, seed {SEED}; memory grew by {grown / 1024**2:.1f} MB"
    )
    assert grown < GROWTH_MAX
    family = kernel.descendants()
    stress.client.ask("shutdown_request", {"restart": False}, "control")
    kernel.wait_exit()
    _gone, alive = psutil.wait_procs(family, ANSWER)
    assert not alive
