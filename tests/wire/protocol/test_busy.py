"""What is answered while Python is busy, and before Python has started."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zmq

from harness.client import SLOW, TIMEOUT, Client, endpoint
from harness.gate import Gate
from harness.kernels import Kernel
from harness.pythons import Python

Starter = Callable[..., Kernel]
BUSY = {
    "python": "while True: pass",
    "sleep": "import time\ntime.sleep(60)",
    "await": "import asyncio\nawait asyncio.sleep(60)",
    # C code that keeps the interpreter's lock and hears no signal for some seconds
    "locked": "sum(range(150_000_000))",
}
names = pytest.mark.parametrize("name", BUSY)


def busy(client: Client, name: str) -> dict[str, Any]:
    """A cell that runs."""
    request = client.send_execute("print('busy', flush=True)\n" + BUSY[name])
    client.iopub("stream", request)
    return request


def end(kernel: Kernel, client: Client, request: dict[str, Any]) -> None:
    """Interrupts the cell."""
    kernel.interrupt()
    client.finish(request, timeout=60 * SLOW)


def still_runs(client: Client) -> None:
    """Raises AssertionError when a cell of the client has ended: then it was answered too late."""
    client.pump(time.monotonic())
    assert not client.inbox["shell"], "the cell had ended"


def beats(kernel: Kernel) -> None:
    """Raises AssertionError unless the heart beats."""
    socket = kernel.context.socket(zmq.REQ)
    socket.linger = 0
    socket.connect(endpoint(kernel.connection, "hb"))
    socket.send(b"ping")
    assert socket.poll(round(TIMEOUT * 1000)), "no heartbeat"
    assert socket.recv() == b"ping"
    socket.close()


@names
@pytest.mark.better("it cannot interrupt what awaits")
def test_heartbeat(kernel: Kernel, name: str) -> None:
    client = kernel.client()
    request = busy(client, name)
    beats(kernel)
    still_runs(client)
    end(kernel, client, request)


@names
@pytest.mark.better("its control thread needs the lock of the interpreter")
def test_kernel_info_on_control(kernel: Kernel, name: str) -> None:
    client = kernel.client()
    request = busy(client, name)
    reply = client.ask("kernel_info_request", channel="control")
    assert reply.content["language_info"]["name"] == "python"
    still_runs(client)
    end(kernel, client, request)


def test_many_on_control(kernel: Kernel) -> None:
    client = kernel.client()
    request = busy(client, "python")
    for _ in range(50):
        client.ask("kernel_info_request", channel="control")
    still_runs(client)
    end(kernel, client, request)


def test_status_of_control_has_its_own_parent(kernel: Kernel) -> None:
    client = kernel.client()
    request = busy(client, "sleep")
    asked = client.send("kernel_info_request", {}, "control")
    client.reply(asked, "control")
    states = [m.state for m in client.until_idle(asked)]
    assert states == ["busy", "idle"]
    end(kernel, client, request)


def test_each_status_names_a_message(kernel: Kernel) -> None:
    """Clients read parent_header["msg_id"] of each, ipykernel's own tests among them."""
    client = kernel.client()
    request = busy(client, "sleep")
    client.send("kernel_info_request", {}, "control")
    client.wait(
        "iopub",
        lambda m: m.state == "busy" and m.parent_id == m.header["msg_id"],
        what="busy, because the cell still runs",
    )
    assert all(m.parent_id for m in client.inbox["iopub"] if m.state)
    end(kernel, client, request)


def test_output_of_the_cell_keeps_its_parent(kernel: Kernel) -> None:
    client = kernel.client()
    code = "import time\nfor n in range(30):\n    print(n, flush=True); time.sleep(0.01)"
    request = client.send_execute(code)
    for _ in range(10):
        client.ask("kernel_info_request", channel="control")
    cell = client.finish(request)
    assert cell.stdout == "".join(f"{n}\n" for n in range(30))


@pytest.mark.better("only the first subscriber is welcomed")
def test_new_client_is_welcomed(kernel: Kernel) -> None:
    client = kernel.client()
    request = busy(client, "locked")
    newcomer = kernel.client(connect=False)
    newcomer.iopub("iopub_welcome")
    newcomer.ask("kernel_info_request", channel="control")
    still_runs(client)
    end(kernel, client, request)


def test_shell_requests_wait_in_order(kernel: Kernel) -> None:
    client = kernel.client()
    request = busy(client, "python")
    waiting = [client.send("kernel_info_request") for _ in range(3)]
    client.silence("shell", 0.2)
    end(kernel, client, request)
    for each in waiting:
        client.reply(each)


@pytest.fixture
def slow_start(tmp_path: Path, python: Python, gate: Gate) -> dict[str, str]:
    """Variables with which this Python does not end its start before the gate is open."""
    if not python.shared:
        pytest.skip("a static Python is executed anew: nothing of the kernel runs before it")
    (tmp_path / "sitecustomize.py").write_text(gate.wait)
    return {"PYTHONPATH": str(tmp_path)}


@pytest.mark.better("nothing is answered before Python runs")
class TestBeforePythonHasStarted:
    """The sockets are there and the kernel answers; Python is still on its way."""

    def test_kernel_info(self, start: Starter, slow_start: dict[str, str]) -> None:
        client = start(environment=slow_start).client(connect=False)
        for channel in ("control", "shell"):
            client.reply(client.send("kernel_info_request", {}, channel), channel)

    def test_heartbeat_and_welcome(self, start: Starter, slow_start: dict[str, str]) -> None:
        kernel = start(environment=slow_start)
        beats(kernel)
        kernel.client(connect=False).iopub("iopub_welcome")

    def test_a_cell_waits_and_runs(
        self, start: Starter, slow_start: dict[str, str], gate: Gate
    ) -> None:
        client = start(environment=slow_start).client()
        request = client.send_execute("'at last'")
        client.until_received()
        still_runs(client)
        gate.open()
        assert client.finish(request).result == "'at last'"

    def test_shutdown(self, start: Starter, slow_start: dict[str, str]) -> None:
        kernel = start(environment=slow_start)
        client = kernel.client()
        request = client.send("shutdown_request", {"restart": False}, "control")
        client.reply(request, "control")
        kernel.wait_exit()

    def test_interrupt_does_not_end_it(
        self, start: Starter, slow_start: dict[str, str], gate: Gate
    ) -> None:
        kernel = start(environment=slow_start)
        client = kernel.client()
        kernel.interrupt()
        gate.open()
        client.is_well()
