"""Ends of a kernel that nobody asked for: crashes, signals, the death of its parent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.activity import ends
from harness.client import Client
from harness.kernels import Kernel, arguments, clean_environment
from harness.pythons import Python

Starter = Callable[..., Kernel]


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
        assert ends(pid)
        assert code in ((9,) if subreaper else (None,))

    @pytest.mark.one_python
    @pytest.mark.better("it polls getppid each second")
    def test_busy_kernel_dies_with_its_parent(self, tmp_path: Path, python: Python) -> None:
        pid, _code = orphan(tmp_path, python, True, "own", "while True: pass")
        assert ends(pid)

    @pytest.mark.one_python
    def test_parent_1_means_no_watch(self, tmp_path: Path, python: Python) -> None:
        pid, _code = orphan(tmp_path, python, True, "1")
        try:
            assert not ends(pid, 1.5)
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
