"""The event loop of cells with top-level await. It is made on first use and runs between cells too.

An interrupt inside the loop's own frames would lose a callback, so SIGINT raises KeyboardInterrupt
only in user code, and elsewhere cancels the cell's task. KeyboardInterrupt and SystemExit of any
task leave the loop: the cell that awaits ends by it before it is answered. Source: PEP 3156;
asyncio's documentation, "Runners".
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
    """Of each shell's thread: its loop, and the task of the cell that awaits."""

    context = EMPTY  # the task's at its end
    task: Optional[asyncio.Task[Any]] = None
    cancel_cause: Optional[BaseException] = None  # for what the task was cancelled
    loop: Optional[asyncio.AbstractEventLoop] = None
    forker: Optional[asyncio.Task[Any]] = None  # the task that calls fork()


running = Running()
new_loop_hooks: List[Callable[[asyncio.AbstractEventLoop], None]] = []  # loops of the main shell
awaiting: Dict[int, asyncio.AbstractEventLoop] = {}  # of each shell's thread, while a cell awaits
_carme.set_wait(lambda fd: wait(fd))
threads.install_futures()  # run_coroutine_threadsafe() makes them
asyncio_patches.install(running, lambda: the_loop())
if parent_request.current.get() is None:  # the cell that imports asyncio has begun without
    parent_request.bind_context()


def the_loop() -> asyncio.AbstractEventLoop:
    """This thread's loop; made again if user code has closed it."""
    if running.loop is None or running.loop.is_closed():
        running.loop = asyncio.new_event_loop()
        asyncio_patches.patch_is_running(running.loop)
        for prepare_it in new_loop_hooks if get_ident() == State.main_thread else ():
            prepare_it(running.loop)
    return running.loop


def prepare() -> None:
    """Before a cell: get_event_loop() gives the kernel's loop, unless a cell has set its own."""
    loop = the_loop()
    current = current_loop()
    if current is not loop and (current is None or current.is_closed()):
        asyncio.set_event_loop(loop)


def current_loop() -> Optional[asyncio.AbstractEventLoop]:
    """The loop that was set for this thread; none is made."""
    policy = getattr(asyncio.events, "_get_event_loop_policy", asyncio.get_event_loop_policy)()
    local = getattr(policy, "_local", None)
    if local is not None:
        return getattr(local, "_loop", None)
    try:
        return asyncio.get_event_loop()
    except RuntimeError:
        return None


