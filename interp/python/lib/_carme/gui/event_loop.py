"""%gui: the toolkit whose windows live while the kernel waits, in the selector of asyncio's loop.

The loop waits for descriptors in its selector, between cells and while a cell awaits; with a
toolkit chosen, that toolkit waits in its place, and watches the selector's own descriptor.
A toolkit is a class Toolkit in a module of this package:

    Toolkit(name)                ImportError, RuntimeError: it can not be had here, and why
    run(fd, seconds, is_due)     handles events until fd is readable, the seconds (None: no end) are
                                 over, or is_due(), which is asked after each event
    poll()                       handles the events that wait, for about 10 ms at most

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
    """The toolkit, while there is one."""

    toolkit: Any = None
    reader: Any = None  # sockets: a signal that comes while the toolkit waits ends the wait
    writer: Any = None


def disable() -> None:
    """No toolkit waits any more."""
    Chosen.toolkit = None


def enable(name: str, module: str) -> None:
    """The toolkit of a module of this package waits; errors are those of the package's function."""
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
    """From here on the chosen toolkit, if there is one, waits in the place of the selector."""
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
    """As the selector's own, with the toolkit's events meanwhile."""
    toolkit = Chosen.toolkit
    if toolkit is None or get_ident() != State.main_thread:
        return original(timeout)
    found = original(0)
    asyncio._set_running_loop(None)  # callbacks of windows are called as plain cells are
    try:
        if found or timeout == 0:
            toolkit.poll()
        else:
            wait(loop, toolkit, selector.fileno(), timeout)
    finally:
        asyncio._set_running_loop(loop)
    return found or original(0)


def wait(loop: Any, toolkit: Any, fd: int, timeout: Optional[float]) -> None:
    """Until the loop has something to do, or a signal has come; others are told of it as well."""
    before = set_wakeup_fd(Chosen.writer.fileno(), warn_on_full_buffer=False)
    try:
        toolkit.run(fd, timeout, is_due_after(loop))
    finally:
        set_wakeup_fd(before, warn_on_full_buffer=False)
        forward_signals(before)


def forward_signals(fd: int) -> None:
    """Tells the descriptor of the signals that came."""
    try:
        numbers = Chosen.reader.recv(4096)
        if fd >= 0:
            os.write(fd, numbers)
    except OSError:  # EAGAIN: none came
        pass


def is_due_after(loop: Any) -> Callable[[], bool]:
    """Whether callbacks of windows have given the loop something to do."""
    timers = loop._scheduled
    first = timers[0] if timers else None

    def is_due() -> bool:
        return bool(loop._ready) or (timers[0] if timers else None) is not first

    return is_due
