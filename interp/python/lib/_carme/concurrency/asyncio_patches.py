"""asyncio's functions in a plain cell, one that does not await: no loop is running there.

create_task() and ensure_future(), which would raise, use the loop that runs between cells.
get_running_loop() and the loop's is_running() are called for two reasons. Code that makes tasks
(param, panel) asks whether to make one or to run the coroutine to its end, which may never come: to
it, and to cells' own code, the loop is running. Other libraries (Django's ORM, asgiref,
asyncio.run) ask whether they are called from a coroutine: to them no loop is running.
Source: asyncio's documentation, "Event Loop", "Coroutines and Tasks", "Runners".
"""

import asyncio
import functools
import sys
from opcode import opmap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Callable, Dict

    from _carme.concurrency.loop import Running

# modules that get the loop to store it in objects they make
LOOP_KEEPERS = frozenset({"__main__", "aiohttp"})
POP_TOP = opmap["POP_TOP"]
CACHE = 0  # an opcode of Python 3.11 and later
TASK_MAKERS = frozenset({"create_task", "ensure_future"})


class Installed:
    """The arguments of install()."""

    running: Running
    the_loop: Callable[[], asyncio.AbstractEventLoop]


def install(running: Running, the_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Replaces asyncio's functions.

    running: its loop is None in a thread that is no shell's. the_loop: returns a shell's loop.
    """
    Installed.running, Installed.the_loop = running, staticmethod(the_loop)
    for name, make in MAKERS.items():
        original = getattr(asyncio, name)
        setattr(asyncio, name, functools.wraps(original)(make(original)))


def is_plain_cell() -> bool:
    """Whether this is a shell's thread without a running loop."""
    return Installed.running.loop is not None and asyncio._get_running_loop() is None


def gets_loop(frame: FrameType) -> bool:
    """Whether the caller gets the loop in a plain cell, where asyncio raises RuntimeError."""
    if str(frame.f_globals.get("__name__")).partition(".")[0] in LOOP_KEEPERS:
        return True
    return makes_tasks(frame) and not discards_result(frame)


def discards_result(frame: FrameType) -> bool:
    """Whether the function discards the call's result: it only wants to know if it raises."""
    code, place = frame.f_code.co_code, frame.f_lasti + 2
    while code[place] == CACHE:
        place += 2
    return code[place] == POP_TOP


def makes_tasks(frame: FrameType) -> bool:
    """Whether the function also makes tasks."""
    return not TASK_MAKERS.isdisjoint(frame.f_code.co_names)


def patch_is_running(loop: Any) -> None:
    """Patches the loop's is_running(): True for code that makes tasks in a plain cell."""
    original = loop.is_running

    def is_running() -> bool:
        return original() or (is_plain_cell() and makes_tasks(sys._getframe(1)))

    try:
        loop.is_running = functools.wraps(original)(is_running)
    except AttributeError:  # uvloop's loop has no __dict__
        pass


def create_task(original: Any) -> Any:
    """In a plain cell the task starts after the cell, or when a later cell awaits."""

    def call(coro: Any, **options: Any) -> Any:
        if is_plain_cell():
            return Installed.the_loop().create_task(coro, **options)
        return original(coro, **options)

    return call


def ensure_future(original: Any) -> Any:
    """As create_task()."""

    def call(coro_or_future: Any, *, loop: Any = None) -> Any:
        if loop is None and not asyncio.isfuture(coro_or_future) and is_plain_cell():
            loop = Installed.the_loop()
        return original(coro_or_future, loop=loop)

    return call


def get_running_loop(original: Any) -> Any:
    """In a plain cell, for some callers, the loop that runs between cells."""

    def call() -> Any:
        if is_plain_cell() and gets_loop(sys._getframe(1)):
            return Installed.the_loop()
        return original()

    return call


def tasks_of_loop(original: Any) -> Any:
    """current_task() and all_tasks() of the loop that runs between cells."""

    def call(loop: Any = None) -> Any:
        if loop is None and is_plain_cell() and gets_loop(sys._getframe(1)):
            loop = Installed.the_loop()
        return original(loop)

    return call


def run(original: Any) -> Any:
    """asyncio.run() that restores the current loop; it also works in a cell that awaits."""

    def call(main: Any, **options: Any) -> Any:
        loop: Any = asyncio._get_running_loop()
        if loop is None:
            return run_and_restore_loop(original, main, options)
        task = Installed.running.task
        if task is None or asyncio.current_task(loop) is not task:
            return original(main, **options)
        asyncio.tasks._leave_task(loop, task)
        asyncio._set_running_loop(None)
        try:
            return run_and_restore_loop(original, main, options)
        finally:
            asyncio._set_running_loop(loop)
            asyncio.tasks._enter_task(loop, task)

    return call


def run_and_restore_loop(original: Any, main: Any, options: Any) -> Any:
    """Calls asyncio.run(), which leaves the thread without a current loop, and sets that again."""
    try:
        return original(main, **options)
    finally:
        if Installed.running.loop is not None:
            asyncio.set_event_loop(Installed.the_loop())


# the functions that wrap asyncio's, by name
MAKERS: Dict[str, Callable[[Any], Callable[..., Any]]] = {
    "create_task": create_task,
    "ensure_future": ensure_future,
    "get_running_loop": get_running_loop,
    "current_task": tasks_of_loop,
    "all_tasks": tasks_of_loop,
    "run": run,
}


class OtherLoopHidden:
    """A block in which a loop that a suspended greenlet has left running is not the running one.

    Playwright's sync API does that; no later cell could await.
    """

    loop: Any = None
    task: Any = None

    def __enter__(self) -> None:
        loop: Any = asyncio._get_running_loop()
        if loop is None or loop is Installed.running.loop:
            return
        self.loop, self.task = loop, asyncio.tasks.current_task(loop)
        if self.task is not None:
            asyncio.tasks._leave_task(loop, self.task)
        asyncio._set_running_loop(None)

    def __exit__(self, *error: object) -> None:
        if self.loop is None:
            return
        asyncio._set_running_loop(self.loop)
        if self.task is not None:
            asyncio.tasks._enter_task(self.loop, self.task)
