"""gevent and eventlet with everything patched in the first cell: the kernel goes on as before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.client import SLOW, Client
from harness.kernels import Kernel

TIMEOUT = 30 * SLOW
GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent
spawn, sleep, joinall = gevent.spawn, gevent.sleep, gevent.joinall
"""
EVENTLET = """
import eventlet
eventlet.monkey_patch()
spawn, sleep = eventlet.spawn, eventlet.sleep
def joinall(jobs): return [job.wait() for job in jobs]
"""
FIRST = {"gevent": GEVENT, "eventlet": EVENTLET}
HANGS = "it hangs for ever after patch_all()"
pytestmark = pytest.mark.better(HANGS)


@pytest.fixture(params=FIRST)
def kernel(request: pytest.FixtureRequest, start: Callable[..., Kernel]) -> Kernel:
    """A kernel of one's own: what is patched stays patched."""
    made = start()
    made.client().run(FIRST[request.param], timeout=TIMEOUT)
    return made


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """The client that has sent the first cell."""
    return kernel.clients[0]


WORK = """
seen = []
def work(n):
    for turn in range(2):
        sleep(0.01)
        seen.append((turn, n))
    print('done', n)
    return n
jobs = [spawn(work, n) for n in range(5)]
joinall(jobs)
seen == sorted(seen)
"""


def test_greenlets_spawn_and_joinall(client: Client) -> None:
    cell = client.run(WORK, timeout=TIMEOUT)
    assert sorted(cell.stdout.splitlines()) == [f"done {n}" for n in range(5)]
    assert cell.result == "True"
    assert client.run("6 * 7").result == "42"


def test_greenlets_many_cells(client: Client) -> None:
    for n in range(20):
        assert client.run(f"print({n}); {n}").result == str(n)


def test_greenlets_input(client: Client) -> None:
    client.run(WORK, timeout=TIMEOUT)
    request = client.send_execute("name = input('name? ')\nname", allow_stdin=True)
    client.answer("ann", client.input_request(request))
    assert client.finish(request).result == "'ann'"


def test_greenlets_interrupt(kernel: Kernel, client: Client) -> None:
    for code in ("sleep(600)", "import time\ntime.sleep(600)", "while True: pass"):
        request = client.send_execute("print('in', flush=True)\n" + code)
        client.iopub("stream", request)
        kernel.settle()
        kernel.interrupt()
        assert client.finish(request).error == "KeyboardInterrupt"
        assert client.run("print('next')").stdout == "next\n"
    assert client.run(WORK, timeout=TIMEOUT).result == "True"


def test_greenlets_threads_and_queues(client: Client) -> None:
    code = """
import queue, threading
q = queue.Queue()
thread = threading.Thread(target=lambda: [q.put(n) for n in range(3)])
thread.start()
found = [q.get() for _ in range(3)]
thread.join()
found
"""
    assert client.run(code, timeout=TIMEOUT).result == "[0, 1, 2]"


def test_greenlets_run_while_idle_is_not_needed(kernel: Kernel, client: Client) -> None:
    client.run("job = spawn(work, 1) if 'work' in globals() else spawn(lambda: sleep(0.01))")
    kernel.settle()
    assert client.run("print('still')").stdout == "still\n"


def test_greenlets_asyncio_too(client: Client) -> None:
    assert client.run("import asyncio\nawait asyncio.sleep(0.01, 'ok')").result == "'ok'"
    assert client.run("1 + 1").result == "2"


def test_greenlets_instead_of_a_background_thread(client: Client) -> None:
    client.run("import asyncio\nfrom carme import background\nwaiting = asyncio.sleep(0.01)")
    cell = client.execute("background(waiting)")
    assert cell.error == "RuntimeError"
    assert "has patched threads" in cell.reply.content["evalue"]
    client.run("waiting.close()")
    assert client.run("await asyncio.sleep(0.01, 'here')").result == "'here'"


def test_greenlets_subprocess(client: Client) -> None:
    code = "import subprocess, sys\nsubprocess.run(['echo', 'from a child']).returncode"
    cell = client.run(code, timeout=TIMEOUT)
    assert (cell.stdout, cell.result) == ("from a child\n", "0")


def test_greenlets_restart(kernel: Kernel, client: Client) -> None:
    client.run("job = spawn(sleep, 600)\nsleep(0)")
    assert kernel.restart() == 0, "it has ended by itself, not by the manager's signals"
    assert kernel.client().run("1 + 1").result == "2"


SUSPENDED = """
import asyncio, greenlet
main, own = greenlet.getcurrent(), asyncio.new_event_loop()
async def hold():
    await asyncio.sleep(0.01)
    main.switch()  # as Playwright's sync API: away from a loop that runs
    return 'over'
holder = greenlet.greenlet(lambda: own.run_until_complete(hold()))
holder.switch()
"""


def test_a_loop_in_a_suspended_greenlet(start: Callable[..., Kernel]) -> None:
    client = start().client()
    client.run(SUSPENDED)
    for _ in range(2):
        assert client.run("await asyncio.sleep(0.01, 'here')").result == "'here'"
    code = "done = asyncio.Event()\nasync def later():\n    await asyncio.sleep(0.02); print('later')\n"
    cell = client.run(code + "await asyncio.sleep(0)\ntask = asyncio.ensure_future(later())")
    assert client.text_with("later", cell) == "later\n", "while idle"
    assert client.run("asyncio.tasks.current_task(own) is not None").result == "True"
    assert client.run("holder.switch()").result == "'over'"
    assert client.run("await asyncio.sleep(0.01, 'still here')").result == "'still here'"
