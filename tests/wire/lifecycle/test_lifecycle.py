"""How a kernel starts, restarts and ends, and what ends with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from jupyter_client.session import Session

from harness.activity import ends
from harness.client import TIMEOUT, Client
from harness.kernels import CUT_SHORT, IS_CARME, Kernel

Starter = Callable[..., Kernel]
SPAWN = (
    "import subprocess, sys\nchild = subprocess.Popen({argv}, start_new_session={own})\nchild.pid"
)


def shut_down(client: Client, channel: str = "control", restart: bool = False) -> None:
    """Asks for the end, waits for the reply."""
    request = client.send("shutdown_request", {"restart": restart}, channel)
    reply = client.reply(request, channel)
    assert reply.content == {"status": "ok", "restart": restart}


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
        assert all(ends(pid) for pid in pids)

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
        assert ends(pid)

    def test_child_in_a_session_of_its_own_stays(self, start: Starter) -> None:
        kernel = start()
        client = kernel.client()
        pid = int(client.run(SPAWN.format(argv=["sleep", "60"], own=True)).result or 0)
        try:
            shut_down(client)
            kernel.wait_exit()
            assert psutil.pid_exists(pid) and not ends(pid, 0.2)
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
