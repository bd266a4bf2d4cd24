"""A kernel whose Python can not start says so in the notebook."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zmq

from harness import kernels
from harness.cell import plain
from harness.cli import LIBRARY, NO_PYTHON, WRONG_PYTHON, program
from harness.client import TIMEOUT, Client, endpoint
from harness.kernels import Kernel
from harness.pythons import Python
from harness.until import until

pytestmark = pytest.mark.skipif(not kernels.IS_CARME, reason="ipykernel's process dies")

Starter = Callable[..., Kernel]


def refused(kernel: Kernel, code: int, *parts: str) -> None:
    """A person's way: connect, run a cell, read; then the process ends with its code."""
    client = kernel.client()
    cell = client.execute("1 + 1")
    assert cell.error == "KernelStartError"
    told = plain(cell.traceback)
    for part in (*parts, "restart the kernel"):
        assert part in told, told
    assert [m.type for m in cell.iopub if not m.state] == ["execute_input", "error"]
    assert kernel.wait_exit(TIMEOUT) == code
    assert parts[0] in kernel.log.read_text()


@pytest.mark.one_python
def test_deleted_environment(start: Starter, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone" / "bin" / "python")
    refused(start(path=gone), NO_PYTHON, gone, "carme install --python PATH --name")


@pytest.mark.one_python
def test_environment_whose_base_is_gone(start: Starter, tmp_path: Path) -> None:
    inside = tmp_path / "venv" / "bin" / "python"
    inside.parent.mkdir(parents=True)
    inside.symlink_to(tmp_path / "removed" / "python3.11")
    refused(start(path=str(inside)), NO_PYTHON, str(inside))
    refused(start(path=str(tmp_path / "venv")), NO_PYTHON, "without bin/python")


@pytest.mark.one_python
def test_no_program(start: Starter, tmp_path: Path) -> None:
    text = tmp_path / "python"
    text.write_text("text")
    refused(start(path=str(text)), NO_PYTHON, str(text), "not an executable file")
    program(text, "text")
    refused(start(path=str(text)), NO_PYTHON, str(text), "neither a program nor a script")
    program(text, "#!/bin/sh\nexit 1\n")
    refused(start(path=str(text)), NO_PYTHON, str(text), "ended with an error")


def test_broken_standard_library(start: Starter, python: Python, tmp_path: Path) -> None:
    """PYTHONHOME leads to nothing, as modules of a cluster may leave it."""
    home = str(tmp_path / "home of nobody")
    kernel = start(environment={"PYTHONHOME": home})
    refused(kernel, NO_PYTHON, python.path, "Fatal Python error", home)


@pytest.mark.one_python
def test_right_home_is_no_fault(start: Starter, python: Python) -> None:
    command = [python.path, "-c", "import sys; print(sys.base_prefix)"]
    home = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    client = start(environment={"PYTHONHOME": home}).client()
    assert client.run("import sys; sys.base_prefix").result == repr(home)


# In the place of a Python that is too old; it is a static one, of which nothing but its answer is
# known before it runs.
OLD = """
import sys
sys.version_info = (3, 7, 9, "final", 0)
"""


@pytest.mark.one_python
def test_too_old(start: Starter, tmp_path: Path) -> None:
    """A sitecustomize makes a static Python say that it is."""
    static = [each for each in kernels.every_python() if "static" in each.label]
    if not static:
        pytest.skip("no static Python here")
    (tmp_path / "sitecustomize.py").write_text(OLD)
    kernel = start(path=static[0].path, environment={"PYTHONPATH": str(tmp_path)})
    refused(kernel, WRONG_PYTHON, "is Python 3.7", "carme install --python PATH")


@pytest.fixture
def lonely(tmp_path: Path) -> Path:
    """The program without its module."""
    (tmp_path / "bin").mkdir()
    return Path(shutil.copy(kernels.PROGRAM, tmp_path / "bin" / "carme"))


class Lonely(Kernel):
    """A kernel of another program."""

    program = ""

    def write_spec(self, argv: list[str], interrupt_mode: str) -> None:
        """With that program."""
        super().write_spec([self.program, *argv[1:]], interrupt_mode)


@pytest.mark.parametrize("broken", [False, True])
def test_module_is_missing_or_broken(
    lonely: Path, python: Python, tmp_path: Path, broken: bool
) -> None:
    module = lonely.with_name("_carme.abi3.so")
    if broken:
        module.write_text("no library")
    Lonely.program = str(lonely)
    (tmp_path / "kernel").mkdir()
    kernel = Lonely(tmp_path / "kernel", python)
    try:
        refused(kernel, LIBRARY, "_carme.abi3.so", "Install Carme again")
    finally:
        kernel.stop()


@pytest.fixture
def none(start: Starter) -> Kernel:
    """A kernel without a Python."""
    return start(path="/nowhere/python")


@pytest.mark.one_python
def test_heartbeat(none: Kernel) -> None:
    none.client()
    heart = none.context.socket(zmq.REQ)
    heart.linger = 0
    heart.connect(endpoint(none.connection, "hb"))
    for text in (b"ping", b"", b"x" * 5000):
        heart.send(text)
        assert heart.poll(round(TIMEOUT * 1000))
        assert heart.recv() == text
    heart.close()


@pytest.mark.one_python
def test_other_requests(none: Kernel) -> None:
    """They get errors, which clients know what to do with; a silent cell is not the first one."""
    client = none.client()
    for kind in ("complete_request", "comm_info_request", "history_request"):
        assert client.ask(kind, {}).content["status"] == "error"
    silent = client.send_execute("pass", silent=True)
    assert client.reply(silent).content["ename"] == "KernelStartError"
    assert [m.type for m in client.until_idle(silent)] == ["status", "status"]
    assert client.execute("1").error == "KernelStartError"


@pytest.mark.one_python
def test_run_all(none: Kernel) -> None:
    client = none.client()
    requests = [client.send_execute(str(number)) for number in range(20)]
    assert [client.reply(each).content["status"] for each in requests] == [
        "error",
        *["aborted"] * 19,
    ]
    for each in requests:
        client.until_idle(each)
    assert none.wait_exit() == NO_PYTHON


@pytest.mark.one_python
def test_shutdown(none: Kernel) -> None:
    client = none.client()
    reply = client.ask("shutdown_request", {"restart": True}, channel="control")
    assert reply.content["restart"] is True
    assert none.wait_exit() == NO_PYTHON


@pytest.mark.one_python
def test_a_stranger_hears_nothing(none: Kernel) -> None:
    client = none.client()
    stranger = Client(none.context, {**none.connection, "key": "wrong"}, read_iopub=False)
    stranger.send("kernel_info_request")
    client.ask("kernel_info_request")
    stranger.silence("shell")
    stranger.close()
    port = none.connection["shell_port"]
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100, b""):
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as raw:
            raw.sendall(noise)
    assert client.execute("1").error == "KernelStartError"


