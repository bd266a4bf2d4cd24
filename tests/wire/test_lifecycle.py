"""How a kernel starts, restarts and ends, and what ends with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.session import Session

from harness.activity import Activity
from harness.client import TIMEOUT, Client
from harness.kernels import CUT_SHORT, IS_CARME, Kernel, arguments, clean_environment
from harness.pythons import Python
from harness.until import until

Starter = Callable[..., Kernel]
SPAWN = (
    "import subprocess, sys\nchild = subprocess.Popen({argv}, start_new_session={own})\nchild.pid"
)


def shut_down(client: Client, channel: str = "control", restart: bool = False) -> None:
    """Asks for the end, waits for the reply."""
    request = client.send("shutdown_request", {"restart": restart}, channel)
    reply = client.reply(request, channel)
    assert reply.content == {"status": "ok", "restart": restart}


def gone(pid: int, timeout: float = TIMEOUT) -> bool:
    """Whether a process ends in time; a zombie has ended."""

    def has_ended() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    try:
        return until(has_ended, "its end", timeout)
    except AssertionError:
        return False


class TestStart:
    """From the process to the first answers."""

    def test_connection_file_stays_as_it_was(self, start: Starter) -> None:
        kernel = start()
        path = Path(kernel.manager.connection_file)
        before = path.read_bytes()
        client = kernel.client()
        assert path.read_bytes() == before
        shut_down(client)
        kernel.wait_exit()
        assert path.exists()

    def test_works_in_its_directory(self, start: Starter, tmp_path: Path) -> None:
        client = start(cwd=tmp_path).client()
        assert client.run("import os\nos.getcwd()").result == repr(str(tmp_path))

    def test_first_cell_is_number_one(self, start: Starter) -> None:
        assert start().client().run("1").count == 1

    def test_request_sent_before_anything_listens_is_answered(self, start: Starter) -> None:
        client = start().client(connect=False)
        request = client.send_execute("'early'")
        reply = client.reply(request, timeout=3 * TIMEOUT)
        assert reply.content["status"] == "ok"

    def test_says_nothing(self, start: Starter) -> None:
        kernel = start()
        kernel.client().is_well()
        if IS_CARME:
            assert kernel.log.read_text() == ""

    @pytest.mark.one_python
    def test_ipc(self, start: Starter) -> None:
        client = start(transport="ipc").client()
        assert client.run("1 + 1").result == "2"

    @pytest.mark.one_python
    @pytest.mark.parametrize("scheme", ["hmac-sha256", "hmac-sha512"])
    def test_signature_schemes(self, start: Starter, scheme: str) -> None:
        kernel = start(session=Session(signature_scheme=scheme, key=b"secret"))
        assert kernel.connection["signature_scheme"] == scheme
        assert kernel.client().run("1 + 1").result == "2"

    @pytest.mark.one_python
    def test_empty_key_means_unsigned(self, start: Starter) -> None:
        kernel = start(session=Session(key=b""))
        client = kernel.client()
        cell = client.run("1 + 1")
        assert cell.result == "2"
        assert cell.reply.signature == b""

    @pytest.mark.one_python
    def test_five_at_once(self, start: Starter) -> None:
        kernels = [start() for _ in range(5)]
        clients = [kernel.client(connect=False) for kernel in kernels]
        for client in clients:
            client.connect()
        requests = [client.send_execute("import os\nos.getpid()") for client in clients]
        found = {client.finish(r).result for client, r in zip(clients, requests)}
        assert found == {str(kernel.pid) for kernel in kernels}


class TestShutdown:
    """shutdown_request."""

    @pytest.mark.parametrize("channel", ["control", "shell"])
    def test_replies_and_ends_with_zero(self, start: Starter, channel: str) -> None:
        kernel = start()
        shut_down(kernel.client(), channel)
        assert kernel.wait_exit() == 0

    def test_restart_is_told_back(self, start: Starter) -> None:
        kernel = start()
        shut_down(kernel.client(), restart=True)
        assert kernel.wait_exit() == 0

    def test_is_told_on_iopub(self, start: Starter) -> None:
        kernel = start()
        client, other = kernel.client(), kernel.client()
        shut_down(client)
        assert other.iopub("shutdown_reply").content == {"status": "ok", "restart": False}

    def test_atexit_runs(self, start: Starter, tmp_path: Path) -> None:
        kernel = start()
        client = kernel.client()
        kept = tmp_path / "kept"
        client.run(
            f"import atexit\natexit.register(lambda: open({str(kept)!r}, 'w').write('bye')); None"
        )
        shut_down(client)
        assert kernel.wait_exit() == 0
        assert kept.read_text() == "bye"

    def test_files_are_flushed(self, start: Starter, tmp_path: Path) -> None:
        kernel = start()
        client = kernel.client()
        kept = tmp_path / "kept"
        client.run(f"opened = open({str(kept)!r}, 'w')\nopened.write('unflushed'); None")
        shut_down(client)
        kernel.wait_exit()
        assert kept.read_text() == "unflushed"

    @pytest.mark.parametrize(
        "code",
        [
            "while True: pass",
            "import time\ntime.sleep(600)",
            "import asyncio\nawait asyncio.sleep(600)",
            "import threading\nt = threading.Thread(target=lambda: __import__('time').sleep(600))\nt.start(); t.join()",
        ],
        ids=["loop", "sleep", "await", "join"],
    )
    @pytest.mark.better("it ends what runs by the manager's signals only")
    def test_while_a_cell_runs(self, start: Starter, code: str) -> None:
        kernel = start()
        client = kernel.client()
        request = client.send_execute("print('on', flush=True)\n" + code)
        client.iopub("stream", request)
        shut_down(client)
        kernel.wait_exit()

    @pytest.mark.better("nothing but a signal ends it")
    def test_while_a_cell_hears_nothing(self, start: Starter) -> None:
        """C code that never looks for signals: cut short, and the exit code says so."""
        kernel = start()
        client = kernel.client()
        request = client.send_execute("print('on', flush=True)\nsum(range(10 ** 12))")
        client.iopub("stream", request)
        shut_down(client)
        assert kernel.wait_exit() == CUT_SHORT

    @pytest.mark.better("it waits for the thread")
    def test_thread_that_goes_on(self, start: Starter) -> None:
        kernel = start()
        client = kernel.client()
        client.run(
            "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"
        )
        shut_down(client)
        kernel.wait_exit()

    @pytest.mark.better("it needs psutil for that")
    def test_children_of_the_group_end(self, start: Starter) -> None:
        kernel = start()
        client = kernel.client()
        pids = [
            int(client.run(SPAWN.format(argv=["sleep", "60"], own=False)).result or 0)
            for _ in range(3)
        ]
        shut_down(client)
        kernel.wait_exit()
        assert all(gone(pid) for pid in pids)

    @pytest.mark.better("ipykernel needs longer than a second")
    def test_child_that_ignores_sigterm_ends(self, start: Starter) -> None:
        kernel = start()
        client = kernel.client()
        stubborn = ["sh", "-c", "trap '' TERM HUP INT; echo on; while :; do sleep 0.1; done"]
        request = client.send_execute(SPAWN.format(argv=stubborn, own=False))
        client.iopub("stream", request)
        pid = int(client.finish(request).result or 0)
        shut_down(client)
        kernel.wait_exit()
        assert gone(pid)

    def test_child_in_a_session_of_its_own_stays(self, start: Starter) -> None:
        kernel = start()
        client = kernel.client()
        pid = int(client.run(SPAWN.format(argv=["sleep", "60"], own=True)).result or 0)
        try:
            shut_down(client)
            kernel.wait_exit()
            assert psutil.pid_exists(pid) and not gone(pid, 0.2)
        finally:
            os.kill(pid, signal.SIGKILL)

    def test_managers_polite_way(self, start: Starter) -> None:
        kernel = start()
        kernel.client()
        assert kernel.shut_down() == 0, "it has ended by itself, not by the manager's signals"

    def test_what_was_asked_before_is_answered(self, start: Starter) -> None:
        kernel = start()
        client = kernel.client()
        cell = client.run("print('x' * 1_000_000)")
        assert len(cell.stdout) == 1_000_001
        requests = [client.send("kernel_info_request") for _ in range(20)]
        request = client.send("shutdown_request", {"restart": False}, "shell")
        client.reply(request)
        for each in requests:
            client.reply(each)
        assert kernel.wait_exit() == 0


class TestRestart:
    """The manager's restart: a new process on the same addresses."""

    @pytest.mark.parametrize("now", [False, True], ids=["polite", "killed"])
    def test_same_ports_new_namespace(self, start: Starter, now: bool) -> None:
        kernel = start()
        client = kernel.client()
        client.run("remembered = 1")
        before, pid = kernel.connection, kernel.pid
        kernel.manager.restart_kernel(now=now)
        assert kernel.pid != pid
        assert kernel.connection == before
        again = kernel.client()
        cell = again.execute("remembered")
        assert cell.error == "NameError"
        assert cell.count == 1

    def test_old_client_goes_on(self, start: Starter) -> None:
        kernel = start()
        client = kernel.client()
        client.run("1")
        kernel.manager.restart_kernel(now=True)
        client.connect()
        assert client.run("2").result == "2"

    def test_several_in_a_row(self, start: Starter) -> None:
        kernel = start()
        for _ in range(5):
            kernel.manager.restart_kernel(now=True)
        kernel.client().is_well()

    def test_while_a_cell_runs(self, start: Starter) -> None:
        kernel = start()
        client = kernel.client()
        request = client.send_execute("print(1, flush=True)\nwhile True: pass")
        client.iopub("stream", request)
        kernel.manager.restart_kernel()
        kernel.client().is_well()


