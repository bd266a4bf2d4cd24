"""A process that a cell has forked: no kernel; it ends where its cell, task or callback does.

Its status is a script's: 0, 1 after an error, or SystemExit's. Loaded before the first fork.
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
    """A warning that is never shown: it brings a module's `__warningregistry__` up to date."""


def suppress_fork_warning(caller: Any) -> None:
    """Python does not warn that this process has threads: the only one is the kernel's.

    In the registry of the frame that forks the warning counts as one that was shown already: no
    filter of the user's decides, and none is left behind. Source: already_warned() of CPython's
    Python/_warnings.c, warn_about_fork_with_threads() of its Modules/posixmodule.c.
    """
    warnings: Any = sys.modules.get("warnings", _warnings)
    registry = caller.f_globals.setdefault("__warningregistry__", {})
    passing = ("ignore", None, Suppressed, None, 0)
    warnings.filters.insert(0, passing)
    try:
        _warnings.warn_explicit("", Suppressed, "", 0, "_carme", registry)
    finally:
        warnings.filters.remove(passing)
    for name in ("fork", "forkpty"):
        registry[WARNING.format(state.State.pid, name), DeprecationWarning, caller.f_lineno] = True


def prepare() -> None:
    """The child, right after fork()."""
    builtins.display = display  # type: ignore[attr-defined]
    state.namespace.setdefault("__getattr__", defined_later)


def defined_later(name: str) -> Any:
    """What pickle finds in `__main__` for a name that a cell has defined after the fork."""
    if name.startswith("__") or not is_unpickling(sys._getframe(1)):
        raise AttributeError(f"module '__main__' has no attribute {name!r}")
    return placeholder(DEFINED_LATER.format(name))


def display(*objects: object, **options: Any) -> None:
    """There is nobody to show them but as text."""
    for item in objects:
        print(item)


def continue_task(loop: Any, task: Any, cell: Any) -> None:
    """Only the task that has called fork() goes on here, to its end, on a loop that was forked.

    The selector is the kernel's as well: what the child took out of it would be gone there.
    task: None for a callback; cell: that of the cell that awaits, which ends by itself, or None.
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
    """Ends this process, after what `error` says and all that it has written or will yet write."""
    status = 0
    try:
        status = report_error(error)
        join_threads()
        flush()
    finally:
        _exit(status)


def report_error(error: Optional[BaseException]) -> int:
    """Writes an error's traceback; the status to end with."""
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
    """A script waits for threads that are no daemons."""
    threading: Any = sys.modules.get("threading")
    for thread in threading.enumerate() if threading else ():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()


def flush() -> None:
    """Texts of Python and of C that are not written yet."""
    streams.flush()
    streams.flush_foreign_streams()
    _carme.flush(2)
    _carme.flush(1)


state.State.end_child = end
