"""Processes that cells start: whose output it is, their ends, interrupts, and that none stays."""

from __future__ import annotations

import os
from collections.abc import Callable

import psutil
import pytest

from harness.client import TIMEOUT, Client
from harness.kernels import Kernel
from harness.until import until

Starter = Callable[..., Kernel]
LATEST = "the latest cell gets what a background process writes there, or nobody"
GO = "import os, subprocess, sys, tempfile, time\nmark = tempfile.mktemp()\n"
WAIT = "while [ ! -e {mark} ]; do sleep 0.02; done; echo from the child"
BACKGROUND = {
    "Popen": "child = subprocess.Popen(" + repr(WAIT) + ".format(mark=mark), shell=True)",
    "Popen to stdout": "child = subprocess.Popen(" + repr(WAIT)
    + ".format(mark=mark), shell=True, stdout=sys.stdout)",
    "fork": "if not os.fork():\n    while not os.path.exists(mark): time.sleep(0.02)\n"
    "    print('from the child')\n    os._exit(0)",
    "fork that falls through": "if not os.fork():\n    while not os.path.exists(mark): time.sleep(0.02)\n"
    "    print('from the child')",
}  # fmt: skip


@pytest.mark.better(LATEST)
@pytest.mark.parametrize("make", BACKGROUND.values(), ids=BACKGROUND.keys())
def test_output_belongs_to_the_cell_that_started_it(client: Client, make: str) -> None:
    client.run(GO)
    first = client.run(make)
    second = client.run(
        "open(mark, 'w').close()\nos.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)\nprint('second')"
    )
    assert second.stdout == "second\n"
    assert client.iopub("stream", first.request).content["text"] == "from the child\n"
    client.run("_ = os.wait()")
    assert client.run("os.system('echo next')").stdout == "next\n"


@pytest.mark.better(LATEST)
def test_many_background_processes_keep_their_cells(client: Client) -> None:
    client.run(GO)
    make = "child = subprocess.Popen(f'while [ ! -e {mark} ]; do sleep 0.05; done; echo %d', shell=True)"
    cells = [client.run(make % number) for number in range(8)]
    client.run("open(mark, 'w').close()")
    for number, cell in enumerate(cells):
        assert client.iopub("stream", cell.request).content["text"] == f"{number}\n"
    client.run("for _ in range(8): os.wait()")


def test_more_background_processes_than_are_kept_apart(client: Client) -> None:
    """The kernel goes on; output that finds no cell of its own is in the latest one."""
    client.run(GO)
    for _ in range(140):
        client.run(
            "child = subprocess.Popen(['sleep', '60'])\nchildren = globals().get('children', []) + [child]"
        )
    assert client.run("os.system('echo shown')").stdout == "shown\n"
    client.run("for child in children: child.kill(); child.wait()\ndel children")
    assert client.run("os.system('echo again')").stdout == "again\n"


FORKS = {
    "_exit": ("sys.stdout.flush(); os._exit(3)", 3),
    "exit": ("sys.exit(4)", 4),
    "exit with a text": ("sys.exit('words')", 1),
    "raises": ("1 / 0", 1),
    "falls through": ("pass", 0),
}


@pytest.mark.better("the child goes on as a second kernel")
@pytest.mark.parametrize(("end", "status"), FORKS.values(), ids=FORKS.keys())
def test_raw_fork(client: Client, end: str, status: int) -> None:
    code = f"import os, sys\npid = os.fork()\nif not pid:\n    print('child')\n    {end}\n"
    cell = client.run(code + "else:\n    print(os.waitpid(pid, 0)[1] >> 8)")
    assert sorted(cell.stdout.splitlines()) == [str(status), "child"]
    client.is_well()


POOL = """
import multiprocessing as mp, os, time
fork = mp.get_context('fork')
def slow(n):
    time.sleep(600)
"""


@pytest.mark.parametrize(
    "run",
    [
        "with fork.Pool(2) as pool: print('goes'); pool.map(slow, range(4))",
        "child = fork.Process(target=slow, args=(1,)); child.start(); print('goes'); child.join()",
        "import subprocess\nprint('goes'); subprocess.run(['sleep', '600'])",
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(2, mp_context=fork) as pool: print('goes'); list(pool.map(slow, range(2)))",
    ],
    ids=["Pool", "Process", "run", "executor"],
)
def test_interrupt_ends_children_too(client: Client, kernel: Kernel, run: str) -> None:
    client.run(POOL)
    request = client.send_execute(run)
    client.iopub("stream", request)
    kernel.settle()
    kernel.interrupt()
    assert client.finish(request).error == "KeyboardInterrupt"
    client.run("for child in mp.active_children(): child.join(60)", timeout=2 * TIMEOUT)
    client.run("pool = child = None; import gc; gc.collect()")
    until(lambda: not any(is_work(p) for p in kernel.descendants()), "no child is left")


def test_interrupt_ends_os_system(client: Client, kernel: Kernel) -> None:
    """C's system() has its caller ignore the signal, here as in a script."""
    request = client.send_execute("import os\nprint('goes'); os.system('sleep 600')")
    client.iopub("stream", request)
    kernel.settle()
    kernel.interrupt()
    assert client.finish(request).result == "2"


def is_work(process: psutil.Process) -> bool:
    """Whether a child is one of the cell's, and no helper of multiprocessing."""
    try:
        return "tracker" not in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