class TestDeath:
    """Ends that nobody asked for, and their exit codes."""

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("import os\nos._exit(7)", 7),
            ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
            ("import ctypes\nctypes.string_at(0)", -signal.SIGSEGV),
            ("import os\nos.abort()", -signal.SIGABRT),
        ],
        ids=["_exit", "kill", "segfault", "abort"],
    )
    def test_exit_code(self, start: Starter, code: str, expected: int) -> None:
        kernel = start()
        kernel.client().send_execute(code)
        assert kernel.wait_exit() == expected

    def test_sigterm_ends_it(self, start: Starter) -> None:
        kernel = start()
        kernel.client()
        kernel.signal(signal.SIGTERM)
        assert kernel.wait_exit() in (-signal.SIGTERM, 0, 143)

    @pytest.mark.one_python
    @pytest.mark.better("it polls getppid each second and needs ppid 1")
    @pytest.mark.parametrize("subreaper", [False, True], ids=["init", "subreaper"])
    def test_dies_with_its_parent(self, tmp_path: Path, python: Python, subreaper: bool) -> None:
        pid, code = orphan(tmp_path, python, subreaper, "own")
        assert gone(pid)
        assert code in ((9,) if subreaper else (None,))

    @pytest.mark.one_python
    @pytest.mark.better("it polls getppid each second")
    def test_busy_kernel_dies_with_its_parent(self, tmp_path: Path, python: Python) -> None:
        pid, _code = orphan(tmp_path, python, True, "own", "while True: pass")
        assert gone(pid)

    @pytest.mark.one_python
    def test_parent_1_means_no_watch(self, tmp_path: Path, python: Python) -> None:
        pid, _code = orphan(tmp_path, python, True, "1")
        try:
            assert not gone(pid, 1.5)
        finally:
            os.kill(pid, signal.SIGKILL)


