"""The event loop in a browser's worker: cells that await return to the worker's own.

That loop runs always, and nothing may block in it. A cell that awaits becomes a task; what comes
after it is done when the task has ended. Source: asyncio's documentation, "Extending";
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
    """The cell that awaits."""

    context: Context = copy_context()  # of all cells, so that variables that one sets stay set
    task: "Optional[asyncio.Future[Any]]" = None
    interrupted = False


def take_place() -> None:
    """From here on this is _carme.concurrency.loop."""
    module: Any = sys.modules[__name__]
    sys.modules["_carme.concurrency.loop"] = module
    concurrency.loop = module  # type: ignore[attr-defined]


def prepare() -> None:
    """Before a cell: nothing, the worker's loop is the one that runs."""


async def run_pieces(pieces: List[CodeType], namespace: Dict[str, Any]) -> Optional[BaseException]:
    """All of one cell in one task. What would leave the task and end the loop is returned."""
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
    """Starts the cell's task; `ended` is called with its error or None, in the cells' context."""
    Cell.interrupted = False
    handler = get_signal(SIGINT)
    make: Any = asyncio.Task  # `context` is known since 3.11
    task = make(run_pieces(pieces, namespace), loop=the_loop(), context=Cell.context)
    Cell.task = task
    take_handler(handler)

    def done(task: asyncio.Future[Any]) -> None:
        Cell.task = None
        give_handler(handler)
        Cell.context.run(ended, error_of(task))
        _carme.resume()

    task.add_done_callback(done, context=Context())


def take_handler(handler: Any) -> None:
    """Other frames than the cell's run meanwhile, which no interrupt may hit."""
    if handler is default_int_handler:
        set_signal(SIGINT, on_interrupt)


def give_handler(handler: Any) -> None:
    """The handler from before take_handler(), unless the cell has set another."""
    if get_signal(SIGINT) is on_interrupt:
        set_signal(SIGINT, handler)


def the_loop() -> asyncio.AbstractEventLoop:
    """The worker's loop, which always runs."""
    return asyncio.get_running_loop()


def error_of(task: asyncio.Future[Any]) -> Optional[BaseException]:
    """What the cell has raised; KeyboardInterrupt where an interrupt has cancelled it."""
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
    """Raises in user code; in the loop's own frames cancels the cell."""
    if frame is None or not frame.f_code.co_filename.startswith(LOOP_FILES):
        raise KeyboardInterrupt
    cancel()


def cancel() -> None:
    """Ends the cell that awaits, if there is one."""
    if Cell.task is not None:
        Cell.interrupted = True
        Cell.task.cancel()


def run(pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
    """Not here: see begin()."""
    raise RuntimeError("a cell that awaits can not block in a browser's worker")


def block_on(loop: asyncio.AbstractEventLoop, awaitable: Any) -> Any:
    """loop.run_until_complete(): blocks where the browser can suspend Python (JSPI)."""
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
    take_handler(handler)
    task = asyncio.ensure_future(outcome(awaitable))
    outer, Cell.task, Cell.interrupted = Cell.task, task, False
    try:
        value, error = run_sync(task)
    finally:
        Cell.task = outer
        give_handler(handler)
    if error is None:
        return value
    if Cell.interrupted:
        raise KeyboardInterrupt from None
    raise error


async def outcome(awaitable: Any) -> Tuple[Any, Optional[BaseException]]:
    """The value or the error: Pyodide's loop would print an error for which nobody awaits."""
    try:
        return await awaitable, None
    except BaseException as error:
        return None, error


def can_suspend() -> bool:
    """Whether Python can wait here while the worker's loop goes on."""
    if "pyodide" not in sys.modules:
        return False
    from pyodide.ffi import can_run_sync

    return bool(can_run_sync())


def close(awaitable: Any) -> None:
    """No warning that a coroutine was never awaited."""
    if asyncio.iscoroutine(awaitable):
        awaitable.close()


def run_main(main: Any, *, debug: Optional[bool] = None, loop_factory: Any = None) -> Any:
    """As asyncio.run(), on the one loop that there is."""
    if not asyncio.iscoroutine(main):
        raise ValueError(f"a coroutine was expected, got {main!r}")
    return block_on(the_loop(), main)


def install() -> None:
    """From here on these are the ways of asyncio to block."""
    asyncio.run = run_main
    webloop = sys.modules.get("pyodide.webloop")
    if webloop is not None:
        webloop.WebLoop.run_until_complete = block_on
