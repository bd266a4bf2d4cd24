"""The kernel in a browser's worker: what the worker calls, and what it is asked for.

The worker makes a host and calls start(host) once, then push() for each message of the client; the
native half calls the methods of Host. All of it runs in the one thread that there is.

Source: Pyodide's documentation, "pyodide.ffi"; "Messaging in Jupyter".
"""

import sys

import _carme
from _carme.browser import event_loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

# what the native half was made for; kernel/browser/abi.py reads them
ABI = "2026_0"
PYTHON = "3.14"

IN_BROWSER = sys.platform == "emscripten"


class Host:
    """The worker's host as the native half calls it: Python's types in and out.

    While the native half sends, no Python code may run, since signals' handlers would run in it:
    post, now, arm, keep and blocks are the worker's own functions and Pyodide's.
    """

    def __init__(self, worker: Any) -> None:
        """`worker` is a JsProxy, or any object with these methods."""
        self.worker = worker
        self.post = worker.post
        self.now = worker.now
        self.arm = getattr(worker, "arm", id)  # a host without timers: texts wait for what follows
        self.keep = getattr(worker, "keep", None)
        self.blocks = converter()
        self.no_blocks = self.blocks([])
        self.judges = bool(getattr(worker, "judges_interrupts", False))

    def ask(self, header: str, parent: str, metadata: str, content: str) -> Optional[str]:
        """The content of the client's input_reply; None: interrupted.

        StdinNotImplementedError with the host's text when it has no way to wait for one.
        """
        from _carme.output.streams import StdinNotImplementedError

        _carme.tick()
        try:
            answer = self.worker.ask(header, parent, metadata, content)
        except Exception as error:
            raise StdinNotImplementedError(text_of(error)) from None
        return answer if isinstance(answer, str) else None

    def history(self) -> Optional[str]:
        """Older sessions' cells, {"session": N, "cells": [[session, line, code], ...]} as JSON."""
        text = getattr(self.worker, "history", None)
        return text if isinstance(text, str) else None

    def random(self, count: int) -> bytes:
        """So many random bytes."""
        return to_bytes(self.worker.random(count))

    def interrupt(self) -> None:
        """An interrupt_request has come: ends the cell that awaits, if the flag is up."""
        if self.worker.interrupted():
            event_loop.cancel()

    def forget_interrupts(self) -> None:
        """What is about to run is not meant, unless the host knows for whom an interrupt is."""
        if not self.judges:
            self.worker.interrupted()

    def sleep(self, seconds: float) -> bool:
        """Blocks; True: an interrupt has ended it, and the flag is down."""
        _carme.tick()
        if not self.worker.sleep(seconds * 1000):
            return False
        self.worker.interrupted()
        return True


def text_of(error: BaseException) -> str:
    """A JavaScript error's message without its stack, or a Python error's text."""
    return str(getattr(error, "message", None) or error)


def converter() -> Callable[[List[bytes]], Any]:
    """Makes of a list of blocks what the host takes: in a browser an Array of Uint8Array."""
    if not IN_BROWSER:
        return list
    from pyodide.ffi import to_js

    convert: Callable[[List[bytes]], Any] = to_js
    return convert


def to_bytes(block: Any) -> bytes:
    """A block of the host: bytes-like, or a JsProxy of an ArrayBuffer or of a view on one."""
    convert = getattr(block, "to_bytes", None)
    return bytes(convert() if convert is not None else block)


def check_abi() -> None:
    """ImportError with both versions where Python is not the one that this was made for."""
    if not IN_BROWSER:
        return
    import sysconfig

    found = sysconfig.get_config_var("PYODIDE_ABI_VERSION")
    version = ".".join(map(str, sys.version_info[:2]))
    if found != ABI or version != PYTHON:
        raise ImportError(
            f"this carme was made for Pyodide's ABI {ABI} with Python {PYTHON};"
            f" the page has loaded ABI {found} with Python {version}"
        )


def start(host: Any) -> None:
    """Starts the kernel, once.

    `host` has post(channel, header, parent, metadata, content, buffers), now() in ms since 1970,
    random(count), interrupted(), sleep(ms), ask(header, parent, metadata, content), and perhaps
    arm(ms), judges_interrupts, history (JSON, see Host.history) and keep(line, code).
    """
    check_abi()
    adapter = Host(host)
    event_loop.take_place()
    _carme.start(adapter)
    from _carme.browser import execution

    execution.prepare(adapter)


def push(
    channel: str,
    header: str,
    parent: str,
    metadata: str,
    content: str,
    buffers: Any = (),
) -> None:
    """Takes a message of the client: channel "shell" or "control", four JSON texts, blocks.

    Returns when nothing more can be done without the worker's own loop. Raises nothing because of
    what is in the message.
    """
    blocks = [to_bytes(block) for block in buffers] if buffers else []
    _carme.push(channel, header, parent, metadata, content, blocks)


def tick() -> None:
    """The moment that host.arm(ms) asked for: posts the text that waits."""
    _carme.tick()


def interrupt() -> None:
    """Ends the cell that awaits, if there is one; called when no Python runs."""
    event_loop.cancel()


def write_raw(fd: int, data: Any) -> None:
    """What C code has written to descriptor 1 or 2: appears in the cell, in its place."""
    from _carme.browser import descriptor_output

    descriptor_output.write(fd, to_bytes(data))


def set_wheels(url: str) -> None:
    """The folder beside the site whose index.json names its wheels: {"name": "FILE.whl"}."""
    from _carme.browser import pip_magic

    pip_magic.set_folder(url)
