"""Cells that await, as tasks of the event loop of a browser's worker.

That loop always runs, and nothing may block it. A cell is concluded when its task has ended. This
module takes the place of _carme.concurrency.loop. Source: asyncio's documentation, "Extending";
pyodide.webloop.
"""

import asyncio
import sys
from _contextvars import Context, copy_context
from _signal import SIGINT, default_int_handler
from _signal import getsignal as get_signal
from _signal import signal as set_signal

import _carme
from _carme import concurrency
from _carme.output import parent_request as parent_request  # the tasks of a cell may outlive it

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Callable, Dict, List, Optional, Tuple

COROUTINE = 0x80
LOOP_FILES = (asyncio.__file__.rpartition("/")[0] + "/", "<carme ")


class Cell:
    """The cell that awaits, and the context of all cells."""

    context: Context = copy_context()  # of all cells, which share context variables
    task: "Optional[asyncio.Future[Any]]" = None
    interrupted = False


def take_place() -> None:
    """Makes this module _carme.concurrency.loop."""
    module: Any = sys.modules[__name__]
    sys.modules["_carme.concurrency.loop"] = module
    concurrency.loop = module  # type: ignore[attr-defined]


def prepare() -> None:
    """Called before a cell; the worker's loop needs no preparation."""


async def run_pieces(pieces: List[CodeType], namespace: Dict[str, Any]) -> Optional[BaseException]:
    """Runs a whole cell in one task. Returns an exception that would end the loop if raised."""
    try:
        for piece in pieces:
            result = eval(piece, namespace)
            if piece.co_flags & COROUTINE:
                await result
    except (KeyboardInterrupt, SystemExit) as error:
        return error
    return None


def begin(
    pieces: List[CodeType],
    namespace: Dict[str, Any],
    ended: Callable[[Optional[BaseException]], None],
) -> None:
    """Starts the cell's task; at its end `ended` is called with its exception or None."""
    Cell.interrupted = False
    handler = get_signal(SIGINT)
    make: Any = asyncio.Task  # `context` is known since 3.11
    task = make(run_pieces(pieces, namespace), loop=the_loop(), context=Cell.context)
    Cell.task = task
    replace_handler(handler)

    def done(task: asyncio.Future[Any]) -> None:
        Cell.task = None
        restore_handler(handler)
        Cell.context.run(ended, error_of(task))
        _carme.resume()

    task.add_done_callback(done, context=Context())


def replace_handler(handler: Any) -> None:
    """Lets an interrupt not raise in frames of the loop, while the cell awaits."""
    if handler is default_int_handler:
        set_signal(SIGINT, on_interrupt)


def restore_handler(handler: Any) -> None:
    """Restores the handler from before replace_handler(), unless the cell has set another."""
    if get_signal(SIGINT) is on_interrupt:
        set_signal(SIGINT, handler)


def the_loop() -> asyncio.AbstractEventLoop:
    """The worker's event loop."""
    return asyncio.get_running_loop()


def error_of(task: asyncio.Future[Any]) -> Optional[BaseException]:
    """The exception of the cell's task; KeyboardInterrupt if an interrupt has cancelled it."""
    try:
        error: Optional[BaseException] = task.result()
    except asyncio.CancelledError as cancelled:
        if Cell.interrupted:
            return KeyboardInterrupt().with_traceback(cancelled.__traceback__)
        return cancelled
    except BaseException as raised:
        return raised
    return error


def on_interrupt(number: int, frame: Optional[FrameType]) -> None:
    """The handler of SIGINT: raises in user code, cancels the cell in frames of the loop."""
    if frame is None or not frame.f_code.co_filename.startswith(LOOP_FILES):
        raise KeyboardInterrupt
    cancel()


def cancel() -> None:
    """Cancels the cell that awaits, if any."""
    if Cell.task is not None:
        Cell.interrupted = True
        Cell.task.cancel()


def run(pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
    """Refuses, since it would block: see begin()."""
    raise RuntimeError("a cell that awaits can not block in a browser's worker")


def block_on(loop: asyncio.AbstractEventLoop, awaitable: Any) -> Any:
    """As loop.run_until_complete(), where the browser can suspend Python (JSPI)."""
    if asyncio.current_task() is not None:
        close(awaitable)
        raise RuntimeError("this event loop is already running: write `await` instead")
    if not can_suspend():
        close(awaitable)
        raise RuntimeError(
            "asyncio.run() and run_until_complete() can not block in this browser:"
            " write `await ...` at the top level of the cell instead"
        )
    from pyodide.ffi import run_sync

    handler = get_signal(SIGINT)
    replace_handler(handler)
    task = asyncio.ensure_future(outcome(awaitable))
    outer, Cell.task, Cell.interrupted = Cell.task, task, False
    try:
        value, error = run_sync(task)
    finally:
        Cell.task = outer
        restore_handler(handler)
    if error is None:
        return value
    if Cell.interrupted:
        raise KeyboardInterrupt from None
    raise error


async def outcome(awaitable: Any) -> Tuple[Any, Optional[BaseException]]:
    """The value and the exception: Pyodide's loop would print one that nobody awaits."""
    try:
        return await awaitable, None
    except BaseException as error:
        return None, error


def can_suspend() -> bool:
    """Whether Python can be suspended here while the worker's loop runs."""
    if "pyodide" not in sys.modules:
        return False
    from pyodide.ffi import can_run_sync

    return bool(can_run_sync())


def close(awaitable: Any) -> None:
    """Closes a coroutine, so that there is no warning that it was never awaited."""
    if asyncio.iscoroutine(awaitable):
        awaitable.close()


def run_main(main: Any, *, debug: Optional[bool] = None, loop_factory: Any = None) -> Any:
    """As asyncio.run(), on the worker's loop."""
    if not asyncio.iscoroutine(main):
        raise ValueError(f"a coroutine was expected, got {main!r}")
    return block_on(the_loop(), main)


def install() -> None:
    """Replaces asyncio.run() and run_until_complete() of Pyodide's loop."""
    asyncio.run = run_main
    webloop = sys.modules.get("pyodide.webloop")
    if webloop is not None:
        webloop.WebLoop.run_until_complete = block_on
