"""Kernels to measure, and a client that adds as little as a client can."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.connect import write_connection_file

from harness import wire
from harness.client import SLOW, endpoint
from harness.kernels import ENVIRONMENTS, PROGRAM, clean_environment, reference
from harness.pythons import probe
from harness.wire import Message

TIMEOUT = 60 * SLOW  # seconds until a kernel counts as broken
CHANNELS = {"shell": zmq.DEALER, "control": zmq.DEALER, "stdin": zmq.DEALER, "iopub": zmq.SUB}


class KernelFailure(Exception):
    """A kernel that does not do what it is measured at."""


@dataclass(frozen=True)
class Subject:
    """A kernel that can be started: a column of the table."""

    name: str
    argv: tuple[str, ...]
    python: str  # the interpreter its cells run in


def subjects() -> list[Subject]:
    """
    Carme in a user's environment, Carme in the system's static Python, ipykernel.

    The first and the last are environments of the same interpreter.
    """
    data = probe(str(ENVIRONMENTS / "data" / "bin" / "python"))
    assert data, "build/env/data is missing: run tests/setup/setup.sh test"
    system = probe("/usr/bin/python3")
    found = [carme("carme", data.path)]
    if system and data.shared and not system.shared:
        found.append(carme("carme static", system.path))
    peer = reference()
    assert peer.version == data.version, f"{peer.label} is compared with {data.label}"
    argv = (peer.path, "-m", "ipykernel_launcher", "-f")
    return [*found, Subject("ipykernel", argv, peer.path)]


def carme(name: str, python: str) -> Subject:
    """Carme in an interpreter."""
    return Subject(name, (str(PROGRAM), "kernel", "--python", python, "-f"), python)


class Kernel:
    """
    A kernel's process and one client, which connects as soon as the process is there.

    `started` is the time.perf_counter() just before the process was made.
    """

    def __init__(self, subject: Subject, directory: Path) -> None:
        """`directory`: an existing one for this kernel alone."""
        self.subject = subject
        self.log = directory / "kernel.log"
        file = directory / "connection.json"
        _, chosen = write_connection_file(str(file), key=uuid.uuid4().hex.encode())
        connection: dict[str, Any] = {**chosen}
        self.key = connection["key"].encode()
        self.session = uuid.uuid4().hex
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.sockets = {name: self.open(kind) for name, kind in CHANNELS.items()}
        environment = clean_environment(directory / "home", JPY_PARENT_PID=str(os.getpid()))
        with self.log.open("wb") as log:
            self.started = time.perf_counter()
            self.process = subprocess.Popen(
                [*subject.argv, str(file)],
                env=environment,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for name, socket in self.sockets.items():
            socket.connect(endpoint(connection, name))

    def open(self, kind: int) -> zmq.Socket[bytes]:
        """A socket; what does not come within TIMEOUT raises zmq.Again."""
        socket = self.context.socket(kind)
        socket.linger, socket.rcvtimeo = 0, round(TIMEOUT * 1000)
        # by default zmq tries again after 100 to 200 ms, at random, which would hide the kernel's own time
        socket.reconnect_ivl = 1
        socket.set_hwm(0)
        if kind == zmq.DEALER:
            socket.setsockopt(zmq.IDENTITY, self.session.encode())
        else:
            socket.setsockopt(zmq.SUBSCRIBE, b"")
        return socket

    # ---- messages

    def send(self, channel: str, msg_type: str, content: dict[str, Any]) -> str:
        """Signs and sends; the msg_id."""
        header = wire.new_header(msg_type, self.session)
        parts = [wire.dump(part) for part in (header, {}, {}, content)]
        self.sockets[channel].send_multipart(wire.pack(self.key, parts, [], "hmac-sha256"))
        return str(header["msg_id"])

    def receive(self, channel: str) -> Message:
        """The next message, its signature verified."""
        try:
            frames = self.sockets[channel].recv_multipart()
        except zmq.Again:
            raise KernelFailure(
                f"{channel} is silent for {TIMEOUT:g} s; {self.state_text()}"
            ) from None
        return wire.unpack(channel, frames, self.key, "hmac-sha256")

    def state_text(self) -> str:
        """Whether the process lives, and what it wrote."""
        written = self.log.read_bytes()[-1000:].decode(errors="replace")
        return f"process ended: {self.process.poll()}; it wrote: {written or 'nothing'}"

    def execute(self, code: str, **more: Any) -> str:
        """Sends a cell as clients do; the msg_id."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        return self.send("shell", "execute_request", {**content, **more})

    def reply(self, msg_id: str, channel: str = "shell", status: str = "ok") -> Message:
        """The reply to a request, which must be the next message of its channel."""
        message = self.receive(channel)
        if message.parent_id != msg_id or message.content.get("status") != status:
            raise KernelFailure(f"not the reply: {message}")
        return message

    def until_idle(self, msg_id: str) -> Iterator[Message]:
        """What iopub brings for a request before its idle."""
        while True:
            message = self.receive("iopub")
            if message.parent_id != msg_id:
                continue
            if message.state == "idle":
                return
            yield message

    def finish(self, msg_id: str) -> list[Message]:
        """Waits for a request's reply and idle; its messages on iopub."""
        self.reply(msg_id)
        return list(self.until_idle(msg_id))

    def run(self, code: str) -> list[Message]:
        """Runs a cell to its end; its messages on iopub."""
        return self.finish(self.execute(code))

    def result(self, code: str) -> str:
        """The value of a cell's last expression, as plain text."""
        for message in self.run(code):
            if message.type == "execute_result":
                return str(message.content["data"]["text/plain"])
        raise KernelFailure(f"no result of {code!r}")

    # ---- the process

    def interrupt(self) -> None:
        """As the stop button does."""
        os.kill(self.process.pid, signal.SIGINT)

    def proc_file(self, name: str) -> str:
        """A file of /proc/PID."""
        return Path(f"/proc/{self.process.pid}/{name}").read_text()

    def cpu(self) -> float:
        """Seconds of CPU that the process has used (proc(5): utime and stime, in ticks)."""
        fields = self.proc_file("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> dict[str, float]:
        """Rss, Pss and more of smaps_rollup, in MB of 1024² bytes."""
        rows = [line.split() for line in self.proc_file("smaps_rollup").splitlines()[1:]]
        return {row[0].rstrip(":"): int(row[1]) / 1024 for row in rows}

    def context_switches(self) -> int:
        """How often its threads have been put on a CPU: context switches, of both kinds."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if "voluntary_ctxt_switches" in line:
                    total += int(line.split()[1])
        return total

    def threads(self) -> int:
        """How many threads the process has."""
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def shut_down(self) -> float:
        """Asks it to end; seconds until the process is gone."""
        watch = os.pidfd_open(self.process.pid)
        start = time.perf_counter()
        self.send("control", "shutdown_request", {"restart": False})
        gone = select.select([watch], [], [], TIMEOUT)[0]
        took = time.perf_counter() - start
        os.close(watch)
        if not gone:
            raise KernelFailure(f"does not shut down; {self.state_text()}")
        self.process.wait()
        return took

    def close(self) -> None:
        """Ends whatever is left."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.context.destroy(linger=0)
