"""Other event loops and what retries on them: trio, anyio, uvloop, tenacity; an article's asyncio."""

from __future__ import annotations

import pytest

from harness.client import SLOW, Client
from harness.kernels import Kernel

TIMEOUT = 30 * SLOW
CANCELLED = pytest.mark.better("an interrupt of an await is a CancelledError there")
RUNS = "a cell runs inside of a running loop there"

ARTICLE = """
import asyncio
async def count(name, n):
    for i in range(n):
        print(name, i)
        await asyncio.sleep(0.01)
    return name
async def both():
    return await asyncio.wait_for(asyncio.gather(count('a', 2), count('b', 2)), 60)
def legacy():
    loop = asyncio.get_event_loop()
    task = asyncio.ensure_future(count('a', 2), loop=loop)
    other = loop.create_task(count('b', 2))
    return loop.run_until_complete(asyncio.gather(task, other))
"""


@pytest.mark.better(RUNS)
def test_asyncio_as_in_the_articles(client: Client) -> None:
    client.run(ARTICLE)
    for code in ("legacy()", "asyncio.run(both())", "await both()"):
        cell = client.run(code)
        assert (cell.result, cell.stdout) == ("['a', 'b']", "a 0\nb 0\na 1\nb 1\n")


def test_asyncio_coroutine_decorator_is_gone(client: Client) -> None:
    cell = client.execute("import asyncio\n@asyncio.coroutine\ndef old(): yield from []")
    assert cell.error == "AttributeError"
    assert cell.reply.content["evalue"] == "module 'asyncio' has no attribute 'coroutine'"


def test_asyncio_yield_from(client: Client) -> None:
    code = """
import types
@types.coroutine
def old():
    yield from asyncio.sleep(0.01).__await__()
    return 'as before'
await old()
"""
    assert client.run("import asyncio\n" + code).result == "'as before'"


TRIO = """
import trio
async def worker(name, before, after):
    await before.wait()
    await trio.sleep(0.01)
    print(name)
    after.set()
async def main():
    begin, fast, slow = trio.Event(), trio.Event(), trio.Event()
    begin.set()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(worker, 'slow', fast, slow)
        nursery.start_soon(worker, 'fast', begin, fast)
    return 'trio'
trio.run(main)
"""


def test_trio_run_in_a_plain_cell(client: Client) -> None:
    for _ in range(2):
        cell = client.run(TRIO, timeout=TIMEOUT)
        assert (cell.result, cell.stdout) == ("'trio'", "fast\nslow\n")
    assert client.run("import asyncio\nawait asyncio.sleep(0, 'asyncio')").result == "'asyncio'"


def interrupt(kernel: Kernel, client: Client, code: str) -> None:
    """Interrupts a cell that has begun to wait, for ten minutes."""
    request = client.send_execute("print('in', flush=True)\n" + code)
    client.iopub("stream", request)
    kernel.settle()
    kernel.interrupt()
    assert client.finish(request, TIMEOUT).error == "KeyboardInterrupt"


def test_trio_interrupt(kernel: Kernel, client: Client) -> None:
    client.run("import trio")
    interrupt(kernel, client, "trio.run(trio.sleep, 600)")
    assert client.run(TRIO).result == "'trio'"


ANYIO = """
import anyio
async def worker(name, before, after):
    await before.wait()
    await anyio.sleep(0.01)
    print(name)
    after.set()
async def main():
    begin, fast, slow = anyio.Event(), anyio.Event(), anyio.Event()
    begin.set()
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            group.start_soon(worker, 'slow', fast, slow)
            group.start_soon(worker, 'fast', begin, fast)
    return await anyio.to_thread.run_sync(lambda: 'from a thread')
"""


def test_anyio_in_an_awaiting_cell(client: Client) -> None:
    client.run(ANYIO, timeout=TIMEOUT)
    for _ in range(2):
        cell = client.run("await main()")
        assert (cell.result, cell.stdout) == ("'from a thread'", "fast\nslow\n")


@pytest.mark.better(RUNS)
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio_run_in_a_plain_cell(client: Client, backend: str) -> None:
    client.run(ANYIO, timeout=TIMEOUT)
    cell = client.run(f"anyio.run(main, backend={backend!r})", timeout=TIMEOUT)
    assert (cell.result, cell.stdout) == ("'from a thread'", "fast\nslow\n")


@pytest.mark.better(RUNS)
def test_uvloop_run_in_a_plain_cell(kernel: Kernel, client: Client) -> None:
    code = (
        "import asyncio, uvloop\nasync def kind():\n    await asyncio.sleep(0.01)\n"
        "    return type(asyncio.get_running_loop()).__module__\nuvloop.run(kind())"
    )
    assert client.run(code, timeout=TIMEOUT).result == "'uvloop'"
    assert (
        client.run(
            "with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner: found = runner.run(kind())\nfound"
        ).result
        == "'uvloop'"
    )
    assert client.run("await kind()").result == "'asyncio.unix_events'"
    interrupt(kernel, client, "uvloop.run(asyncio.sleep(600))")
    assert client.run("uvloop.run(kind())").result == "'uvloop'"


@pytest.mark.better(RUNS)
def test_uvloop_as_the_policy(client: Client) -> None:
    code = """
import asyncio, uvloop
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
async def kind():
    await asyncio.sleep(0.01)
    return type(asyncio.get_running_loop()).__module__
asyncio.run(kind())
"""
    assert client.run(code, timeout=TIMEOUT).result == "'uvloop'"
    assert client.run("import asyncio\nawait asyncio.sleep(0.01, 'a cell')").result == "'a cell'"
    assert client.run("asyncio.run(kind())").result == "'uvloop'"
    client.run("asyncio.set_event_loop_policy(None)")
    assert client.run("asyncio.run(kind())").result == "'asyncio.unix_events'"


TENACITY = """
from tenacity import retry, stop_after_attempt, wait_fixed
attempts = []
@retry(stop=stop_after_attempt(5), wait=wait_fixed(0.01))
def flaky():
    attempts.append('sync')
    if len(attempts) < 3: raise OSError('not yet')
    return 'sync done'
@retry(stop=stop_after_attempt(5), wait=wait_fixed(0.01))
async def aflaky():
    attempts.append('async')
    if len(attempts) < 6: raise OSError('not yet')
    return 'async done'
@retry(wait=wait_fixed(60))
def never(): raise OSError('no')
@retry(wait=wait_fixed(60))
async def anever(): raise OSError('no')
"""


def test_tenacity_sync_and_async(client: Client) -> None:
    client.run(TENACITY, timeout=TIMEOUT)
    assert client.run("flaky(), len(attempts)").result == "('sync done', 3)"
    assert client.run("await aflaky(), len(attempts)").result == "('async done', 6)"
    code = "@retry(stop=stop_after_attempt(2), reraise=True)\ndef bad(): raise LookupError('끝')\nbad()"
    cell = client.execute(code)
    assert (cell.error, cell.reply.content["evalue"]) == ("LookupError", "끝")
    assert client.execute("retry(stop=stop_after_attempt(1))(len)(3)").error == "RetryError"


@pytest.mark.parametrize("code", ["never()", pytest.param("await anever()", marks=CANCELLED)])
def test_tenacity_wait_is_interruptible(kernel: Kernel, client: Client, code: str) -> None:
    client.run(TENACITY, timeout=TIMEOUT)
    interrupt(kernel, client, code)
