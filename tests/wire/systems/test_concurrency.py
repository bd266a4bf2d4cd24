"""Threads, processes and queues of a tour of Python's concurrency, as its readers paste them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import zmq

from harness.client import SLOW, Client, endpoint
from harness.gate import Gate
from harness.kernels import CUT_SHORT, Kernel
from harness.until import until

TIMEOUT = 30 * SLOW
LATEST = "a thread's output goes to the latest cell there"
MAIN = "children find no definition of a cell in __main__ there"

SEED = """
from concurrent.futures import {kind}PoolExecutor, wait
from time import sleep
def return_when_told(message):
    while {closed}: sleep(0.01)
    print('in the pool')
    return message
pool = {kind}PoolExecutor(3)
future = pool.submit(return_when_told, ("hello"))
print(future.done())
open({gate}, 'w').close()
_ = wait([future])
print(future.done())
print("Result: " + future.result())
"""


@pytest.mark.parametrize("kind", ["Thread", "Process"])
def test_concurrent_futures_seed_code(
    start: Callable[..., Kernel], kind: str, tmp_path: Path
) -> None:
    kernel = start()
    for number in range(3):
        gate = Gate(tmp_path / str(number))
        client = kernel.client()
        code = SEED.format(kind=kind, closed=gate.closed, gate=repr(str(gate.path)))
        lines = client.run(code, timeout=TIMEOUT).stdout.splitlines()
        assert lines.pop(lines.index("in the pool")) and lines == ["False", "True", "Result: hello"]
        children = kernel.descendants()
        assert bool(children) == (kind == "Process")
        kernel.restart()
        _gone, alive = psutil.wait_procs(children, TIMEOUT)
        assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


MULTIPROCESSING = """
from multiprocessing import get_context
def square(numbers, queue):
    for n in numbers:
        queue.put(n * n)
if __name__ == '__main__':
    context = get_context('{method}')
    queue = context.Queue()
    process = context.Process(target=square, args=([1, 2, 3], queue))
    process.start()
    found = [queue.get(timeout=60) for _ in range(3)]
    process.join(60)
(found, process.exitcode)
"""


@pytest.mark.parametrize(
    "method",
    ["fork", *(pytest.param(n, marks=pytest.mark.better(MAIN)) for n in ("spawn", "forkserver"))],
)
def test_multiprocessing_process_and_queue(client: Client, method: str) -> None:
    cell = client.run(MULTIPROCESSING.format(method=method), timeout=TIMEOUT)
    assert cell.result == "([1, 4, 9], 0)"


def test_multiprocessing_interrupt_of_pool_map(start: Callable[..., Kernel]) -> None:
    kernel = start()
    client = kernel.client()
    code = """
import time
from multiprocessing import get_context
def slow(n): time.sleep(600)
with get_context('fork').Pool(2) as pool:
    print('mapping', flush=True)
    pool.map(slow, range(4))
"""
    request = client.send_execute(code)
    client.iopub("stream", request)
    kernel.settle()
    kernel.interrupt()
    assert client.finish(request, TIMEOUT).error == "KeyboardInterrupt"
    until(lambda: not kernel.descendants(), "no child is left")


PRODUCER = """
import queue, threading, time
jobs, done = queue.Queue(), []
def produce():
    for n in range(10_000):
        if done: return
        jobs.put(n)
        print(f'produced {n}')
        time.sleep(0.05)
producer = threading.Thread(target=produce)
producer.start()
"""


@pytest.mark.better(LATEST)
def test_queue_producer_and_consumer(start: Callable[..., Kernel]) -> None:
    kernel = start()
    client = kernel.client()
    first = client.run(PRODUCER)
    request = client.send_execute("while True: print('consumed', jobs.get(), flush=True)")
    begun = client.text_with("consumed 3\n", request)
    kernel.interrupt()
    cell = client.finish(request)
    assert cell.error == "KeyboardInterrupt"
    numbers = [int(n) for n in re.findall(r"consumed (\d+)\n", begun + cell.stdout)]
    assert numbers == list(range(len(numbers))) and len(numbers) > 2
    assert "produced" not in cell.stdout
    assert client.run("producer.is_alive()").result == "True"
    wanted = f"produced {numbers[-1] + 3}\n"
    client.iopub("stream", first.request, where=lambda m: wanted in m.content["text"])
    assert kernel.shut_down() == CUT_SHORT, "a thread that is no daemon holds it up for a moment"


STAMPEDE = """
import threading, time
cache, lock, computed = {}, threading.Lock(), []
def expensive(key):
    computed.append(key)
    time.sleep(0.05)
    return key.upper()
def cached(key):
    if key in cache: return cache[key]
    with lock:
        if key not in cache:
            cache[key] = expensive(key)
    return cache[key]
results = []
barrier = threading.Barrier(20)
def visit():
    barrier.wait()
    results.append(cached('front'))