@pytest.mark.one_python
def test_over_ipc(start: Starter) -> None:
    refused(start(path="/nowhere/python", transport="ipc"), NO_PYTHON, "/nowhere/python")


@pytest.mark.one_python
def test_ends_with_who_started_it(none: Kernel, tmp_path: Path) -> None:
    """As a kernel does: nobody else would end it."""
    script = (
        "import subprocess, sys\n"
        "print(subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL).pid, flush=True)\n"
    )
    file = tmp_path / "connection.json"
    members: dict[str, Any] = {
        f"{name}_port": n for n, name in enumerate(("shell", "control", "stdin", "iopub", "hb"), 1)
    }
    members |= {"transport": "ipc", "ip": str(tmp_path / "s"), "key": "k"}
    file.write_text(json.dumps(members))
    file.chmod(0o600)
    words = [str(kernels.PROGRAM), "kernel", "-f", str(file), "--python", "/nowhere/python"]
    env = {**kernels.clean_environment(tmp_path / "home"), "JPY_PARENT_PID": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", script, *words], env=env, capture_output=True, text=True, check=True
    )
    place = Path("/proc") / ran.stdout.strip()

    def has_ended() -> bool:
        try:
            return "\nState:\tZ" in (place / "status").read_text()
        except OSError:
            return True

    until(has_ended, "its end")
