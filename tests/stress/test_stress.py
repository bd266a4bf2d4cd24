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
from stress.cells import SETUP, TASKS, Task

Starter = Callable[..., Kernel]
MINUTES = float(os.environ.get("MINUTES", "3"))
SEED = int(os.environ.get("SEED", str(time.time_ns() % 1_000_000)))
ANSWER_SECONDS = 30 * SLOW  # seconds until a kernel counts as hanging
LATE_SECONDS = 30 * SLOW  # seconds for lines that come after their cell
WARM_CELLS = 1500  # after so many, or half of the time, memory must not grow any more
TRIM_SECONDS = 4  # seconds: kernel/desktop/memory_trim.h
GROWTH_MAX = 5 * 1024 * 1024


class SentCell:
    """A cell with its task, until all its lines have come."""

    def __init__(self, task: Task, cell: Cell) -> None:
        """The cell has ended."""
        self.task, self.cell = task, cell

    def missing_lines(self) -> list[str]:
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
        self.pending: list[SentCell] = []
        self.recent: deque[str] = deque(maxlen=6)  # cells

    def step(self, task: Task) -> None:
        """One cell, and whatever has come for others."""
        self.recent.append(task.code)
        request = self.client.send_execute(task.code, store_history=False)
        if task.interrupt_after is not None:
            self.wait_for_text(str(request["msg_id"]))
            time.sleep(task.interrupt_after)  # at any moment: all that is judged is the end
            self.kernel.interrupt()
        try:
            cell = self.client.finish(request, ANSWER_SECONDS)
        except NoAnswer:
            pytest.fail(f"seed {SEED}: {task.code!r} hangs\n{self.stacks()}")
        assert cell.error == task.error, f"seed {SEED}: {cell.reply.content} of {task.code!r}"
        assert task.result in (None, cell.result)
        self.pending.append(SentCell(task, cell))
        self.assign_late_messages()

    def stacks(self) -> str:
        """Where the kernel's threads are: what its second interrupt would show."""
        self.kernel.signal(signal.SIGRTMAX - 3)
        self.client.pump(time.monotonic() + 1)
        texts = [m.content["text"] for m in self.client.inbox["iopub"] if m.type == "stream"]
        return "".join(texts)[-8000:]

    def wait_for_text(self, msg_id: str) -> None:
        """Until the cell has shown something, which stays in the inbox."""
        end = time.monotonic() + ANSWER_SECONDS
        inbox = self.client.inbox["iopub"]
        while not any(m.type == "stream" and m.parent_id == msg_id for m in inbox):
            assert time.monotonic() < end, f"seed {SEED}: nothing is shown"
            self.client.pump(time.monotonic() + 0.1)

    def assign_late_messages(self) -> None:
        """Gives messages that came late to their cells, and forgets cells that have all."""
        inbox = self.client.inbox["iopub"]
        cells = {sent.cell.request["msg_id"]: sent.cell for sent in self.pending}
        for message in list(inbox):
            if message.parent_id in cells:
                cells[message.parent_id].iopub.append(message)
                inbox.remove(message)
        try:
            self.pending = [sent for sent in self.pending if sent.missing_lines()]
        except AssertionError as error:
            waiting = [(sent.task.code, sent.cell.stdout) for sent in self.pending]
            raise AssertionError(
                f"{error}; cells: {list(self.recent)}; waiting: {waiting}"
            ) from None

    def wait_for_all_lines(self) -> None:
        """Waits for every line."""
        end = time.monotonic() + LATE_SECONDS
        while self.pending and time.monotonic() < end:
            self.client.pump(time.monotonic() + 0.1)
            self.assign_late_messages()
        missing = {sent.task.code: sent.missing_lines() for sent in self.pending}
        assert not missing, f"seed {SEED}: lines are lost: {missing}"

    def rss(self, at_most: int | None = None) -> int:
        """
        Bytes, when the kernel has been idle and has given memory back.

        `at_most`: waits for so few bytes, LATE_SECONDS at most: a busy machine is late.
        """
        self.wait_for_all_lines()
        self.client.run(
            "reap(); pool = child = thread = task = None; gc.collect(); None", store_history=False
        )
        time.sleep(TRIM_SECONDS)  # a resting kernel gives memory back after this time
        process, end = psutil.Process(self.kernel.pid), time.monotonic() + LATE_SECONDS
        while at_most and process.memory_info().rss > at_most and time.monotonic() < end:
            time.sleep(0.5)  # nobody tells of it
        return int(process.memory_info().rss)


@pytest.mark.one_python
@pytest.mark.timeout(MINUTES * 60 * 2 + 300)
def test_stress(start: Starter) -> None:
    """No hang, no lost line, no growing memory, no process left."""
    kernel = start()
    stress, rng = Stress(kernel), random.Random(SEED)
    end, steps, warm = time.monotonic() + MINUTES * 60, 0, 0
    while time.monotonic() < end:
        stress.step(rng.choice(TASKS)(rng))
        steps += 1
        if not warm and (steps >= WARM_CELLS or time.monotonic() > end - MINUTES * 30):
            warm = stress.rss()
    assert warm, f"only {steps} cells in {MINUTES} minutes"
    grown = stress.rss(warm + GROWTH_MAX - 1) - warm
    print(
        f"{steps} cells in {MINUTES} minutes, seed {SEED}; memory grew by {grown / 1024**2:.1f} MB"
    )
    assert grown < GROWTH_MAX
    descendants = kernel.descendants()
    stress.client.ask("shutdown_request", {"restart": False}, "control")
    kernel.wait_exit()
    _gone, alive = psutil.wait_procs(descendants, ANSWER_SECONDS)
    assert not alive
