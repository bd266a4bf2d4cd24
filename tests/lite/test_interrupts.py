"""The stop button: loops, sleeps, await, in the ways that can hear it; and whom it does not hit."""

from __future__ import annotations

import pytest

from lite.conftest import on
from lite.kernel import Kernel

BOTH = on("isolated-shared", "plain-serviceworker")
LOOP = "n = 0\nprint('begun', flush=True)\nwhile True:\n    n += 1"
SLEEP = "import time\nprint('begun', flush=True)\ntime.sleep(60)"
AWAIT = "import asyncio\nprint('begun', flush=True)\nawait asyncio.sleep(60)"
RUN = "import asyncio\nprint('begun', flush=True)\nasyncio.run(asyncio.sleep(60))"
CAUGHT = """\
import time
def work():
    n = 0
    print('begun', flush=True)
    while True:
        n += 1
try:
    work()
except KeyboardInterrupt:
    print('caught', flush=True)
time.sleep(0.5)
print('went on')"""


def stopped(kernel: Kernel, code: str) -> None:
    """Runs, stops once it has begun, and sees it end so."""
    cell = kernel.begin(code)
    kernel.said(cell, "begun")
    kernel.interrupt()
    assert kernel.finish(cell).error == "KeyboardInterrupt"
    assert kernel.run("print('well')").text == "well\n"


@BOTH
@pytest.mark.parametrize("code", [LOOP, SLEEP, AWAIT, RUN], ids=["loop", "sleep", "await", "run"])
def test_stop(kernel: Kernel, code: str) -> None:
    stopped(kernel, code)


@on("isolated-jspi", "plain-jspi")
@pytest.mark.parametrize("code", [SLEEP, AWAIT, RUN], ids=["sleep", "await", "run"])
def test_stop_by_suspension(kernel: Kernel, code: str) -> None:
    stopped(kernel, code)


@on("plain-none")
def test_stop_of_an_await_needs_no_way(kernel: Kernel) -> None:
    stopped(kernel, AWAIT)


@BOTH
def test_none_is_lost(kernel: Kernel) -> None:
    for _ in range(40):
        cell = kernel.begin(LOOP)
        kernel.said(cell, "begun")
        kernel.interrupt()
        assert kernel.finish(cell).error == "KeyboardInterrupt"


@BOTH
def test_one_click_stops_once(kernel: Kernel) -> None:
    cell = kernel.begin(CAUGHT)
    kernel.said(cell, "begun")
    kernel.interrupt()
    assert kernel.finish(cell).text == "begun\ncaught\nwent on\n"


@BOTH
def test_a_click_on_an_idle_kernel_hits_nothing(kernel: Kernel) -> None:
    for _ in range(5):
        kernel.run("pass")
        kernel.interrupt()
        assert kernel.run("import time\ntime.sleep(0.3)\nprint('whole')").text == "whole\n"
        assert kernel.run("sum(range(2_000_000))\nprint('whole')").text == "whole\n"


@BOTH
def test_the_cells_after_it_are_dropped(kernel: Kernel) -> None:
    first = kernel.begin(LOOP, "a")
    second = kernel.begin("print('never')", "b")
    kernel.said(first, "begun")
    kernel.interrupt()
    assert kernel.finish(first).error == "KeyboardInterrupt"
    assert kernel.finish(second).reply["status"] in ("aborted", "error")
    assert not kernel.finish(second).text


@BOTH
def test_sleep_is_as_long_as_it_says(kernel: Kernel) -> None:
    outcome = kernel.run(
        "import time\nt = time.monotonic(); time.sleep(0.4); print(time.monotonic() - t)"
    )
    assert 0.39 < float(outcome.text) < 30


@BOTH
def test_print_between_sleeps_is_seen_at_once(kernel: Kernel) -> None:
    code = "import time\ntime.sleep(0.1)\nprint('one')\ntime.sleep(600)\nprint('two')"
    cell = kernel.begin(code)
    kernel.said(cell, "one")
    kernel.interrupt()
    outcome = kernel.finish(cell)
    assert (outcome.error, outcome.text) == ("KeyboardInterrupt", "one\n")


@BOTH
def test_print_before_a_long_computation_is_seen_at_once(kernel: Kernel) -> None:
    cell = kernel.begin(LOOP.replace(", flush=True", ""))
    kernel.said(cell, "begun")
    kernel.interrupt()
    kernel.finish(cell)
