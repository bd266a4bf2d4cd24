"""Threads in cells: whose output it is, whole lines, input(), pools, and the end of the kernel."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import Kernel

Starter = Callable[..., Kernel]
LATEST = "the latest cell gets what a thread writes there"
PRINT_WHEN_TOLD = """
import threading, time
def work(name='thread'):
    go.wait(60)
    print(name, 'prints')
    printed.set()
go, printed = threading.Event(), threading.Event()
"""
MAKE = {
    "Thread": "made = threading.Thread(target=work)\nmade.start()",
    "subclass": "class Mine(threading.Thread):\n    def run(self): work()\nmade = Mine()\nmade.start()",
    "Timer": "made = threading.Timer(0.01, work)\nmade.start()",
    "raw": "import _thread\n_thread.start_new_thread(work, ())",
    "nested": "threading.Thread(target=lambda: threading.Thread(target=work).start()).start()",
    "executor": "import concurrent.futures\npool = concurrent.futures.ThreadPoolExecutor(1)\n_ = pool.submit(work)",
    "ThreadPool": "import multiprocessing.pool\npool = multiprocessing.pool.ThreadPool(1)\n_ = pool.apply_async(work)",
    "to_thread": "import asyncio\nloop = asyncio.get_event_loop()\n_ = loop.run_in_executor(None, work)",
}  # fmt: skip


@pytest.mark.better(LATEST)
@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE.keys())
def test_output_belongs_to_the_cell_that_started_it(client: Client, make: str) -> None:
    client.run(PRINT_WHEN_TOLD)
    first = client.run(make)
    second = client.run("go.set()\nprinted.wait(60)\nprint('second')")
    assert second.stdout == "second\n"
    assert client.iopub("stream", first.request).content["text"] == "thread prints\n"


@pytest.mark.parametrize(
    "make",
    [
        "import concurrent.futures\npool = concurrent.futures.ThreadPoolExecutor(1)\n"
        "def submit(*args): pool.submit(print, *args).result()\nsubmit('first')",
        "import multiprocessing.pool\npool = multiprocessing.pool.ThreadPool(1)\n"
        "def submit(*args): pool.starmap(print, [args])\nsubmit('first')",
    ],
    ids=["executor", "ThreadPool"],
)
def test_a_task_of_an_old_pool_belongs_to_the_cell_that_submits_it(
    client: Client, make: str
) -> None:
    assert client.run(make).stdout == "first\n"
    assert client.run("submit('second')").stdout == "second\n"


@pytest.mark.better(LATEST)
def test_errors_of_threads_are_shown_in_their_cell(client: Client) -> None:
    client.run(PRINT_WHEN_TOLD)
    first = client.run(
        "def fail():\n    go.wait(60); 1 / 0\nfailing = threading.Thread(target=fail); failing.start()"
    )
    second = client.run("go.set(); failing.join()")
    assert second.stderr == ""
    text = plain(client.text_with("ZeroDivisionError: division by zero\n", first, "stderr"))
    assert "Exception in thread" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.better(LATEST)
def test_input_of_a_thread_asks_in_its_cell(client: Client) -> None:
    client.run(PRINT_WHEN_TOLD)
    code = "def ask():\n    go.wait(60); print('got', input('name? '))\n"
    first = client.run(code + "threading.Thread(target=ask).start()", allow_stdin=True)
    client.run("go.set()")
    question = client.input_request(first.request)
    assert question.content["prompt"] == "name? "
    client.answer("Ada", question)
    assert client.iopub("stream", first.request).content["text"] == "got Ada\n"


@pytest.mark.better(LATEST)
def test_the_latest_cell_can_be_chosen(start: Starter) -> None:
    client = start().client()
    client.run("%config Carme.thread_output = 'latest'\n" + PRINT_WHEN_TOLD)
    client.run(MAKE["Thread"])
    assert client.run("go.set()\nmade.join()").stdout == "thread prints\n"
    client.run("%config Carme.thread_output = 'origin'\ngo.clear()")
    first = client.run(MAKE["Thread"])
    assert client.run("go.set()\nmade.join()").stdout == ""
    assert client.iopub("stream", first.request).content["text"] == "thread prints\n"


@pytest.mark.better("it has no choice")
def test_a_choice_that_does_not_exist_is_refused(client: Client) -> None:
    cell = client.execute("%config Carme.thread_output = 'nowhere'")
    assert cell.error in ("ValueError", "UsageError")


PIECES = """
import threading, sys
class Slow:
    def __str__(self):
        return ''.join(str(n % 10) for n in range(50))
def work(name):
    for number in range(40):
        print(name, Slow(), number)
before = sys.getswitchinterval()
sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=work, args=(n,)) for n in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.setswitchinterval(before)
"""


@pytest.mark.better("lines of several threads get mixed there")
def test_lines_of_fifty_threads_are_whole_and_none_is_lost(client: Client) -> None:
    digits = "0123456789" * 5
    lines = client.run(PIECES).stdout.splitlines()
    assert sorted(lines) == sorted(f"{n} {digits} {i}" for n in range(50) for i in range(40))


@pytest.mark.parametrize("end", ["flush=True", "flush=False"])
def test_an_unfinished_line_is_there_at_the_end_of_its_thread(client: Client, end: str) -> None:
    code = f"import threading\nt = threading.Thread(target=lambda: print('part', end='', {end}))\n"
    assert client.run(code + "t.start(); t.join()").stdout == "part"


def test_an_unfinished_line_appears_when_it_is_flushed(client: Client) -> None:
    client.run(PRINT_WHEN_TOLD)
    first = client.run(
        "def dots():\n    print('...', end='', flush=True); go.wait(60)\nthreading.Thread(target=dots).start()"
    )
    shown = [m for m in first.iopub if m.type == "stream"] or [
        client.iopub("stream", first.request)
    ]
    assert shown[0].content["text"] == "..."
    client.run("go.set()")


@pytest.mark.better("it waits for threads that are no daemons")
def test_shutdown_does_not_wait_for_threads(start: Starter) -> None:
    kernel = start()
    client = kernel.client()
    client.run("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()")
    client.ask("shutdown_request", {"restart": False}, "control")
    kernel.wait_exit()


def test_an_interrupt_ends_the_cell_and_not_the_thread(client: Client, kernel: Kernel) -> None:
    client.run(
        "import threading, time, queue\nqueued, over = queue.Queue(), []\n"
        "def produce():\n    while not over: queued.put(1); time.sleep(0.01)\n"
        "producer = threading.Thread(target=produce)\nproducer.start()"
    )
    request = client.send_execute("print('consumes')\nwhile True: queued.get()")
    client.iopub("stream", request)
    kernel.interrupt()
    assert client.finish(request).error == "KeyboardInterrupt"
    assert client.run("producer.is_alive()").result == "True"
    client.run("over.append(1)\nproducer.join()")
