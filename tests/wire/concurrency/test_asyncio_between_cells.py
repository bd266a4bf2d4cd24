"""What ends a cell that awaits, and what runs between cells: public reports about asyncio in notebooks.

Source: python/cpython#69675, #108549; ipython/ipykernel, "Run all" and background tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

Starter = Callable[..., Kernel]
WITH_IPYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
DIES = "the kernel dies there"

TASKS = """
import asyncio, sys, time
async def leave(error=SystemExit):
    await asyncio.sleep(0.01)
    raise error('left')
"""


@pytest.fixture(scope="module", params=["own", "IPython"])
def module_kernel(request, tmp_path_factory, python) -> Iterator[Kernel]:
    """A kernel that runs cells by itself, and one whose cells IPython runs."""
    if request.param == "IPython" and not IS_CARME:
        pytest.skip("IPython's shell is the only one there")
    options = {"path": WITH_IPYTHON} if request.param == "IPython" else {}
    kernel = Kernel(tmp_path_factory.mktemp("asyncio"), python, **options)
    if request.param == "IPython":
        kernel.client().run("import IPython; IPython.get_ipython()")
    yield kernel
    kernel.stop()


@pytest.fixture
def client(module_kernel: Kernel) -> Iterator[Client]:
    """Its client, for whose cells the tasks are defined."""
    made = module_kernel.client()
    made.run(TASKS)
    yield made


@pytest.mark.better(DIES)
@pytest.mark.parametrize("error", ["SystemExit", "KeyboardInterrupt"])
@pytest.mark.parametrize(
    "wait",
    [
        "await asyncio.create_task(leave({error}))",
        "await asyncio.gather(leave({error}), asyncio.sleep(60))",
        "task = asyncio.create_task(leave({error}))\nawait asyncio.sleep(60)",
        "async def outer(): await asyncio.wait_for(asyncio.create_task(leave({error})), 60)\n"
        "await asyncio.wait([asyncio.create_task(outer())])",
        "asyncio.get_running_loop().call_later(0.01, exec, 'raise {error}')\nawait asyncio.sleep(60)",
    ],
    ids=["task", "gather", "beside", "far", "callback"],
)
def test_what_leaves_the_loop_ends_its_own_cell(client: Client, error: str, wait: str) -> None:
    codes = (wait.format(error=error), "await asyncio.sleep(0.02)\n'second'", "'third'")
    requests = [client.send_execute(code, stop_on_error=False) for code in codes]
    cells = [client.finish(request) for request in requests]
    assert [cell.error for cell in cells] == [error, None, None]
    assert [cell.result for cell in cells[1:]] == ["'second'", "'third'"]
    assert "never retrieved" not in cells[0].stderr


@pytest.mark.better("the next cell ends there")
@pytest.mark.parametrize(
    "wait",
    [
        "await asyncio.create_task(busy())",
        "task = asyncio.create_task(busy())\nawait asyncio.sleep(60)",
    ],
    ids=["awaited", "beside"],
)
def test_an_interrupt_of_a_busy_task_ends_its_cell(
    client: Client, module_kernel: Kernel, wait: str
) -> None:
    client.run("async def busy():\n    print('busy')\n    while True: pass")
    requests = [
        client.send_execute(code, stop_on_error=False)
        for code in (wait, "await asyncio.sleep(0.02)\n'second'", "'third'")
    ]
    client.iopub("stream", requests[0])
    module_kernel.interrupt()
    cells = [client.finish(request) for request in requests[1:]]
    assert client.reply(requests[0]).content["ename"] == "KeyboardInterrupt"
    assert [cell.result for cell in cells] == ["'second'", "'third'"]
    shown = [m for m in client.inbox["iopub"] if m.type == "error"]
    assert [m.parent_id for m in shown] == [requests[0]["msg_id"]], "the error is shown once"


@pytest.mark.better(DIES)
def test_a_cell_can_catch_what_it_awaits(client: Client) -> None:
    code = "try:\n    await asyncio.create_task(leave())\nexcept SystemExit as e:\n    print('caught', e.code)"
    assert client.run(code).stdout == "caught left\n"
    assert client.run("await asyncio.sleep(0.01, 'still')").result == "'still'"


@pytest.mark.better(DIES)
def test_a_cell_that_is_ended_cleans_up(client: Client) -> None:
    code = "task = asyncio.create_task(leave())\ntry:\n    await asyncio.sleep(60)\nfinally:\n    print('cleaned')"
    cell = client.execute(code)
    assert (cell.error, cell.stdout) == ("SystemExit", "cleaned\n")


@pytest.mark.better(DIES)
def test_an_earlier_cells_task_ends_neither_cells_nor_other_tasks(client: Client) -> None:
    client.run(
        "first, second = asyncio.Event(), asyncio.Event()\n"
        "async def ends():\n    await first.wait(); raise SystemExit\n"
        "async def goes_on():\n    await second.wait(); print('goes on')"
    )
    making = client.run("tasks = [asyncio.create_task(f()) for f in (ends, goes_on)]")
    assert client.run("first.set()\nawait asyncio.sleep(0.05, 'mine')").result == "'mine'"
    client.run("tasks[0].exception()")
    client.run("first.clear()\ntasks.append(asyncio.create_task(ends()))\nfirst.set()")
    client.run("asyncio.get_event_loop().call_later(0.05, second.set)")
    assert client.iopub("stream", making.request).content["text"] == "goes on\n"
    client.run("tasks[-1].exception()")


def test_tasks_have_a_turn_between_queued_cells(client: Client) -> None:
    client.run("turns = 0")
    codes = (
        "async def count():\n    global turns\n    while True: turns += 1; await asyncio.sleep(0)\n"
        "counting = asyncio.create_task(count())\ntime.sleep(0.2)",
        "seen = [turns]",
        "seen.append(turns)",
        "seen.append(turns)\n_ = counting.cancel()\nseen[0] >= 1, seen[1] > seen[0], seen[2] > seen[1]",
    )
    requests = [client.send_execute(code) for code in codes]
    cells = [client.finish(request) for request in requests]
    assert cells[-1].result == "(True, True, True)"


BROKEN = """
class Text:
    def __repr__(self): return 1 / 0
