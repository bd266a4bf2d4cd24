"""A thread with a loop of its own, for what has to go on while cells are busy: servers, above all.

Source: asyncio's documentation, "Concurrency and Multithreading".
"""

import asyncio
import sys
import threading
from concurrent.futures import CancelledError, Future

from _carme.concurrency import threads
from _carme.concurrency.loop import run_on
from _carme.output import parent_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Optional, Set


class Background:
    """The thread's loop, once there is one."""

    loop: Optional[asyncio.AbstractEventLoop] = None
    lock = threading.Lock()


def the_loop() -> asyncio.AbstractEventLoop:
    """The loop, in a thread that ends with the kernel."""
    with Background.lock:
        if Background.loop is None or Background.loop.is_closed():
            Background.loop = asyncio.new_event_loop()
            threading.Thread(
                target=run_on, args=(Background.loop,), name="carme.background", daemon=True
            ).start()
        return Background.loop


def background(awaitable: Awaitable[Any]) -> Future[Any]:
    """Runs a coroutine while cells go on, also ones that do not await.

    Returns its future: cancel() ends it, result(timeout) waits, `await asyncio.wrap_future(it)`
    waits in a cell that awaits. What it prints belongs to this cell, and its error is shown there.
    TypeError: nothing that can be awaited. RuntimeError: gevent or eventlet has made a greenlet of
    this thread of each thread that starts; a second loop can not run in it.
    """
    if not hasattr(awaitable, "__await__"):
        kind = type(awaitable).__name__
        raise TypeError(f"background() takes a coroutine, such as serve(), and not a {kind}")
    if threads.is_patched():
        raise RuntimeError(
            "background() needs a thread, and gevent or eventlet has patched threads: "
            "spawn a greenlet instead"
        )
    token = parent_request.bind_context()
    try:
        future = asyncio.run_coroutine_threadsafe(show_error(awaitable), the_loop())
    finally:
        parent_request.current.reset(token)
    future.add_done_callback(forget)
    running.add(future)
    return future


running: Set[Future[Any]] = set()  # so that none is collected before its end


def forget(future: Future[Any]) -> None:
    """It has ended."""
    running.discard(future)


async def show_error(awaitable: Awaitable[Any]) -> Any:
    """What it returns; what it raises is shown at once, whether anybody asks for it or not."""
    try:
        return await awaitable
    except (asyncio.CancelledError, CancelledError):
        raise
    except BaseException as error:
        from _carme.errors import report

        error.__traceback__ = report.trim_traceback(error.__traceback__)
        sys.stderr.write("\n".join(report.error_content(error)["traceback"]) + "\n")
        raise
