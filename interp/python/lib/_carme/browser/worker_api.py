"""The interface between the kernel and its browser's worker, in both directions.

The worker calls start(host) once with a host object, then push() for each message of the client.
The native module calls the methods of Host. Everything runs in the worker's only thread.

Source: Pyodide's documentation, "pyodide.ffi"; "Messaging in Jupyter".
"""

import sys
from _signal import SIGALRM
from _signal import signal as set_signal

import _carme
from _carme.browser import event_loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

# what the native module is built for; kernel/browser/abi.py reads these lines
ABI = "2026_0"
PYTHON = "3.14"

IN_BROWSER = sys.platform == "emscripten"


class Host:
    """The worker's host object as the native module calls it, with Python's types.

    While the native module sends, no Python code may run, since it would run signal handlers.
    Therefore post, now, arm, keep and blocks are functions of the worker and of Pyodide.
    """

    def __init__(self, worker: Any) -> None:
        """`worker` is a JsProxy, or any object with these methods."""
        self.worker = worker
        self.post = worker.post
        self.now = worker.now
        self.arm = getattr(worker, "arm", id)  # without timers, text waits for the next message
        self.keep = getattr(worker, "keep", None)
        self.blocks = converter()
        self.no_blocks = self.blocks([])
        self.judges = bool(getattr(worker, "judges_interrupts", False))

    def ask(self, header: str, parent: str, metadata: str, content: str) -> Optional[str]:
        """The content of the client's input_reply, or None if an interrupt came.

        Raises:
            StdinNotImplementedError: the host cannot wait for one, for the reason that it gives.
        """
        from _carme.output.streams import StdinNotImplementedError

        _carme.tick()
        try:
            answer = self.worker.ask(header, parent, metadata, content)
        except Exception as error:
            raise StdinNotImplementedError(text_of(error)) from None
        return answer if isinstance(answer, str) else None

    def history(self) -> Optional[str]:
        """Former sessions as JSON: {"session": N, "cells": [[session, line, code], …]}."""
        text = getattr(self.worker, "history", None)
        return text if isinstance(text, str) else None

    def random(self, count: int) -> bytes:
        """Returns `count` random bytes."""
        return to_bytes(self.worker.random(count))

    def interrupt(self) -> None:
        """Cancels the cell that awaits, if the host's interrupt flag is set; clears the flag."""
        if self.worker.interrupted():
            event_loop.cancel()

    def forget_interrupts(self) -> None:
        """Clears the interrupt flag before a cell, unless the host knows which cell it is for."""
        if not self.judges:
            self.worker.interrupted()

    def sleep(self, seconds: float) -> bool:
        """Blocks; returns True, and clears the flag, if an interrupt has ended the wait."""
        _carme.tick()
        if not self.worker.sleep(seconds * 1000):
            return False
        self.worker.interrupted()
        return True


def text_of(error: BaseException) -> str:
    """The message of a JavaScript error, without its stack, or the text of a Python exception."""
    return str(getattr(error, "message", None) or error)


def converter() -> Callable[[List[bytes]], Any]:
    """The function that converts a list of buffers for the host: to an Array of Uint8Array."""
    if not IN_BROWSER:
        return list
    from pyodide.ffi import to_js

    convert: Callable[[List[bytes]], Any] = to_js
    return convert


def to_bytes(buffer: Any) -> bytes:
    """The bytes of a buffer: bytes-like, or a JsProxy of an ArrayBuffer or of a view of one."""
    convert = getattr(buffer, "to_bytes", None)
    return bytes(convert() if convert is not None else buffer)


def check_abi() -> None:
    """Raises ImportError if this Python is not the one that the native module is built for."""
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
    install(adapter)


def install(host: Host) -> None:
    """Installs the worker's shell, and its replacements for functions of the library."""
    from _carme.browser import child_processes, time_sleep, unsupported
    from _carme.browser.worker_shell import WorkerShell
    from _carme.session.current import Current

    Current.shell = WorkerShell()
    event_loop.install()
    time_sleep.install(host)
    unsupported.install()
    child_processes.take_place()
    if IN_BROWSER:
        set_signal(SIGALRM, post_text)
        _carme.watcher.after("urllib.request", patch_urllib)


def post_text(number: int, frame: Any) -> None:
    """The handler of SIGALRM, which the host raises during computations: sends waiting text."""
    _carme.tick()


def patch_urllib() -> None:
    """Lets urllib.request send HTTP requests through the browser."""
    from _carme.browser import urllib_xhr

    urllib_xhr.install()


def push(
    channel: str,
    header: str,
    parent: str,
    metadata: str,
    content: str,
    buffers: Any = (),
) -> None:
    """Takes a message of the client: channel "shell" or "control", four JSON texts, buffers.

    Returns when the worker's event loop has to run. No content of a message makes it raise.
    """
    blocks = [to_bytes(buffer) for buffer in buffers] if buffers else []
    _carme.push(channel, header, parent, metadata, content, blocks)


def tick() -> None:
    """Called when the time of host.arm(ms) is over: sends waiting text."""
    _carme.tick()


def interrupt() -> None:
    """Cancels the cell that awaits, if any; called while no Python code runs."""
    event_loop.cancel()


def write_raw(fd: int, data: Any) -> None:
    """Takes what C code has written to file descriptor 1 or 2, as output of the cell."""
    from _carme.browser import descriptor_output

    descriptor_output.write(fd, to_bytes(data))


def set_wheels(url: str) -> None:
    """Sets the folder of the site's wheels; its index.json maps names to files."""
    from _carme.browser import pip_magic

    pip_magic.set_folder(url)
