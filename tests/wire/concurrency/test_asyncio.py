"""asyncio in cells: as in a script in a plain cell, and with a loop that lives between cells."""

from __future__ import annotations

import pytest

from harness.client import Client
from harness.kernels import Kernel

LATE = """
import asyncio
async def late(text, seconds=0.02):
    await asyncio.sleep(seconds)
    print(text)
    return text
"""
RAISES = "a cell runs inside of a running loop there"


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """A client for whose cells `late` is defined."""
    made = kernel.client()
    made.run(LATE)
    return made


@pytest.mark.better(RAISES)
@pytest.mark.parametrize(
    "code",
    [
        "asyncio.run(late('done'))",
        "with asyncio.Runner() as runner: print(runner.run(asyncio.sleep(0, 'done')))",
        "_ = asyncio.get_event_loop().run_until_complete(late('done'))",
        "own = asyncio.new_event_loop(); own.run_until_complete(late('done')); own.close()",
        "loop = asyncio.get_event_loop()\nloop.call_later(.01, loop.stop)\n"
        "loop.run_forever(); print('done')",
    ],
    ids=["run", "Runner", "run_until_complete", "own", "run_forever"],
)
def test_a_plain_cell_is_a_script(client: Client, code: str) -> None:
    if "Runner" in code and client.run("import sys; sys.version_info < (3, 11)").result == "True":
        pytest.skip("asyncio.Runner came with Python 3.11")
    for _ in range(2):
        assert client.run(code).stdout == "done\n"
    assert client.run("await asyncio.sleep(0, 'still')").result == "'still'"


@pytest.mark.parametrize(
    "make",
    ["asyncio.create_task", "asyncio.ensure_future", "asyncio.get_running_loop().create_task"],
)
def test_a_plain_cell_makes_tasks(client: Client, make: str) -> None:
    cell = client.run(f"task = {make}(late('from the task'))")
    assert client.run("await task").result == "'from the task'"
    assert cell.stdout == ""
    text = client.iopub("stream", cell.request).content["text"]
    assert text == "from the task\n", "it is the output of the cell that made the task"


def test_tasks_of_a_plain_cell_run_while_the_kernel_is_idle(client: Client) -> None:
    cell = client.run("asyncio.create_task(late('on its own')).get_name() and None")
    assert client.iopub("stream", cell.request).content["text"] == "on its own\n"


def test_all_tasks_from_a_plain_cell(client: Client) -> None:
    client.run("waiting = asyncio.create_task(asyncio.sleep(60))")
    assert client.run("waiting in asyncio.all_tasks()").result == "True"
    assert client.execute("asyncio.current_task()").error is None
    client.run("waiting.cancel()")


@pytest.mark.better(RAISES)
def test_libraries_see_that_no_loop_runs(client: Client) -> None:
    code = (
        "import types\nlibrary = types.ModuleType('library')\n"
        "exec('import asyncio\\ndef probe(): return asyncio.get_running_loop()', library.__dict__)\n"
        "library.probe()"
    )
    assert client.execute(code).error == "RuntimeError"
    client.run("task = asyncio.create_task(asyncio.sleep(0))")
    assert client.execute("library.probe()").error == "RuntimeError"


@pytest.mark.better(RAISES)
def test_run_within_a_cell_that_awaits(client: Client) -> None:
    code = (
        "before = asyncio.current_task()\nawait asyncio.sleep(0)\n"
        "print(asyncio.run(asyncio.sleep(0, 'inner')))\n"
        "assert asyncio.current_task() is before\nawait asyncio.sleep(0.01, 'outer')"
    )
    cell = client.run(code)
    assert (cell.stdout, cell.result) == ("inner\n", "'outer'")


@pytest.mark.better(RAISES)
def test_run_within_a_coroutine_is_refused(client: Client) -> None:
    code = "async def wrong():\n    inner = late('x')\n    try: asyncio.run(inner)\n    finally: inner.close()\n"
    assert client.execute(code + "await asyncio.create_task(wrong())").error == "RuntimeError"


@pytest.mark.better(RAISES)
def test_a_loop_that_a_cell_has_set_stays_the_current_one(client: Client) -> None:
    client.run("own = asyncio.new_event_loop(); asyncio.set_event_loop(own)")
    assert client.run("asyncio.get_event_loop() is own").result == "True"
    assert client.run("await late('meanwhile')").stdout == "meanwhile\n"
    client.run("own.close()")
    assert client.run("asyncio.get_event_loop().is_closed()").result == "False"


@pytest.mark.better(RAISES)
def test_a_closed_loop_is_replaced(client: Client) -> None:
    client.run("asyncio.get_event_loop().close()")
    assert client.run("await late('replaced')").stdout == "replaced\n"
    assert client.run("asyncio.run(late('too'))").stdout == "too\n"


@pytest.mark.better(RAISES)
def test_behind_run_there_is_a_loop_still(client: Client) -> None:
    code = "asyncio.run(late('first'))\nawaited = asyncio.gather(late('a'), late('b'))"
    client.run(code + "\nasyncio.get_event_loop()")
    assert client.run("await awaited").result == "['a', 'b']"
