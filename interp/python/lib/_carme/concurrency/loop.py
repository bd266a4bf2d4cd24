"""The event loop for cells with top-level await. It is made on first use, and runs between cells.

A KeyboardInterrupt in the loop's own frames would lose a callback, so SIGINT raises it only in user
code, and else cancels the cell's task. KeyboardInterrupt and SystemExit of any task leave the loop,
and end the awaiting cell. Source: PEP 3156; asyncio's documentation, "Runners".
"""

import asyncio
import posix
import selectors
from _contextvars import Context, copy_context
from _signal import SIGINT
from _signal import getsignal as get_signal
from _signal import signal as set_signal
from _thread import _local as ThreadLocal
from _thread import get_ident

import _carme
from _carme.concurrency import asyncio_patches, threads
from _carme.interrupts.handlers import Handlers, interrupt_subshells
from _carme.output import parent_request
from _carme.session.state import State, end_if_forked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Callable, Coroutine, Dict, List, NoReturn, Optional

COROUTINE = 0x80
LOOP_FILES = (asyncio.__file__.rpartition("/")[0] + "/", selectors.__file__, "<carme ")
EMPTY = Context()
UNSET = object()


class Running(ThreadLocal):
    """The loop of a shell's thread, and the task of its awaiting cell."""

    context = EMPTY  # the task's context at its end
    task: Optional[asyncio.Task[Any]] = None
    cancel_cause: Optional[BaseException] = None  # why the task was cancelled
    loop: Optional[asyncio.AbstractEventLoop] = None
    forker: Optional[asyncio.Task[Any]] = None  # the task that calls fork()


running = Running()
# called with each new loop of the main shell
new_loop_hooks: List[Callable[[asyncio.AbstractEventLoop], None]] = []
awaiting: Dict[int, asyncio.AbstractEventLoop] = {}  # by thread, while a cell awaits
_carme.set_wait(lambda fd: wait(fd))
threads.install_futures()  # run_coroutine_threadsafe() makes them
asyncio_patches.install(running, lambda: the_loop())
if parent_request.current.get() is None:  # not set yet when a cell imports asyncio
    parent_request.bind_context()


def the_loop() -> asyncio.AbstractEventLoop:
    """Return this thread's loop; a new one if user code has closed it."""
    if running.loop is None or running.loop.is_closed():
        running.loop = asyncio.new_event_loop()
        asyncio_patches.patch_is_running(running.loop)
        for prepare_it in new_loop_hooks if get_ident() == State.main_thread else ():
            prepare_it(running.loop)
    return running.loop


def prepare() -> None:
    """Called before a cell: sets the kernel's loop as current, unless a cell has set another."""
    loop = the_loop()
    current = current_loop()
    if current is not loop and (current is None or current.is_closed()):
        asyncio.set_event_loop(loop)


def current_loop() -> Optional[asyncio.AbstractEventLoop]:
    """Return the loop that is set for this thread, or None; no loop is made."""
    policy = getattr(asyncio.events, "_get_event_loop_policy", asyncio.get_event_loop_policy)()
    local = getattr(policy, "_local", None)
    if local is not None:
        return getattr(local, "_loop", None)
    try:
        return asyncio.get_event_loop()
    except RuntimeError:
        return None


