"""asyncio's names in a cell that does not await, so that no loop is running.

What would only raise there finds the loop that runs between cells: create_task() and the like for
every caller. get_running_loop() and the loop's is_running() are asked for two reasons. Code that
makes tasks asks whether to do so, or to run the coroutine to its end here, which may never come
(param, panel): the loop runs for it, and for cells' own code. Other libraries ask whether they are
called from a coroutine, and a plain cell is none (Django's ORM, asgiref, asyncio.run).
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

# libraries that make objects outside of coroutines and ask only for the loop to keep
LOOP_KEEPERS = frozenset({"__main__", "aiohttp"})
POP_TOP = opmap["POP_TOP"]
CACHE = 0  # from Python 3.11 on; before, no instruction has this number
TASK_MAKERS = frozenset({"create_task", "ensure_future"})


class Installed:
    """What install() was told."""

    running: Running
    the_loop: Callable[[], asyncio.AbstractEventLoop]


def install(running: Running, the_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Puts the functions below in the place of asyncio's.

    running: of this thread, with a loop where it is a shell's; the_loop: that loop, made on need.
    """
    Installed.running, Installed.the_loop = running, staticmethod(the_loop)
    for name, make in MAKERS.items():
        original = getattr(asyncio, name)
        setattr(asyncio, name, functools.wraps(original)(make(original)))


def is_plain_cell() -> bool:
    """Whether this is a shell's thread, with no loop running."""
    return Installed.running.loop is not None and asyncio._get_running_loop() is None


def gets_loop(frame: FrameType) -> bool:
    """Whether a caller outside of coroutines gets the loop and no error."""
    if str(frame.f_globals.get("__name__")).partition(".")[0] in LOOP_KEEPERS:
        return True
    return makes_tasks(frame) and not discards_result(frame)


def discards_result(frame: FrameType) -> bool:
    """Whether the function does nothing with what the call returns: it waits for the error."""
    code, place = frame.f_code.co_code, frame.f_lasti + 2
    while code[place] == CACHE:
        place += 2
    return code[place] == POP_TOP


def makes_tasks(frame: FrameType) -> bool:
    """Whether the function that asks for the loop is one that makes tasks as well."""
    return not TASK_MAKERS.isdisjoint(frame.f_code.co_names)


def patch_is_running(loop: Any) -> None:
    """The loop that runs between cells says to code that makes tasks that it runs."""
    original = loop.is_running

    def is_running() -> bool:
        return original() or (is_plain_cell() and makes_tasks(sys._getframe(1)))

    try:
        loop.is_running = functools.wraps(original)(is_running)
    except AttributeError:  # uvloop's has no attributes of others
        pass


def create_task(original: Any) -> Any:
    """The task begins when the cell has ended, or at the next await."""

    def call(coro: Any, **options: Any) -> Any:
        if is_plain_cell():
            return Installed.the_loop().create_task(coro, **options)
        return original(coro, **options)

    return call


def ensure_future(original: Any) -> Any:
    """As create_task."""

    def call(coro_or_future: Any, *, loop: Any = None) -> Any:
        if loop is None and not asyncio.isfuture(coro_or_future) and is_plain_cell():
            loop = Installed.the_loop()
        return original(coro_or_future, loop=loop)

    return call


def get_running_loop(original: Any) -> Any:
    """The loop that will run."""

    def call() -> Any:
        if is_plain_cell() and gets_loop(sys._getframe(1)):
            return Installed.the_loop()
        return original()

    return call


def tasks_of_loop(original: Any) -> Any:
    """Tasks of the loop that runs between cells: a plain cell is none of them."""

    def call(loop: Any = None) -> Any:
        if loop is None and is_plain_cell() and gets_loop(sys._getframe(1)):
            loop = Installed.the_loop()
        return original(loop)

    return call


def run(original: Any) -> Any:
    """Leaves the loop that was the current one. Also in a cell that awaits, which waits for it."""

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
    """asyncio.run() itself, which would leave this thread without a current loop."""
    try:
        return original(main, **options)
    finally:
        if Installed.running.loop is not None:
            asyncio.set_event_loop(Installed.the_loop())


# what makes a function of asyncio's, by its name, from the original
MAKERS: Dict[str, Callable[[Any], Callable[..., Any]]] = {
    "create_task": create_task,
    "ensure_future": ensure_future,
    "get_running_loop": get_running_loop,
    "current_task": tasks_of_loop,
    "all_tasks": tasks_of_loop,
    "run": run,
}


class OtherLoopHidden:
    """In its block another loop, which a suspended greenlet has left running, does not run.

    Playwright's sync API is made so: it would forbid each await in the cells after it.
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