ORPHAN = """
import ctypes, json, os, subprocess, sys, time
options = json.loads(sys.argv[1])
if options["subreaper"]:
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
reading, writing = os.pipe()
middle = os.fork()
if middle == 0:
    parent = str(os.getpid()) if options["parent"] == "own" else options["parent"]
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(
        options["argv"], env={**options["env"], "JPY_PARENT_PID": parent}, start_new_session=True,
        stdin=quiet, stdout=quiet, stderr=quiet,
    )
    os.write(writing, str(child.pid).encode())
    time.sleep(600)
pid = int(os.read(reading, 20))
print(pid, flush=True)
sys.stdin.readline()
os.kill(middle, 9)
os.waitpid(middle, 0)
code = None
if options["subreaper"] and options["parent"] == "own":
    code = os.waitpid(pid, 0)[1]
print(json.dumps(code if code is None else code >> 8), flush=True)
"""


def orphan(
    directory: Path, python: Python, subreaper: bool, parent: str, code: str = ""
) -> tuple[int, int | None]:
    """
    Starts a kernel under a process that then dies.

    `parent`: what JPY_PARENT_PID says; "own" for the truth. The kernel's pid and, below a
    subreaper, its exit code.
    """
    import zmq
    from jupyter_client.connect import write_connection_file

    path, connection = write_connection_file(str(directory / "connection.json"), key=b"k")
    argv = [word.replace("{connection_file}", path) for word in arguments(python.path)]
    options: dict[str, Any] = {
        "argv": argv,
        "env": clean_environment(directory / "home"),
        "subreaper": subreaper,
        "parent": parent,
    }
    starter = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, json.dumps(options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdin and starter.stdout
    pid = int(starter.stdout.readline())
    with zmq.Context() as context:
        client = Client(context, dict(connection))
        client.connect()
        if code:
            client.iopub("execute_input", client.send_execute(code))
        client.close()
    starter.stdin.write("\n")
    starter.stdin.flush()
    told = json.loads(starter.stdout.readline())
    starter.communicate()
    return pid, told


class TestFork:
    """os.fork in a cell."""

    @pytest.mark.better("the child breaks it")
    def test_child_that_falls_through_does_not_answer(self, start: Starter) -> None:
        client = start().client()
        code = (
            "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\n'parent' if pid else 'child'"
        )
        assert client.execute(code).result == "'parent'"
        client.silence("shell", 0.3)
        client.is_well()

    @pytest.mark.better("its child answers too")
    def test_child_that_raises_does_not_answer(self, start: Starter) -> None:
        client = start().client()
        code = "import os\npid = os.fork()\nif not pid: raise RuntimeError('in the child')\nos.waitpid(pid, 0)[1] != 0"
        assert client.execute(code).result == "True"
        client.silence("shell", 0.3)
        client.is_well()

    def test_child_may_run_subprocesses(self, start: Starter) -> None:
        client = start().client()
        code = (
            "import os, subprocess\npid = os.fork()\n"
            "if not pid:\n    subprocess.run(['true']); os._exit(3)\n"
            "os.waitpid(pid, 0)[1] >> 8"
        )
        assert client.run(code).result == "3"

    def test_processes_by_spawn(self, start: Starter) -> None:
        client = start().client()
        code = (
            "import math, multiprocessing\n"
            "with multiprocessing.get_context('spawn').Pool(2) as pool:\n"
            "    roots = pool.map(math.sqrt, [1, 4, 9])\nroots"
        )
        assert client.run(code, timeout=3 * TIMEOUT).result == "[1.0, 2.0, 3.0]"

    @pytest.mark.better("its pool of processes prints and hangs now and then")
    def test_executor(self, start: Starter) -> None:
        client = start().client()
        code = (
            "import concurrent.futures, multiprocessing\n"
            "def double(n): return 2 * n\n"
            "fork = multiprocessing.get_context('fork')\n"
            "with concurrent.futures.ProcessPoolExecutor(2, mp_context=fork) as pool:\n"
            "    doubled = list(pool.map(double, range(20)))\nsum(doubled)"
        )
        assert client.run(code, timeout=3 * TIMEOUT).result == "380"


def rests(pid: int, seconds: float = 4) -> None:
    """Raises AssertionError unless there are so many seconds in which no thread wakes up."""
    seen, since = Activity.of(pid).switches, time.monotonic()

    def has_rested() -> bool:
        nonlocal seen, since
        before, seen = seen, Activity.of(pid).switches
        since = since if seen == before else time.monotonic()
        return time.monotonic() - since > seconds

    until(has_rested, f"{seconds} s without a wake-up", pause=0.1)


@pytest.mark.better("it wakes once a second")
def test_idle_kernel_does_not_wake(start: Starter) -> None:
    """But once, to give memory back (kernel/desktop/trim.h)."""
    kernel = start()
    kernel.client().is_well()
    rests(kernel.pid)


@pytest.mark.better("it wakes once a second")
def test_idle_kernel_does_not_wake_once_asyncio_was_used(start: Starter) -> None:
    kernel = start()
    kernel.client().run("import asyncio\nawait asyncio.sleep(0.01)")
    rests(kernel.pid)


@pytest.mark.one_python
def test_memory_does_not_grow(start: Starter) -> None:
    kernel = start()
    client = kernel.client()
    code = "print('x' * 1000)\n{'a': [1, 2, 3]}"
    # history and tables that are bounded have filled up after the first part
    for _ in range(500):
        client.execute(code, store_history=False)
    before = psutil.Process(kernel.pid).memory_info().rss
    for _ in range(1500):
        client.execute(code, store_history=False)
    grown = psutil.Process(kernel.pid).memory_info().rss - before
    assert grown < 3_000_000, f"{grown} bytes in 1500 cells"


@pytest.mark.one_python
def test_file_descriptors_do_not_grow(start: Starter) -> None:
    kernel = start()
    for _ in range(3):
        client = kernel.client()
        client.is_well()  # not before Python has started
        client.close()
    before = psutil.Process(kernel.pid).num_fds()
    for _ in range(10):
        client = kernel.client()
        client.run("import subprocess\nsubprocess.run(['true']); print(1)")
        client.close()
    # closed connections are noticed a little later
    until(lambda: psutil.Process(kernel.pid).num_fds() <= before, f"not more than {before}")


@pytest.mark.one_python
def test_cells_that_nobody_stores_do_not_fill_the_memory(start: Starter) -> None:
    kernel = start()
    client = kernel.client()
    code = "# " + "x" * 4000 + "\nNone"

    def rss_after(cells: int) -> float:
        for _ in range(cells):
            client.execute(code, store_history=False)
        return float(psutil.Process(kernel.pid).memory_info().rss) / 1024**2

    before = rss_after(1500)
    assert rss_after(2000) - before < 3
    assert client.execute("def f(): 1 / 0\nf()", store_history=False).error == "ZeroDivisionError"
