"""A thread with its own event loop, for coroutines that run while cells do, such as servers.

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
    """The loop of the background thread."""

    loop: Optional[asyncio.AbstractEventLoop] = None
    lock = threading.Lock()


def the_loop() -> asyncio.AbstractEventLoop:
    """Return the loop; its daemon thread is started at the first call."""
    with Background.lock:
        if Background.loop is None or Background.loop.is_closed():
            Background.loop = asyncio.new_event_loop()
            threading.Thread(
                target=run_on, args=(Background.loop,), name="carme.background", daemon=True
            ).start()
        return Background.loop


def background(awaitable: Awaitable[Any]) -> Future[Any]:
    """Runs a coroutine in the background, also while cells run that do not await.

    Returns its concurrent.futures.Future: cancel() ends it, result(timeout) waits for it, and
    `await asyncio.wrap_future(it)` waits in a cell. This cell shows its output and its error.
    TypeError: not awaitable. RuntimeError: gevent or eventlet has patched threads; as greenlets of
    one thread they can not run a second loop.
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


running: Set[Future[Any]] = set()  # referenced, so that none is collected before its end


def forget(future: Future[Any]) -> None:
    """Called when the future is done."""
    running.discard(future)


async def show_error(awaitable: Awaitable[Any]) -> Any:
    """Awaits it; an exception is shown at once, and raised."""
    try:
        return await awaitable
    except (asyncio.CancelledError, CancelledError):
        raise
    except BaseException as error:
        from _carme.errors import report

        error.__traceback__ = report.trim_traceback(error.__traceback__)
        sys.stderr.write("\n".join(report.error_content(error)["traceback"]) + "\n")
        raise
