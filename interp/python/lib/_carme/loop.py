"""The event loop of cells with top-level await. It is made on first use and runs between cells too.

An interrupt inside the loop's own frames would lose a callback, so SIGINT raises KeyboardInterrupt
only in user code, and elsewhere cancels the cell's task. Source: PEP 3156; asyncio's documentation,
"Runners".
"""

import asyncio
import selectors
from _contextvars import Context, ContextVar, copy_context
from _signal import SIGINT, default_int_handler
from _signal import getsignal as get_signal
from _signal import signal as set_signal

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Dict, List, Optional

COROUTINE = 0x80
LOOP_FILES = (asyncio.__file__.rpartition("/")[0] + "/", selectors.__file__, "<carme ")
EMPTY = Context()
NEVER = object()
maker: "ContextVar[object]" = ContextVar("maker", default=None)


class Cell:
    """The task of the cell that awaits, and whether an interrupt has cancelled it."""

    context = EMPTY  # the task's at its end
    task: Optional[asyncio.Task[None]] = None
    interrupted = False
    loop: Optional[asyncio.AbstractEventLoop] = None


def prepare() -> None:
    """Before a cell: its tasks belong to it, and get_event_loop() gives the kernel's loop."""
    maker.set(_carme.hold())
    the_loop()


def the_loop() -> asyncio.AbstractEventLoop:
    """The kernel's loop: the current one, made again if user code has closed it."""
    if Cell.loop is None or Cell.loop.is_closed():
        Cell.loop = asyncio.new_event_loop()
        _carme.set_loop(wait, maker)
    asyncio.set_event_loop(Cell.loop)
    return Cell.loop


async def run_pieces(pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
    """All of one cell in one task."""
    try:
        for piece in pieces:
            result = eval(piece, namespace)
            if piece.co_flags & COROUTINE:
                await result
    finally:
        Cell.context = copy_context()


def on_interrupt(number: int, frame: Optional[FrameType]) -> None:
    """Raises in user code; in the loop's own frames cancels the cell."""
    if frame is None or not frame.f_code.co_filename.startswith(LOOP_FILES):
        raise KeyboardInterrupt
    Cell.interrupted = True
    if Cell.task is not None and Cell.loop is not None:
        Cell.loop.call_soon_threadsafe(Cell.task.cancel)


def run(pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
    """Runs a cell with top-level await to its end. KeyboardInterrupt when it was interrupted."""
    prepare()
    loop = the_loop()
    Cell.interrupted = False
    Cell.task = loop.create_task(run_pieces(pieces, namespace))
    handler = get_signal(SIGINT)
    if handler is default_int_handler:
        set_signal(SIGINT, on_interrupt)
    try:
        loop.run_until_complete(Cell.task)
    except asyncio.CancelledError as cancelled:
        if not Cell.interrupted:
            raise
        raise KeyboardInterrupt().with_traceback(cancelled.__traceback__) from None
    finally:
        Cell.task = None
        keep_variables()
        if get_signal(SIGINT) is on_interrupt:
            set_signal(SIGINT, handler)


def keep_variables() -> None:
    """Context variables that an awaiting cell has set are set for the cells after it."""
    for variable, value in Cell.context.items():
        if variable is not maker and variable.get(NEVER) is not value:
            variable.set(value)
    Cell.context = EMPTY


def wait(fd: int) -> None:
    """Runs the loop's background tasks until fd is readable; an interrupt ends one that hangs."""
    loop = the_loop()
    loop.add_reader(fd, loop.stop)
    handler = set_signal(SIGINT, on_interrupt)
    try:
        loop.run_forever()
    finally:
        set_signal(SIGINT, handler)
        loop.remove_reader(fd)
