"""A process that a cell has forked. It is no kernel: it ends with its cell, task or callback.

Its exit status is a script's: 0, 1 after an error, or SystemExit's. Imported before the first fork.
Source: os.register_at_fork; asyncio's base_events.py (_ready, _scheduled) and selector_events.py.
"""

import _warnings
import builtins
import sys
from posix import _exit

import _carme
from _carme.errors import report
from _carme.output import streams
from _carme.processes.placeholders import DEFINED_LATER, is_unpickling, placeholder
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Optional

WARNING = "This process (pid={}) is multi-threaded, use of {}() may lead to deadlocks in the child."


class Suppressed(Warning):
    """A warning that is never shown; issuing it updates a module's `__warningregistry__`."""


def suppress_fork_warning(caller: Any) -> None:
    """Suppresses Python's warning of a fork with threads, where the kernel's is the only one.

    The warning is entered as already shown in the registry of the frame that forks, so the user's
    filters are neither asked nor changed. Source: already_warned() of CPython's
    Python/_warnings.c, warn_about_fork_with_threads() of its Modules/posixmodule.c.
    """
    warnings: Any = sys.modules.get("warnings", _warnings)
    registry = caller.f_globals.setdefault("__warningregistry__", {})
    suppressed = ("ignore", None, Suppressed, None, 0)
    warnings.filters.insert(0, suppressed)
    try:
        _warnings.warn_explicit("", Suppressed, "", 0, "_carme", registry)
    finally:
        warnings.filters.remove(suppressed)
    for name in ("fork", "forkpty"):
        registry[WARNING.format(state.State.pid, name), DeprecationWarning, caller.f_lineno] = True


def prepare() -> None:
    """Called in the child, right after fork()."""
    builtins.display = display  # type: ignore[attr-defined]
    state.namespace.setdefault("__getattr__", defined_later)


def defined_later(name: str) -> Any:
    """__getattr__ of `__main__`: a placeholder if pickle reads a name defined after the fork."""
    if name.startswith("__") or not is_unpickling(sys._getframe(1)):
        raise AttributeError(f"module '__main__' has no attribute {name!r}")
    return placeholder(DEFINED_LATER.format(name))


def display(*objects: object, **options: Any) -> None:
    """Prints the objects: a child has no client."""
    for item in objects:
        print(item)


def continue_task(loop: Any, task: Any, cell: Any) -> None:
    """Continues the task that called fork() on the forked loop; the child ends with it.

    All other tasks are cancelled. The loop gets a selector of its own: epoll's is shared with the
    kernel. task: None for a callback. cell: the awaiting cell's task, which ends the child itself.
    """
    import asyncio
    import selectors

    if not hasattr(loop, "_ready") or not hasattr(loop, "_selector"):
        loop.call_soon(end)
        return
    for handle in (*loop._ready, *loop._scheduled):
        handle.cancel()
    loop._selector = selectors.DefaultSelector()
    asyncio._set_running_loop(loop)
    if task is None:
        loop.call_soon(end)
        return
    if asyncio.current_task(loop) is None:
        asyncio.tasks._enter_task(loop, task)
    if task is not cell:
        task.add_done_callback(lambda done: end(None if done.cancelled() else done.exception()))


def end(error: Optional[BaseException] = None) -> NoReturn:
    """Ends this process: reports `error`, joins threads and flushes the streams before."""
    status = 0
    try:
        status = report_error(error)
        join_threads()
        flush()
    finally:
        _exit(status)


def report_error(error: Optional[BaseException]) -> int:
    """Writes an error's traceback, and returns the exit status."""
    if error is None:
        return 0
    if isinstance(error, (SystemExit, state.KernelExit)):
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        sys.stderr.write(f"{error.code}\n")
    else:
        sys.stderr.write("\n".join(report.error_content(error)["traceback"]) + "\n")
    return 1


def join_threads() -> None:
    """Waits for threads that are no daemons, as at the end of a script."""
    threading: Any = sys.modules.get("threading")
    for thread in threading.enumerate() if threading else ():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()


def flush() -> None:
    """Flushes the streams of Python and of C."""
    streams.flush()
    streams.flush_foreign_streams()
    _carme.flush(2)
    _carme.flush(1)


state.State.end_child = end
