"""A kernel, and what it answers to one request at a time."""

from __future__ import annotations

import ast
import base64
import builtins
import os
import pickle
import queue
import re
import sys
import time
from dataclasses import dataclass
from typing import Any

from jupyter_client.manager import KernelManager

COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
FIRST = "CARME_FIRST_CELL"  # the variable that names a cell to run in each kernel before the tests'
READY, TIMEOUT = 60, 30  # seconds: for a start, for an answer


@dataclass
class Answer:
    """What came back for a cell: execute_reply's content, and its result as text."""

    reply: dict[str, Any]
    result: str | None = None

    def error(self) -> BaseException | None:
        """The cell's error as one that can be raised; None for ok."""
        if self.reply["status"] != "error":
            return None
        return exception(self.reply["ename"], self.reply["evalue"])


def exception(name: str, value: str) -> BaseException:
    """An exception of this process for one of the kernel's, by its name."""
    from IPython.core import error

    kind = getattr(builtins, name, None) or getattr(error, name, None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        kind = type(name, (Exception,), {})
    try:
        return kind(value)
    except TypeError:
        return kind.__new__(kind)


def without_colours(text: str) -> str:
    """A text without the escapes of a terminal."""
    return COLOURS.sub("", text)


class KernelClient:
    """One kernel, started with the first request; `requests` counts them."""

    def __init__(self) -> None:
        """No kernel yet."""
        self.manager = KernelManager(kernel_name="python3")
        self.client: Any = None
        self.requests = 0

    def start(self) -> None:
        """Starts the kernel, unless it lives."""
        if self.client and self.manager.is_alive():
            return
        if self.client:
            self.client.stop_channels()
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=READY)
        if os.environ.get(FIRST):
            self.execute(os.environ[FIRST])

    def close(self) -> None:
        """Ends the kernel; the next request starts another."""
        if self.client:
            self.client.stop_channels()
            self.manager.shutdown_kernel(now=True)
            self.client = None

    def execute(self, code: str, show: bool = False, store: bool = False, **options: Any) -> Answer:
        """
        Runs a cell. `show`: its output is written to this process's streams.

        TimeoutError when no idle comes; the kernel is ended then.
        """
        self.start()
        self.requests += 1
        sent = self.client.execute(code, store_history=store, allow_stdin=False, **options)
        result = self.receive(sent, show)
        reply = self.reply_to(sent)
        for page in reply.get("payload") or () if show else ():
            if page.get("source") == "page":
                print(without_colours(page["data"].get("text/plain", "")))
        return Answer(reply, result)

    def receive(self, sent: str, show: bool) -> str | None:
        """Takes the cell's messages up to idle; its result's text."""
        result, end = None, time.monotonic() + TIMEOUT
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            except queue.Empty:
                self.close()
                raise TimeoutError("no idle") from None
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return result
            if kind == "execute_result":
                result = content["data"].get("text/plain", "")
            if show:
                write(kind, content)

    def value(self, expression: str) -> Any:
        """What an expression is in the kernel; whatever it raises there."""
        packed = f"__import__('pickle').dumps({expression})"
        text = f"__import__('base64').b64encode({packed}).decode()"
        answer = self.execute("", silent=True, user_expressions={"value": text})
        found = answer.reply["user_expressions"]["value"]
        if found["status"] == "error":
            raise exception(found["ename"], found["evalue"])
        return pickle.loads(base64.b64decode(ast.literal_eval(found["data"]["text/plain"])))

    def run(self, code: str) -> None:
        """Runs a cell that shows nothing; whatever it raises."""
        error = self.execute(code, silent=True).error()
        if error is not None:
            raise error

    def request(self, kind: str, *values: Any, **options: Any) -> dict[str, Any]:
        """The content of another request's reply."""
        self.start()
        self.requests += 1
        return self.reply_to(getattr(self.client, kind)(*values, **options))

    def reply_to(self, sent: str) -> dict[str, Any]:
        """The content of the reply on shell."""
        while True:
            message = self.client.get_shell_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == sent:
                return dict(message["content"])


def write(kind: str, content: dict[str, Any]) -> None:
    """Writes an output as IPython's shell in a terminal would."""
    if kind == "stream":
        getattr(sys, content["name"]).write(content["text"].replace("\r\n", "\n"))
    elif kind in ("execute_result", "display_data"):
        before = f"Out[{content['execution_count']}]: " if kind == "execute_result" else ""
        print(before + content["data"].get("text/plain", ""))
    elif kind == "error":
        print(without_colours("\n".join(content["traceback"])))
