"""A Jupyter client for tests: synchronous, every wait bounded, every message checked."""

from __future__ import annotations

import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import zmq

from harness import message_schema, wire
from harness.cell import Cell, plain
from harness.wire import Message

# how many times slower than on a core of one's own: by default, test processes per core
SLOW = float(
    os.environ.get("CARME_TEST_SLOW")
    or max(1.0, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) / (os.cpu_count() or 1))
)
# seconds: how long an answer may take; generous, for a machine that is busy with other things, too
TIMEOUT = 30.0 * SLOW
SOCKETS = {"shell": zmq.DEALER, "control": zmq.DEALER, "stdin": zmq.DEALER, "iopub": zmq.SUB}


def endpoint(connection: dict[str, Any], channel: str) -> str:
    """The address that zmq connects to."""
    port, ip = connection[f"{channel}_port"], connection["ip"]
    return f"ipc://{ip}-{port}" if connection["transport"] == "ipc" else f"tcp://{ip}:{port}"


class NoAnswer(AssertionError):
    """What was awaited did not come in time."""


class Client:
    """
    One client of one kernel. The same identity on shell, control and stdin, as clients do.

    Messages that no test has asked for yet wait in `inbox`, per channel.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        connection: dict[str, Any],
        trouble: Callable[[], str] = str,
        read_iopub: bool = True,
        session: str | None = None,
        is_alive: Callable[[], bool] = lambda: True,
    ) -> None:
        """
        `trouble` tells about the kernel when something fails; `is_alive`: whether it is worth
        waiting any longer; `read_iopub` False: a client that subscribes but never reads;
        `session`: another client's, whose identity it takes then.
        """
        self.key = connection["key"].encode()
        self.scheme = connection["signature_scheme"]
        self.session = session or uuid.uuid4().hex
        self.identity = self.session.encode()
        self.trouble = trouble
        self.is_alive = is_alive
        self.inbox: dict[str, deque[Message]] = {name: deque() for name in SOCKETS}
        self.poller = zmq.Poller()
        self.sockets: dict[str, zmq.Socket[bytes]] = {}
        for name, kind in SOCKETS.items():
            self.sockets[name] = self.open(context, kind, endpoint(connection, name))
            if name != "iopub" or read_iopub:
                self.poller.register(self.sockets[name], zmq.POLLIN)

    def open(
        self, context: zmq.Context[zmq.Socket[bytes]], kind: int, address: str
    ) -> zmq.Socket[bytes]:
        """A connected socket."""
        socket = context.socket(kind)
        socket.linger = 0
        socket.set_hwm(0)
        if kind == zmq.DEALER:
            socket.setsockopt(zmq.IDENTITY, self.identity)
        else:
            socket.setsockopt(zmq.SUBSCRIBE, b"")
        socket.connect(address)
        return socket

    def close(self) -> None:
        """Ends the client; the kernel does not notice."""
        for socket in self.sockets.values():
            socket.close()

    # ---- sending

    def send_raw(self, channel: str, frames: list[bytes]) -> None:
        """Frames as they are: for what no sound client would send."""
        self.sockets[channel].send_multipart(frames)

    def send_parts(
        self, channel: str, parts: list[bytes], buffers: Iterable[bytes] = ()
    ) -> list[bytes]:
        """Signs four dictionaries that may be no JSON and sends them; the frames."""
        frames = wire.pack(self.key, parts, list(buffers), self.scheme)
        self.send_raw(channel, frames)
        return frames

    def send(
        self,
        msg_type: str,
        content: Any = None,
        channel: str = "shell",
        parent: dict[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """
        Sends a request and returns its header.

        `more`: header (fields to add or change), metadata, buffers.
        """
        header = {**wire.new_header(msg_type, self.session), **more.get("header", {})}
        content = {} if content is None else content
        dictionaries = (header, parent or {}, more.get("metadata", {}), content)
        self.send_parts(
            channel, [wire.dump(part) for part in dictionaries], more.get("buffers", ())
        )
        return header

    def send_execute(self, code: str, **content: Any) -> dict[str, Any]:
        """An execute_request with the fields that clients send; its header."""
        fields = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        return self.send("execute_request", {**fields, **content})

    # ---- receiving

    def pump(self, deadline: float) -> bool:
        """Takes in what has arrived; waits until `deadline` for it. False: nothing came."""
        milliseconds = max(0, round((deadline - time.monotonic()) * 1000))
        ready = dict(self.poller.poll(milliseconds))
        for name, socket in self.sockets.items():
            if socket in ready:
                self.drain(name, socket)
        return bool(ready)

    def drain(self, name: str, socket: zmq.Socket[bytes]) -> None:
        """Takes in all that waits on one socket."""
        for _ in range(1000):
            try:
                frames = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            message = wire.unpack(name, frames, self.key, self.scheme)
            message_schema.check(message)
            self.inbox[name].append(message)

    def wait(
        self,
        channel: str,
        wanted: Callable[[Message], bool],
        timeout: float = TIMEOUT,
        what: str = "a message",
    ) -> Message:
        """Takes the first message out of the inbox that is `wanted`; the others stay."""
        deadline = time.monotonic() + timeout
        box = self.inbox[channel]
        seen = 0
        while True:
            for message in list(box)[seen:]:
                if wanted(message):
                    box.remove(message)
                    return message
            seen = len(box)
            lived = self.is_alive()
            if self.pump(min(deadline, time.monotonic() + 0.5)):
                continue
            if time.monotonic() >= deadline:
                raise NoAnswer(f"{what} did not come in {timeout:g} s\n{self.inbox_text()}")
            if not lived:
                raise NoAnswer(f"{what} does not come from a dead kernel\n{self.inbox_text()}")

    def inbox_text(self) -> str:
        """What lies in the inbox, and what the kernel has written: for a failing test."""
        lines = [str(message) for box in self.inbox.values() for message in list(box)[-15:]]
        return "\n".join(["in the inbox:", *lines, self.trouble()])

    def reply(
        self, request: dict[str, Any], channel: str = "shell", timeout: float = TIMEOUT
    ) -> Message:
        """The reply to a request, of the right type."""
        message = self.wait(
            channel,
            lambda m: m.parent_id == request["msg_id"],
            timeout,
            f"a reply to {request['msg_type']}",
        )
        assert message.type == request["msg_type"].replace("_request", "_reply"), str(message)
        return message

    def iopub(
        self,
        msg_type: str,
        request: dict[str, Any] | None = None,
        timeout: float = TIMEOUT,
        where: Callable[[Message], bool] = bool,
    ) -> Message:
        """The next message of a type on iopub, of a request when one is given."""
        wanted_id = request and request["msg_id"]
        return self.wait(
            "iopub",
            lambda m: m.type == msg_type and wanted_id in (None, m.parent_id) and where(m),
            timeout,
            msg_type,
        )

    def text_with(self, word: str, source: Cell | dict[str, Any], name: str = "stdout") -> str:
        """
        What a cell has written to the stream `name`, once `word` is in it, colours left aside.

        `source`: the cell, with what came until its idle, or the header of its request.
        """
        text = source.text(name) if isinstance(source, Cell) else ""
        request = source.request if isinstance(source, Cell) else source
        while word not in plain(text):
            message = self.iopub("stream", request, where=lambda m: m.content["name"] == name)
            text += message.content["text"]
        return text

    def until_idle(self, request: dict[str, Any], timeout: float = TIMEOUT) -> list[Message]:
        """What iopub brings for a request, from its busy to its idle, both among it."""
        mine: list[Message] = []
        own = request["msg_id"]
        while not (mine and mine[-1].state == "idle"):
            mine.append(self.wait("iopub", lambda m: m.parent_id == own, timeout, "idle on iopub"))
        assert mine[0].state == "busy", f"first of the request: {mine[0]}"
        assert [m.state for m in mine if m.state] == ["busy", "idle"], str(mine)
        return mine

    def silence(self, channel: str, seconds: float = 0.2) -> None:
        """Raises AssertionError when a message waits on the channel, or comes meanwhile."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.pump(deadline)
        assert not self.inbox[channel], f"{channel} not silent: {self.inbox[channel][0]}"

    def until_received(self) -> None:
        """
        Until the kernel has taken in all that was sent before, also while it is busy.

        What was sent on another channel before the first question lies in its socket by then, and
        is read at the latest before the second.
        """
        for _ in range(2):
            self.reply(self.send("kernel_info_request", {}, "control"), "control")

    # ---- whole conversations

    def connect(self, timeout: float = 3 * TIMEOUT) -> Message:
        """
        Asks for kernel_info until both channels work; the reply. A welcome stays in the inbox.

        A status that was sent before the subscription stood never comes: ask again then, at once
        after a welcome, a moment later without one.
        """
        deadline = time.monotonic() + timeout
        while True:
            before = self.welcomes()
            request = self.send("kernel_info_request")
            reply = self.reply(request, timeout=max(0.1, deadline - time.monotonic()))
            if self.hears(request, before, 0.2 * SLOW):
                break
            assert time.monotonic() < deadline, f"iopub is silent\n{self.inbox_text()}"
        # statuses of the requests before
        self.inbox["iopub"] = deque(m for m in self.inbox["iopub"] if m.type == "iopub_welcome")
        return reply

    def welcomes(self) -> int:
        """How many welcomes lie in the inbox."""
        return sum(m.type == "iopub_welcome" for m in self.inbox["iopub"])

    def hears(self, request: dict[str, Any], welcomes: int, timeout: float) -> bool:
        """Whether the request's idle comes; not worth waiting when it came before a new welcome."""
        deadline = time.monotonic() + timeout
        box = self.inbox["iopub"]
        while not any(m.state == "idle" and m.parent_id == request["msg_id"] for m in box):
            if self.welcomes() > welcomes or not self.pump(deadline):
                return False
        return True

    def ask(
        self,
        msg_type: str,
        content: Any = None,
        channel: str = "shell",
        timeout: float = TIMEOUT,
        **more: Any,
    ) -> Message:
        """Sends a request, waits for its reply and its idle; the reply."""
        request = self.send(msg_type, content, channel, **more)
        reply = self.reply(request, channel, timeout)
        self.until_idle(request, timeout)
        return reply

    def finish(self, request: dict[str, Any], timeout: float = TIMEOUT) -> Cell:
        """The whole of a cell that was sent before."""
        reply = self.reply(request, timeout=timeout)
        return Cell(request, reply, self.until_idle(request, timeout))

    def execute(self, code: str, timeout: float = TIMEOUT, **content: Any) -> Cell:
        """Runs a cell to its end."""
        return self.finish(self.send_execute(code, **content), timeout)

    def run(self, code: str, **content: Any) -> Cell:
        """As execute, for a cell that must succeed."""
        cell = self.execute(code, **content)
        assert cell.status == "ok", f"{cell.reply.content}\n{self.inbox_text()}"
        return cell

    def input_request(self, request: dict[str, Any], timeout: float = TIMEOUT) -> Message:
        """The question that a cell asks on stdin."""
        return self.wait(
            "stdin", lambda m: m.parent_id == request["msg_id"], timeout, "an input_request"
        )

    def answer(self, value: Any, question: Message | None = None) -> None:
        """Answers on stdin; without a question there is no parent, as from jupyter_client."""
        parent = question.header if question else None
        self.send("input_reply", {"value": value, "status": "ok"}, "stdin", parent)

    def is_well(self, timeout: float = TIMEOUT) -> None:
        """Raises AssertionError unless the kernel still answers and computes."""
        cell = self.execute("", timeout, store_history=False, user_expressions={"answer": "6 * 7"})
        found = cell.reply.content.get("user_expressions", {}).get("answer", {})
        assert found.get("data") == {"text/plain": "42"}, f"{cell.reply}\n{self.inbox_text()}"