async def run_pieces(pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
    """Runs a cell; all its pieces in one task."""
    for piece in pieces:
        result = eval(piece, namespace)
        if piece.co_flags & COROUTINE:
            await result


async def in_context(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Awaits the coroutine and keeps its context in running.context."""
    try:
        return await coroutine
    finally:
        running.context = copy_context()


def on_interrupt(number: int, frame: Optional[FrameType]) -> None:
    """SIGINT's handler: KeyboardInterrupt in user code; in the loop's frames cancels the cell."""
    if not is_loop_frame(frame):
        _carme.interrupted(number, frame)
    cancel_cell()


def is_loop_frame(frame: Optional[FrameType]) -> bool:
    """Whether it is a frame of the loop, or of an enum that a GUI toolkit's call converts."""
    while frame is not None and frame.f_globals.get("__name__") == "enum":
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(LOOP_FILES)


def cancel_cell() -> None:
    """Cancels this thread's awaiting cell; without one, interrupts the subshells."""
    if running.task is not None and running.loop is not None:
        running.cancel_cause = KeyboardInterrupt()
        running.loop.call_soon_threadsafe(running.task.cancel)
    elif get_ident() == State.main_thread:
        interrupt_subshells()


def interrupt_thread(ident: int, frame: Optional[FrameType]) -> bool:
    """Interrupts what a subshell's thread awaits; False: its frame is not a loop's."""
    loop = loop_of(frame) if is_loop_frame(frame) else None
    if loop is None:
        return False
    loop.call_soon_threadsafe(cancel_cell if loop is awaiting.get(ident) else raise_interrupt)
    return True


def loop_of(frame: Optional[FrameType]) -> Any:
    """Return the loop whose run_forever() the frame is in, or None."""
    while frame is not None and frame.f_code.co_name != "run_forever":
        frame = frame.f_back
    return frame.f_locals.get("self") if frame is not None else None


def raise_interrupt() -> NoReturn:
    """Called in a loop that a cell runs itself, in the place of a signal."""
    raise KeyboardInterrupt


class Interruptible:
    """A block in which on_interrupt handles SIGINT, unless the user has set a handler."""

    def __init__(self) -> None:
        """Reads the current handler."""
        self.before = get_signal(SIGINT)
        self.sets_handler = get_ident() == State.main_thread and self.before is Handlers.default

    def __enter__(self) -> None:
        if self.sets_handler:
            set_signal(SIGINT, on_interrupt)

    def __exit__(self, *error: object) -> None:
        if self.sets_handler and get_signal(SIGINT) is on_interrupt:
            set_signal(SIGINT, self.before)


def run(pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
    """Runs a cell with top-level await to its end."""
    run_coroutine(run_pieces(pieces, namespace))


def run_coroutine(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Runs a cell's coroutine and returns its result. KeyboardInterrupt: it was interrupted.

    Comm messages are answered during it, so that a cell can await a widget.
    """
    parent_request.bind_context()
    loop = the_loop()
    running.task = loop.create_task(in_context(coroutine))
    arrivals = _carme.message_fd()
    loop.add_reader(arrivals, _carme.serve_comms)
    awaiting[get_ident()] = loop
    try:
        with Interruptible(), asyncio_patches.OtherLoopHidden():
            return run_task(loop, running.task)
    except asyncio.CancelledError as cancelled:
        if running.cancel_cause is None:
            raise
        raise cause(cancelled) from None
    finally:
        running.task = running.cancel_cause = None
        awaiting.pop(get_ident(), None)
        if not loop.is_closed():
            loop.remove_reader(arrivals)
        keep_variables()


def cause(cancelled: BaseException) -> BaseException:
    """Return the exception for which the cell's task was cancelled, with a traceback."""
    error = running.cancel_cause
    assert error is not None
    return error if error.__traceback__ else error.with_traceback(cancelled.__traceback__)


def run_task(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> Any:
    """Runs the loop until the cell's task is done, and returns its result.

    A KeyboardInterrupt or SystemExit of another task ends the loop first. If the cell awaits that
    task it gets the exception; else its task is cancelled, as asyncio.run() does.
    """
    while True:
        try:
            return loop.run_until_complete(task)
        except (KeyboardInterrupt, SystemExit) as error:
            end_if_forked(error)
            if task.done():
                if not task.cancelled() and task.exception() is error:
                    raise
            elif not reaches(error, task) and ends_cell(error):
                running.cancel_cause = error
                task.cancel()
            if error is running.cancel_cause:
                retrieve(error)


def reaches(error: BaseException, waiter: Any) -> bool:
    """Whether a task awaits, directly or not, a future that has raised this error."""
    if waiter.done():
        return not waiter.cancelled() and waiter.exception() is error
    awaited = [getattr(waiter, "_fut_waiter", None), *getattr(waiter, "_children", ())]
    return any(each is not None and reaches(error, each) for each in awaited)


def ends_cell(error: BaseException) -> bool:
    """Whether the error ends the cell: a SystemExit of an earlier cell's task does not."""
    handle = callback_of(error)
    mine = parent_request.current.get()
    owner = handle._context.get(parent_request.current, mine) if handle is not None else mine
    return owner is mine or isinstance(error, KeyboardInterrupt)


def retrieve(error: BaseException) -> None:
    """Marks the error as retrieved: the cell shows it, and asyncio does not log it."""
    raiser = getattr(getattr(callback_of(error), "_callback", None), "__self__", None)
    if asyncio.isfuture(raiser) and raiser.done() and not raiser.cancelled():
        raiser.exception()


def callback_of(error: BaseException) -> Any:
    """Return the asyncio.Handle of the callback that raised; None: the loop has no handles."""
    entry = error.__traceback__
    while entry is not None:
        handle = entry.tb_frame.f_locals.get("self")
        if isinstance(handle, asyncio.Handle) and hasattr(handle, "_context"):
            return handle
        entry = entry.tb_next
    return None


def keep_variables() -> None:
    """Sets the context variables that an awaiting cell has set for later cells."""
    for variable, value in running.context.items():
        if variable is not parent_request.current and variable.get(UNSET) is not value:
            variable.set(value)
    running.context = EMPTY


def wait(fd: int) -> None:
    """Runs background tasks until fd is readable; an interrupt ends a task that blocks."""
    loop = the_loop()
    loop.add_reader(fd, loop.stop)
    handler = set_signal(SIGINT, on_interrupt) if get_ident() == State.main_thread else None
    try:
        with asyncio_patches.OtherLoopHidden():
            run_on(loop)
    except BaseException as error:
        end_if_forked(error)
        raise
    finally:
        if handler is not None:
            set_signal(SIGINT, handler)
        loop.remove_reader(fd)


def run_on(loop: asyncio.AbstractEventLoop) -> None:
    """Runs the loop until it is stopped; an exception of one task does not end the others."""
    while True:
        try:
            loop.run_forever()
            return
        except (KeyboardInterrupt, SystemExit) as error:
            end_if_forked(error)


def note_forker() -> None:
    """Before a fork: from Python 3.14 on the child has no current task."""
    if running.loop is not None and running.loop.is_running():
        running.forker = asyncio.current_task(running.loop)


def continue_in_child() -> None:
    """In a forked child, after asyncio's own handler."""
    if running.loop is not None and running.loop.is_running():
        from _carme.processes import forked_child

        forked_child.continue_task(running.loop, running.forker, running.task)


if hasattr(posix, "register_at_fork"):  # a browser's Python may have none
    posix.register_at_fork(before=note_forker, after_in_child=continue_in_child)
Handlers.reporting.append(on_interrupt)
Handlers.loop_interrupters.append(interrupt_thread)
