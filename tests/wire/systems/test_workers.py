"""Celery, Dask and joblib: workers that a cell starts or talks to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from harness.client import SLOW, Client
from harness.gate import Gate
from harness.kernels import ENVIRONMENTS, Kernel
from harness.until import until

TIMEOUT = 60 * SLOW
MIXED = "lines of several threads mix there"
TASKS = """
from celery import Celery
app = Celery('jobs', broker='filesystem://', backend='file://{where}/results')
app.conf.update(
    broker_transport_options={{
        'data_folder_in': '{where}/queue', 'data_folder_out': '{where}/queue',
        'control_folder': '{where}/control', 'processed_folder': '{where}/processed',
    }},
    broker_connection_retry_on_startup=False,
)
@app.task
def add(a, b):
    print(f'adding {{a}} {{b}}')
    return a + b
@app.task
def fail(text):
    raise ValueError(text)
"""


def write_tasks(work: Path) -> None:
    """A module of tasks, and the folders of its broker."""
    for name in ("queue", "control", "processed", "results"):
        (work / name).mkdir(exist_ok=True)
    (work / "jobs.py").write_text(TASKS.format(where=work))


def test_celery_eager(kernel: Kernel, client: Client) -> None:
    write_tasks(kernel.work)
    code = (
        "import jobs\njobs.app.conf.task_always_eager = True\njobs.add.delay(2, 3).get(timeout=60)"
    )
    cell = client.run(code, timeout=TIMEOUT)
    assert (cell.stdout, cell.result) == ("adding 2 3\n", "5")
    cell = client.execute("jobs.fail.delay('오류').get()")
    assert (cell.error, cell.reply.content["evalue"]) == ("ValueError", "오류")


@pytest.mark.better("`!command &` is refused there")
def test_celery_with_a_real_worker(start: Callable[..., Kernel]) -> None:
    kernel = start()
    write_tasks(kernel.work)
    client = kernel.client()
    celery = ENVIRONMENTS / "systems" / "bin" / "celery"
    command = f"!{celery} -A jobs worker --pool solo --loglevel warning --without-gossip --without-mingle --without-heartbeat > worker.log 2>&1 &"
    client.run(command, timeout=TIMEOUT)  # it does not wait for what it has put behind it
    code = "import jobs\njobs.add.delay(2, 3).get(timeout=60)"
    assert client.run(code, timeout=TIMEOUT).result == "5"
    assert client.run("jobs.add.delay(4, 3).get(timeout=60)", timeout=TIMEOUT).result == "7"
    cell = client.execute("jobs.fail.delay('오류').get(timeout=60)", timeout=TIMEOUT)
    assert (cell.error, cell.reply.content["evalue"]) == ("ValueError", "오류")
    assert "adding 4 3" in (kernel.work / "worker.log").read_text()
    workers = [p for p in psutil.process_iter(["cmdline", "cwd"]) if is_worker(p, kernel.work)]
    assert workers, "it lives between cells"
    kernel.manager.shutdown_kernel(now=False)
    gone, alive = psutil.wait_procs(workers, timeout=TIMEOUT)
    for process in alive:
        process.kill()
    assert not alive, "a worker of the kernel's process group outlives its shutdown"


def is_worker(process: psutil.Process, work: Path) -> bool:
    """Whether it is celery, started in this directory."""
    words = process.info["cmdline"] or []
    return "worker" in words and process.info["cwd"] == str(work)


DASK = """
from dask.distributed import Client, LocalCluster
cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes={processes},
                       dashboard_address=None)
dask_client = Client(cluster)
def inc(n): return n + 1
"""


@pytest.mark.parametrize("processes", ["False", "True"])
def test_dask_local_cluster(start: Callable[..., Kernel], processes: str) -> None:
    kernel = start()
    client = kernel.client()
    client.run(DASK.format(processes=processes), timeout=TIMEOUT)
    code = "sum(dask_client.gather(dask_client.map(inc, range(10))))"
    assert client.run(code, timeout=TIMEOUT).result == "55"
    assert client.run("import dask\ndask.compute(*map(dask.delayed(inc), range(3)))").result == (
        "(1, 2, 3)"
    )
    assert client.run("dask_client.submit(inc, 41).result()").result == "42"
    shown = client.run("dask_client", timeout=TIMEOUT).data
    assert "text/html" in shown and "Client" in shown["text/plain"]
    children = kernel.descendants()
    assert any(is_dask_worker(child) for child in children) == (processes == "True")
    client.run("dask_client.close(); cluster.close()", timeout=TIMEOUT)
    assert client.run("1 + 1").result == "2"
    until(lambda: not any(is_dask_worker(child) for child in children), "no worker is left")


def is_dask_worker(process: psutil.Process) -> bool:
    """Whether it lives, and is more than a helper of multiprocessing's."""
    try:
        command = " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
    return bool(command) and "spawn_main" in command


def test_dask_asynchronous_client(start: Callable[..., Kernel]) -> None:
    kernel = start()
    client = kernel.client()
    code = """
from dask.distributed import Client, LocalCluster
cluster = await LocalCluster(n_workers=1, processes=False, dashboard_address=None, asynchronous=True)
dask_client = await Client(cluster, asynchronous=True)
"""
    client.run(code, timeout=TIMEOUT)
    assert (
        client.run("await dask_client.submit(lambda n: n + 1, 41)", timeout=TIMEOUT).result == "42"
    )
    client.run("await dask_client.close()\nawait cluster.close()", timeout=TIMEOUT)


JOBLIB = """
from joblib import Parallel, delayed
import os, threading
def work(n):
    print('working on', n, flush=True)
    return n * n
"""


@pytest.mark.parametrize(
    "backend",
    [
        "loky",
        *(
            pytest.param(n, marks=pytest.mark.better(MIXED))
            for n in ("threading", "multiprocessing")
        ),
    ],
)
def test_joblib(client: Client, backend: str) -> None:
    client.run(JOBLIB, timeout=TIMEOUT)
    code = f"Parallel(n_jobs=2, backend={backend!r})(delayed(work)(n) for n in range(6))"
    cell = client.run(code, timeout=TIMEOUT)
    assert cell.result == "[0, 1, 4, 9, 16, 25]"
    assert sorted(cell.stdout.splitlines()) == [f"working on {n}" for n in range(6)]
    again = client.run(code, timeout=TIMEOUT)
    assert again.result == cell.result
    assert sorted(again.stdout.splitlines()) == [f"working on {n}" for n in range(6)], "in its cell"


def test_joblib_interrupt(kernel: Kernel, client: Client, gate: Gate) -> None:
    client.run(JOBLIB, timeout=TIMEOUT)
    code = (
        f"import time\ndef hold(n):\n    open({str(gate.path)!r}, 'w').close()\n    time.sleep(600)\n"
        "Parallel(n_jobs=2)(delayed(hold)(n) for n in range(2))"
    )
    request = client.send_execute(code)
    until(gate.path.exists, "a worker works", TIMEOUT)
    kernel.settle()
    kernel.interrupt()
    cell = client.finish(request, TIMEOUT)
    assert cell.error == "KeyboardInterrupt"
    assert client.run(
        "Parallel(n_jobs=2)(delayed(abs)(-n) for n in range(3))", timeout=TIMEOUT
    ).result == ("[0, 1, 2]")
