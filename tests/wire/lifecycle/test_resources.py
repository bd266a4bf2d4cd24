"""A kernel that rests does not wake, and memory and file descriptors do not grow."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil
import pytest

from harness.activity import Activity
from harness.kernels import Kernel
from harness.until import until

Starter = Callable[..., Kernel]


def rests(pid: int, seconds: float = 4) -> None:
    """Raises AssertionError unless there are so many seconds in which no thread wakes up."""
    seen, since = Activity.of(pid).switches, time.monotonic()

    def has_rested() -> bool:
        nonlocal seen, since
        before, seen = seen, Activity.of(pid).switches
        since = since if seen == before else time.monotonic()
        return time.monotonic() - since > seconds

    until(has_rested, f"{seconds} s without a wake-up", pause=0.1)


@pytest.mark.better("it wakes once a second")
def test_idle_kernel_does_not_wake(start: Starter) -> None:
    """But once, to give memory back (kernel/desktop/memory_trim.h)."""
    kernel = start()
    kernel.client().is_well()
    rests(kernel.pid)


@pytest.mark.better("it wakes once a second")
def test_idle_kernel_does_not_wake_once_asyncio_was_used(start: Starter) -> None:
    kernel = start()
    kernel.client().run("import asyncio\nawait asyncio.sleep(0.01)")
    rests(kernel.pid)


@pytest.mark.one_python
def test_memory_does_not_grow(start: Starter) -> None:
    kernel = start()
    client = kernel.client()
    code = "print('x' * 1000)\n{'a': [1, 2, 3]}"
    # history and tables that are bounded have filled up after the first part
    for _ in range(500):
        client.execute(code, store_history=False)
    before = psutil.Process(kernel.pid).memory_info().rss
    for _ in range(1500):
        client.execute(code, store_history=False)
    grown = psutil.Process(kernel.pid).memory_info().rss - before
    assert grown < 3_000_000, f"{grown} bytes in 1500 cells"


@pytest.mark.one_python
def test_file_descriptors_do_not_grow(start: Starter) -> None:
    kernel = start()
    for _ in range(3):
        client = kernel.client()
        client.is_well()  # not before Python has started
        client.close()
    before = psutil.Process(kernel.pid).num_fds()
    for _ in range(10):
        client = kernel.client()
        client.run("import subprocess\nsubprocess.run(['true']); print(1)")
        client.close()
    # closed connections are noticed a little later
    until(lambda: psutil.Process(kernel.pid).num_fds() <= before, f"not more than {before}")


@pytest.mark.one_python
def test_cells_that_nobody_stores_do_not_fill_the_memory(start: Starter) -> None:
    kernel = start()
    client = kernel.client()
    code = "# " + "x" * 4000 + "\nNone"

    def rss_after(cells: int) -> float:
        for _ in range(cells):
            client.execute(code, store_history=False)
        return float(psutil.Process(kernel.pid).memory_info().rss) / 1024**2

    before = rss_after(1500)
    assert rss_after(2000) - before < 3
    assert client.execute("def f(): 1 / 0\nf()", store_history=False).error == "ZeroDivisionError"