class Html:
    def _repr_html_(self): return 1 / 0
"""


@pytest.mark.better("the reply has status error and no name")
def test_a_result_that_can_not_be_shown_fails_its_cell(client: Client) -> None:
    client.run(BROKEN)
    assert client.execute("Text()").error == "ZeroDivisionError"
    assert client.execute("[Text()]").error == "ZeroDivisionError"
    cell = client.execute("Html()")
    assert cell.error == "ZeroDivisionError"
    assert "__main__.Html" in str(cell.result), "its other forms are shown"
    assert client.run("Html();").result is None
    assert client.run("1").result == "1"


# how param, panel and their like ask whether they make a task
DECIDES = """
import asyncio
def as_param(function):
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is not None:
        return asyncio.ensure_future(function())
    asyncio.new_event_loop().run_until_complete(function())
def as_panel(function):
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
    if loop.is_running():
        return asyncio.create_task(function())
    loop.run_until_complete(function())
def as_many(function):
    loop = asyncio.get_event_loop()
    if loop.is_running():
        return loop.create_task(function())
    return loop.run_until_complete(function())
def as_asgiref(function):
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError("await it")
    async def run():
        return await function()
    return asyncio.run(run()) if function else asyncio.create_task(run())
def only_asks():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.get_event_loop().is_running()
    return True
"""


@pytest.mark.parametrize("way", ["as_param", "as_panel", "as_many"])
def test_a_library_that_decides_to_make_a_task_makes_one(
    client: Client, tmp_path: Path, way: str
) -> None:
    (tmp_path / "decides.py").write_text(DECIDES)
    client.run(
        f"sys.path.insert(0, {str(tmp_path)!r})\nsys.modules.pop('decides', None)\nimport decides"
    )
    client.run("async def endless():\n    while True: await asyncio.sleep(0.01); turned.set()")
    cell = client.run(f"turned = asyncio.Event()\ntask = decides.{way}(endless)\ntask.done()")
    assert cell.result == "False"
    assert client.run("await turned.wait()").result == "True"
    client.run("_ = task.cancel()")


@pytest.mark.better("a cell runs inside of a running loop there")
def test_a_library_that_only_asks_sees_a_plain_cell(client: Client, tmp_path: Path) -> None:
    (tmp_path / "decides.py").write_text(DECIDES)
    client.run(
        f"sys.path.insert(0, {str(tmp_path)!r})\nsys.modules.pop('decides', None)\nimport decides"
    )
    assert client.run("decides.only_asks()").result == "False"
    client.run("async def value(): return 'value'")
    assert client.run("decides.as_asgiref(value)").result == "'value'"


@pytest.mark.better("it has nothing of the kind")
def test_what_leaves_the_background_loop_ends_no_other_of_its_coroutines(client: Client) -> None:
    client.run("from carme import background\nlast = background(leave())")
    client.run("try: last.result(60)\nexcept SystemExit: pass")
    assert client.run("background(asyncio.sleep(0.01, 'still')).result(60)").result == "'still'"


def test_autoawait_off_is_a_syntax_error(client: Client) -> None:
    client.run("%autoawait off")
    assert client.execute("await asyncio.sleep(0)").error == "SyntaxError"
    client.run("%autoawait on")
    assert client.run("await asyncio.sleep(0, 'again')").result == "'again'"


@pytest.mark.skipif(not IS_CARME, reason="IPython is there from the start")
def test_autoawait_stays_as_it_was_set(start: Starter) -> None:
    client = start(path=WITH_IPYTHON).client()
    client.run("import asyncio\n%autoawait off")
    assert client.run("import IPython\nIPython.get_ipython().autoawait").result == "False"
    assert client.execute("await asyncio.sleep(0)").error == "SyntaxError"