threads = [threading.Thread(target=visit) for _ in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
(computed, results == ['FRONT'] * 20)
"""


def test_cache_stampede(client: Client) -> None:
    assert client.run(STAMPEDE).result == "(['front'], True)"


STALE = """
import asyncio
computed, refreshing = [], {}
stale = {'front': 'old'}
async def refresh(key):
    computed.append(key)
    await asyncio.sleep(0.02)
    stale[key] = 'new'
def serve(key):
    if key not in refreshing:
        refreshing[key] = asyncio.create_task(refresh(key))
    return stale[key]
served = [serve('front') for _ in range(20)]
await asyncio.gather(*refreshing.values())
(served == ['old'] * 20, serve('front'), computed)
"""


def test_cache_stampede_with_stale_serving(client: Client) -> None:
    assert client.run(STALE).result == "(True, 'new', ['front'])"


def test_fifty_threads_print(client: Client) -> None:
    code = """
import threading
def work(n):
    for line in range(20): print(f'thread {n} line {line} ' + 'x' * 50)
threads = [threading.Thread(target=work, args=(n,)) for n in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    lines = client.run(code, timeout=TIMEOUT).stdout.splitlines()
    wanted = {f"thread {n} line {line} " + "x" * 50 for n in range(50) for line in range(20)}
    assert len(lines) == 1000 and set(lines) == wanted


@pytest.mark.better(LATEST)
def test_fifty_threads_print_in_their_cell(client: Client) -> None:
    code = """
import threading, urllib.request
go = threading.Event()
def work(n):
    go.wait(60)
    print(f'thread {n}')
threads = [threading.Thread(target=work, args=(n,)) for n in range(50)]
for thread in threads: thread.start()
"""
    first = client.run(code)
    later = client.run("go.set()\nfor thread in threads: thread.join()\nprint('later')")
    assert later.stdout == "later\n"
    lines: list[str] = []
    while len(lines) < 50:
        lines += client.iopub("stream", first.request).content["text"].splitlines()
    assert sorted(lines) == sorted(f"thread {n}" for n in range(50))


URLLIB = """
import http.server, threading, time, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.1)
        self.send_response(200); self.end_headers(); self.wfile.write(b'page ' + self.path.encode())
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
found = {}
def fetch(n):
    url = f'http://127.0.0.1:{server.server_address[1]}/{n}'
    found[n] = urllib.request.urlopen(url, timeout=60).read().decode()
    print(found[n])
threads = [threading.Thread(target=fetch, args=(n,)) for n in range(10)]
for thread in threads: thread.start()
for thread in threads: thread.join()
server.shutdown()
"""


def test_urllib_with_threads(client: Client) -> None:
    cell = client.run(URLLIB, timeout=TIMEOUT)
    assert sorted(cell.stdout.splitlines()) == [f"page /{n}" for n in range(10)]


@pytest.mark.better("what answers on control waits for the interpreter's lock there")
def test_gil_held_by_c_code(start: Callable[..., Kernel]) -> None:
    kernel = start()
    client = kernel.client()
    code = "print('busy', flush=True)\nsum(range(300_000_000))"
    request = client.send_execute(code)
    client.iopub("stream", request)
    heart = kernel.context.socket(zmq.REQ)
    heart.linger = 0
    heart.connect(endpoint(kernel.connection, "hb"))
    for _ in range(10):
        heart.send(b"ping")
        assert heart.poll(round(1000 * TIMEOUT)) and heart.recv() == b"ping"
        asked = client.send("kernel_info_request", {}, "control")
        client.reply(asked, "control")
    heart.close()
    client.pump(time.monotonic())
    assert not client.inbox["shell"], "all of it came while the function ran"
    client.finish(request, TIMEOUT)


def pss(kernel: Kernel) -> float:
    """The kernel's proportional share of memory, in MB."""
    with open(f"/proc/{kernel.pid}/smaps_rollup") as rollup:
        found = re.search(r"^Pss:\s+(\d+) kB", rollup.read(), re.M)
    assert found
    return int(found[1]) / 1024


def test_memory_of_a_thousand_comms_and_a_hundred_tasks(start: Callable[..., Kernel]) -> None:
    kernel = start()
    client = kernel.client()
    client.run("import asyncio, comm\nawait asyncio.sleep(0)", timeout=TIMEOUT)
    before = pss(kernel)
    client.run("tasks = [asyncio.create_task(asyncio.sleep(600)) for _ in range(100)]")
    code = "made = [comm.create_comm(target_name='idle', data={'n': n}) for n in range(1000)]"
    client.run(code, timeout=TIMEOUT)
    client.run("await asyncio.sleep(0)")
    assert pss(kernel) - before < 10
    assert client.run("len(made), sum(not task.done() for task in tasks)").result == "(1000, 100)"
