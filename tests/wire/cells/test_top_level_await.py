"""Top-level await, and tasks that go on between cells."""

from __future__ import annotations

import pytest

from harness.cell import plain
from harness.client import Client


class TestAwait:
    """Top-level await."""

    def test_result(self, client: Client) -> None:
        assert client.run("import asyncio\nawait asyncio.sleep(0.01, 'slept')").result == "'slept'"

    def test_await_without_import(self, client: Client) -> None:
        code = "async def answer(): return 42\nvalue = await answer()\nvalue"
        assert client.run(code).result == "42"

    def test_error_in_a_coroutine(self, client: Client) -> None:
        cell = client.execute("async def fails():\n    1/0\n\nawait fails()")
        assert cell.error == "ZeroDivisionError"
        assert "await fails()" in plain(cell.traceback)

    def test_async_for_and_with(self, client: Client) -> None:
        code = """
import contextlib
async def count():
    for i in range(3): yield i
@contextlib.asynccontextmanager
async def around():
    yield 'in'
async for i in count(): print(i)
async with around() as place: print(place)
[i async for i in count()]
"""
        cell = client.run(code)
        assert cell.stdout == "0\n1\n2\nin\n"
        assert cell.result == "[0, 1, 2]"

    def test_tasks_run_side_by_side(self, client: Client) -> None:
        code = """
import asyncio
here, all_here = [], asyncio.Event()
async def meet():
    await asyncio.sleep(0.01)
    here.append(1)
    if len(here) == 10: all_here.set()
    await all_here.wait()
_ = await asyncio.gather(*(meet() for _ in range(10)))
len(here)
"""
        assert client.run(code).result == "10"

    def test_one_loop_for_all_cells(self, client: Client) -> None:
        code = "import asyncio\nawait asyncio.sleep(0)\nloop_before = asyncio.get_running_loop()"
        client.run(code)
        code = "await asyncio.sleep(0)\nasyncio.get_running_loop() is loop_before"
        assert client.run(code).result == "True"

    def test_a_task_goes_on_between_cells(self, client: Client) -> None:
        maker = client.run(
            "import asyncio\nticks = []\n"
            "async def tick():\n"
            "    for i in range(3):\n"
            "        await asyncio.sleep(0.02); ticks.append(i)\n"
            "    print('over')\n"
            "task = asyncio.get_running_loop().create_task(tick())\n"
            "await asyncio.sleep(0)"
        )
        client.text_with("over", maker)
        assert client.run("ticks").result == "[0, 1, 2]"

    def test_a_task_keeps_the_cell_that_made_it(self, client: Client) -> None:
        maker = client.run(
            "import asyncio\ngo = asyncio.Event()\n"
            "async def late():\n"
            "    await go.wait(); print('late', flush=True)\n"
            "late_task = asyncio.get_running_loop().create_task(late())\n"
            "await asyncio.sleep(0)"
        )
        assert client.run("go.set()").stdout == ""
        assert client.text_with("late", maker) == "late\n"

    @pytest.mark.better("a running loop refuses asyncio.run under ipykernel")
    def test_asyncio_run_works_in_a_plain_cell(self, client: Client) -> None:
        code = "import asyncio\nasync def f(): return 'run'\nasyncio.run(f())"
        assert client.run(code).result == "'run'"

    @pytest.mark.better("it loses what an awaiting cell sets")
    def test_context_variables_survive(self, client: Client) -> None:
        client.run("import contextvars\nvar = contextvars.ContextVar('var', default='unset')")
        client.run("import asyncio\nvar.set('set')\nawait asyncio.sleep(0)")
        assert client.run("var.get()").result == "'set'"

    @pytest.mark.better("it tells a RuntimeError")
    def test_yield_outside_is_a_syntax_error(self, client: Client) -> None:
        assert client.execute("yield 1").error == "SyntaxError"
        assert client.execute("await asyncio.sleep(0); return 1").error == "SyntaxError"