@pytest.mark.better("children outlive it")
@pytest.mark.parametrize("restart", [False, True])
def test_none_stays_behind(start: Starter, restart: bool) -> None:
    kernel = start()
    client = kernel.client()
    client.run(POOL + "import subprocess\n")
    client.run("children = [subprocess.Popen('sleep 60 & sleep 60', shell=True)]\n"
               "workers = fork.Pool(2)\n_ = workers.map_async(slow, range(2))")  # fmt: skip
    until(lambda: len(kernel.descendants()) >= 4, "four children")
    family = kernel.descendants()
    if restart:
        kernel.manager.restart_kernel(now=False)
    else:
        client.ask("shutdown_request", {"restart": False}, "control")
        kernel.wait_exit()
    _, alive = psutil.wait_procs(family, TIMEOUT)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def test_a_child_that_prints_without_end_holds_nobody_up(client: Client, kernel: Kernel) -> None:
    request = client.send_execute("import subprocess\nsubprocess.run(['yes'])")
    client.iopub("stream", request)
    kernel.interrupt()
    assert client.reply(request).content["ename"] == "KeyboardInterrupt"
    client.until_idle(request)
    client.is_well()


def test_fifty_children_print_whole_lines(client: Client) -> None:
    code = (
        "import os\npids = []\nfor n in range(50):\n    pids.append(os.fork())\n    if not pids[-1]:\n"
        "        for i in range(20): print(f'child {n} line {i} ' + 'x' * 60)\n"
        "        os._exit(0)\nfor pid in pids: _ = os.waitpid(pid, 0)"
    )
    lines = client.run(code).stdout.splitlines()
    expected = [f"child {n} line {i} " + "x" * 60 for n in range(50) for i in range(20)]
    assert sorted(lines) == sorted(expected)


def test_faulthandler_writes_into_the_cell(client: Client) -> None:
    cell = client.run("import faulthandler\ndef here(): faulthandler.dump_traceback()\nhere()")
    assert "in here" in cell.stderr


@pytest.mark.parametrize("tool", ["pty.spawn(['echo', 'on a terminal'])"])
def test_a_terminal_of_its_own(client: Client, tool: str) -> None:
    assert client.run(f"import pty\n_ = {tool}").stdout.strip() == "on a terminal"


def test_children_do_not_inherit_the_kernel_s_ports(client: Client, kernel: Kernel) -> None:
    client.run("import subprocess, os\nchild = subprocess.Popen(['sleep', '60'])")
    pid = int(client.run("print(child.pid)").stdout)
    names = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    assert not [name for name in names if name.startswith("socket:")]
    client.run("child.kill(); _ = child.wait()")


POOLS = {
    "ProcessPoolExecutor": "from concurrent.futures import ProcessPoolExecutor\n"
    "pool = ProcessPoolExecutor(2)\nrun = pool.map",
    "Pool": "import multiprocessing\npool = multiprocessing.get_context('fork').Pool(2)\n"
    "run = pool.map",
    "Pool of spawned ones": "import multiprocessing\n"
    "pool = multiprocessing.get_context('spawn').Pool(2)\nrun = pool.map",
    "Pool of a fork server": "import multiprocessing\n"
    "pool = multiprocessing.get_context('forkserver').Pool(2)\nrun = pool.map",
}


@pytest.mark.better("it comes after the reply there, and spawned children find nothing")
@pytest.mark.parametrize("make", POOLS.values(), ids=POOLS.keys())
def test_a_pool_prints_in_the_cell_it_works_for(start: Starter, make: str) -> None:
    client = start().client()
    client.run("def work(n):\n    print(f'working on {n}', flush=True)\n    return n\n" + make)
    for _ in range(4):
        cell = client.run("list(run(work, range(4)))")
        assert cell.result == "[0, 1, 2, 3]"
        assert sorted(cell.stdout.splitlines()) == [f"working on {n}" for n in range(4)]
    assert client.run("print('after')").stdout == "after\n"


@pytest.mark.better(LATEST)
def test_a_pool_beside_a_background_process(start: Starter) -> None:
    client = start().client()
    client.run("def work(n): print(f'working on {n}', flush=True)\n" + POOLS["Pool"])
    client.run(GO)
    first = client.run(BACKGROUND["Popen"])
    cell = client.run("open(mark, 'w').close()\nchild.wait()\n_ = list(run(work, range(1)))")
    assert cell.stdout == "working on 0\n"
    assert client.iopub("stream", first.request).content["text"] == "from the child\n"


@pytest.mark.better("it starts a second kernel")
def test_a_program_that_starts_itself_anew_is_told_so(client: Client) -> None:
    if client.run("import sys\nhasattr(sys, 'orig_argv')").result != "True":
        pytest.skip("sys.orig_argv came with Python 3.10")
    code = (
        "import subprocess\nsubprocess.run([sys.executable, *sys.orig_argv[1:]], "
        "close_fds=False, stdin=subprocess.DEVNULL, timeout=60).returncode"
    )
    for _ in range(3):
        cell = client.run(code, timeout=2 * TIMEOUT)
        assert cell.result == "4"
        assert "its addresses are taken" in cell.stderr


@pytest.mark.better(LATEST)
def test_a_pool_that_has_ended_says_nothing_of_the_next_cell(client: Client) -> None:
    client.run(GO + "import multiprocessing as mp")
    client.run("with mp.get_context('fork').Pool(1) as pool: pool.map(abs, [1])\npool.join()")
    first = client.run(BACKGROUND["Popen"])
    assert client.run("open(mark, 'w').close()\nchild.wait()").stdout == ""
    assert client.iopub("stream", first.request).content["text"] == "from the child\n"
    client.run("_ = child.wait()")
