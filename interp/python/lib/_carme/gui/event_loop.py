"""%gui: runs a toolkit's event loop in the selector of asyncio's loop.

asyncio's loop waits in its selector, between cells and while a cell awaits. With a toolkit chosen,
the toolkit's event loop waits instead, and watches the selector's own descriptor.
Each toolkit is a class Toolkit in a module of this package:

    Toolkit(name)                ImportError, RuntimeError: it can not be used, and why
    run(fd, seconds, is_due)     handles events until fd is readable, the timeout (None: none) is
                                 over, or is_due(), called after each event, is true
    poll()                       handles pending events, for about 10 ms at most

Source: IPython's documentation, "Integrating with GUI event loops"; the module
asyncio.base_events, _run_once().
"""

import asyncio
import os
import socket
from _thread import get_ident
from functools import partial
from importlib import import_module

from _carme.concurrency import loop as loops
from _carme.interrupts.wakeup_fd import set_kernels_fd as set_wakeup_fd
from _carme.session.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional


class Chosen:
    """The chosen toolkit."""

    toolkit: Any = None
    reader: Any = None  # sockets: a signal during the wait ends it
    writer: Any = None


def disable() -> None:
    """Chooses no toolkit."""
    Chosen.toolkit = None


def enable(name: str, module: str) -> None:
    """Chooses the toolkit of a module of this package; errors as of gui.enable()."""
    if get_ident() != State.main_thread:
        raise RuntimeError("windows belong to the main thread: no cell of a subshell can have any")
    loop = loops.the_loop()
    if not hasattr(getattr(loop, "_selector", None), "select"):
        raise RuntimeError(f"no toolkit can wait in {type(loop).__name__}, only in asyncio's loop")
    Chosen.toolkit = import_module("_carme.gui." + module).Toolkit(name)
    if attach not in loops.new_loop_hooks:
        loops.new_loop_hooks.append(attach)
    attach(loop)


def attach(loop: Any) -> None:
    """Patches the loop's selector: the chosen toolkit, if any, waits instead."""
    selector = getattr(loop, "_selector", None)
    if selector is None or "select" in vars(selector):
        return
    if Chosen.reader is None:
        Chosen.reader, Chosen.writer = socket.socketpair()
        Chosen.reader.setblocking(False)
        Chosen.writer.setblocking(False)
    loop.add_reader(Chosen.reader, int)
    selector.select = partial(select, loop, selector, selector.select)


def select(loop: Any, selector: Any, original: Callable[..., Any], timeout: Any = None) -> Any:
    """As the selector's method; the wait handles the toolkit's events."""
    toolkit = Chosen.toolkit
    if toolkit is None or get_ident() != State.main_thread:
        return original(timeout)
    found = original(0)
    asyncio._set_running_loop(None)  # a window's callback is like a plain cell
    try:
        if found or timeout == 0:
            toolkit.poll()
        else:
            wait(loop, toolkit, selector.fileno(), timeout)
    finally:
        asyncio._set_running_loop(loop)
    return found or original(0)


def wait(loop: Any, toolkit: Any, fd: int, timeout: Optional[float]) -> None:
    """Waits until the loop has something to do or a signal arrives, which is forwarded."""
    before = set_wakeup_fd(Chosen.writer.fileno(), warn_on_full_buffer=False)
    try:
        toolkit.run(fd, timeout, is_due_after(loop))
    finally:
        set_wakeup_fd(before, warn_on_full_buffer=False)
        forward_signals(before)


def forward_signals(fd: int) -> None:
    """Writes the numbers of the signals that arrived to the previous wakeup descriptor."""
    try:
        numbers = Chosen.reader.recv(4096)
        if fd >= 0:
            os.write(fd, numbers)
    except OSError:  # EAGAIN: none came
        pass


def is_due_after(loop: Any) -> Callable[[], bool]:
    """Return is_due(): whether a window's callback has scheduled something in the loop since."""
    timers = loop._scheduled
    first = timers[0] if timers else None

    def is_due() -> bool:
        return bool(loop._ready) or (timers[0] if timers else None) is not first

    return is_due
