"""Whose output it is what threads and callbacks write: public reports about output in the wrong cell.

Source: ipython/ipykernel#1451, which took the rule "all belongs to the first cell" back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import Kernel

pytestmark = pytest.mark.one_python
LATEST = "the latest cell gets what a thread writes there"
LIBRARY = """
import threading
def serve(queue):
    def loop():
        while True:
            print('served', queue.get())
            queue.task_done()
    threading.Thread(target=loop, daemon=True).start()
def call(function):
    function()
"""
GO = """
import threading
go, gone = threading.Event(), threading.Event()
def work():
    go.wait(60); print('works'); gone.set()
"""


@pytest.fixture
def library(client: Client, tmp_path: Path) -> Client:
    """A client whose kernel can import a library that starts threads."""
    (tmp_path / "served.py").write_text(LIBRARY)
    client.run(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.modules.pop('served', None)"
    )
    client.run("import queue, served")
    return client


def test_a_librarys_thread_writes_to_the_cell_that_runs(library: Client) -> None:
    library.run("waiting = queue.Queue()\nserved.serve(waiting)")
    for number in range(2):
        cell = library.run(f"waiting.put({number}); waiting.join()")
        assert cell.stdout == f"served {number}\n"


def test_log_lines_of_a_listener_are_in_the_cell_that_logs(client: Client) -> None:
    client.run(
        "import logging, logging.handlers, queue, sys\nrecords = queue.Queue()\n"
        "log = logging.getLogger('reports'); log.propagate = False\n"
        "log.addHandler(logging.handlers.QueueHandler(records))\n"
        "listener = logging.handlers.QueueListener(records, logging.StreamHandler(sys.stdout))\n"
        "listener.start()"
    )
    assert client.run("log.error('first'); records.join()").stdout == "first\n"
    assert client.run("log.error('second'); records.join()").stdout == "second\n"
    client.run("listener.stop(); log.handlers.clear()")


@pytest.mark.better(LATEST)
def test_a_cells_function_that_a_library_calls_starts_threads_of_the_cell(library: Client) -> None:
    library.run(GO)
    first = library.run("served.call(lambda: threading.Thread(target=work).start())")
    assert library.run("go.set(); gone.wait()").stdout == ""
    assert library.iopub("stream", first.request).content["text"] == "works\n"


@pytest.mark.better(LATEST)
def test_threads_that_a_cells_thread_starts_in_a_library_belong_to_the_cell(
    library: Client,
) -> None:
    code = (
        "waiting = queue.Queue()\nmaker = threading.Thread(target=served.serve, args=(waiting,))\n"
    )
    first = library.run("import threading\n" + code + "maker.start(); maker.join()")
    assert library.run("waiting.put(1); waiting.join()").stdout == ""
    assert library.iopub("stream", first.request).content["text"] == "served 1\n"


CALLBACKS = {
    "apply_async": "pool.apply_async(go.wait, callback=say)",
    "apply_async, by place": "pool.apply_async(go.wait, (), {}, say)",
    "error_callback": "pool.apply_async(fail, error_callback=say)",
    "map_async": "pool.map_async(lambda n: go.wait(), [1], callback=say)",
    "starmap_async": "pool.starmap_async(lambda n: go.wait(), [(1,)], None, say)",
    "map_async, error": "pool.map_async(lambda n: fail(), [1], error_callback=say)",
    "add_done_callback": "executor.submit(go.wait).add_done_callback(say)",
    "add_done_callback, by name": "executor.submit(go.wait).add_done_callback(fn=say)",
}


@pytest.mark.better(LATEST)
@pytest.mark.parametrize("register", CALLBACKS.values(), ids=CALLBACKS.keys())
def test_a_callback_belongs_to_the_cell_that_registered_it(client: Client, register: str) -> None:
    client.run(
        GO + "import concurrent.futures, multiprocessing.pool\n"
        "pool = multiprocessing.pool.ThreadPool(1)\n"
        "executor = concurrent.futures.ThreadPoolExecutor(1)\n"
        "def fail(): go.wait(); 1 / 0\n"
        "def say(value): print('called'); gone.set()\n"
        "pool.apply(int), executor.submit(int).result()"
    )
    registered = client.run("_ = " + register)
    assert client.run("go.set(); gone.wait(60)").stdout == ""
    assert client.iopub("stream", registered.request).content["text"] == "called\n"
    client.run("pool.close(); executor.shutdown()")


@pytest.mark.better("it has no choice")
def test_the_choice_holds_for_threads_that_run(start: Callable[..., Kernel]) -> None:
    client = start().client()
    client.run(GO)
    first = client.run("threading.Thread(target=work).start()")
    client.run("%config Carme.thread_output = 'latest'")
    assert client.run("go.set()\ngone.wait(60)\nimport time; time.sleep(0)").stdout == "works\n"
    client.run("go.clear(); gone.clear()\nthreading.Thread(target=work).start()")
    client.run("%config Carme.thread_output = 'origin'")
    assert client.run("go.set(); gone.wait(60)").stdout == ""
    assert first.stdout == ""
    assert client.iopub("stream").content["text"] == "works\n"