async def run_pieces(pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
    """All of one cell in one task."""
    for piece in pieces:
        result = eval(piece, namespace)
        if piece.co_flags & COROUTINE:
            await result


async def in_context(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What it returns; its context variables are kept."""
    try:
        return await coroutine
    finally:
        running.context = copy_context()


def on_interrupt(number: int, frame: Optional[FrameType]) -> None:
    """Raises in user code; in the loop's own frames cancels the cell."""
    if not is_loop_frame(frame):
        _carme.interrupted(number, frame)
    cancel_cell()


def is_loop_frame(frame: Optional[FrameType]) -> bool:
    """Whether it is a frame of the loop's own, or what converts its arguments for a toolkit."""
    while frame is not None and frame.f_globals.get("__name__") == "enum":
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(LOOP_FILES)


def cancel_cell() -> None:
    """Cancels the cell that awaits in this thread; none does: what runs in subshells ends."""
    if running.task is not None and running.loop is not None:
        running.cancel_cause = KeyboardInterrupt()
        running.loop.call_soon_threadsafe(running.task.cancel)
    elif get_ident() == State.main_thread:
        interrupt_subshells()


def interrupt_thread(ident: int, frame: Optional[FrameType]) -> bool:
    """Interrupts what a subshell's thread awaits; False: its frame is not a loop's own."""
    loop = loop_of(frame) if is_loop_frame(frame) else None
    if loop is None:
        return False
    loop.call_soon_threadsafe(cancel_cell if loop is awaiting.get(ident) else raise_interrupt)
    return True


def loop_of(frame: Optional[FrameType]) -> Any:
    """The loop that this frame belongs to, or None."""
    while frame is not None and frame.f_code.co_name != "run_forever":
        frame = frame.f_back
    return frame.f_locals.get("self") if frame is not None else None


def raise_interrupt() -> NoReturn:
    """What a signal does to a loop that a cell runs by itself."""
    raise KeyboardInterrupt


class Interruptible:
    """In its block SIGINT is on_interrupt's, where the user has no handler of his own."""

    def __init__(self) -> None:
        """Looks at what stands there."""
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
    """What a cell's coroutine returns. KeyboardInterrupt when it was interrupted.

    Comm messages are answered meanwhile, so that a cell can await a widget.
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
    """What has ended the cell whose task was cancelled for it, with a traceback of user code."""
    error = running.cancel_cause
    assert error is not None
    return error if error.__traceback__ else error.with_traceback(cancelled.__traceback__)


def run_task(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> Any:
    """What the cell's task returns; the loop has ended with it, whatever else has left the loop.

    A KeyboardInterrupt or SystemExit of another task reaches the cell by what it awaits; where it
    awaits something else, its task is cancelled, as asyncio.run() does.
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
    """Whether a task waits, in however many steps, for a future that has this error."""
    if waiter.done():
        return not waiter.cancelled() and waiter.exception() is error
    awaited = [getattr(waiter, "_fut_waiter", None), *getattr(waiter, "_children", ())]
    return any(each is not None and reaches(error, each) for each in awaited)


def ends_cell(error: BaseException) -> bool:
    """Whether what has left the loop ends the cell: not a SystemExit of an earlier cell's task."""
    handle = callback_of(error)
    mine = parent_request.current.get()
    owner = handle._context.get(parent_request.current, mine) if handle is not None else mine
    return owner is mine or isinstance(error, KeyboardInterrupt)


def retrieve(error: BaseException) -> None:
    """The cell shows the error: asyncio need not complain that nobody has asked its task for it."""
    raiser = getattr(getattr(callback_of(error), "_callback", None), "__self__", None)
    if asyncio.isfuture(raiser) and raiser.done() and not raiser.cancelled():
        raiser.exception()


def callback_of(error: BaseException) -> Any:
    """The asyncio.Handle of the callback that has raised; None: of a loop that has none."""
    entry = error.__traceback__
    while entry is not None:
        handle = entry.tb_frame.f_locals.get("self")
        if isinstance(handle, asyncio.Handle) and hasattr(handle, "_context"):
            return handle
        entry = entry.tb_next
    return None


def keep_variables() -> None:
    """Context variables that an awaiting cell has set are set for the cells after it."""
    for variable, value in running.context.items():
        if variable is not parent_request.current and variable.get(UNSET) is not value:
            variable.set(value)
    running.context = EMPTY


def wait(fd: int) -> None:
    """Runs the loop's background tasks until fd is readable; an interrupt ends one that hangs."""
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
    """Until something stops the loop; what ends one task does not end the others."""
    while True:
        try:
            loop.run_forever()
            return
        except (KeyboardInterrupt, SystemExit) as error:
            end_if_forked(error)


def note_forker() -> None:
    """Before a fork: from Python 3.14 on the child does not know which task it is in."""
    if running.loop is not None and running.loop.is_running():
        running.forker = asyncio.current_task(running.loop)


def continue_in_child() -> None:
    """In a forked process, after what asyncio does there."""
    if running.loop is not None and running.loop.is_running():
        from _carme.processes import forked_child

        forked_child.continue_task(running.loop, running.forker, running.task)


if hasattr(posix, "register_at_fork"):  # a browser's Python may have none
    posix.register_at_fork(before=note_forker, after_in_child=continue_in_child)
Handlers.reporting.append(on_interrupt)
Handlers.loop_interrupters.append(interrupt_thread)
