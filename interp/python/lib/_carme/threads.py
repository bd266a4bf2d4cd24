"""Threads that cells start: their output, and what they ask, belongs to the cell that started them.

A task of a pool belongs to the cell that submitted it. Loaded with the module threading.
Source: the modules threading, concurrent.futures.thread and multiprocessing.pool.
"""

import _thread
import os
import sys
from _contextvars import Context
from functools import wraps

import _carme
from _carme import parents, pools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    Function = Callable[..., Any]

STARTERS = ("_start_new_thread", "_start_joinable_thread")


class Output:
    """Which cell gets what a thread writes: its "origin", or as under ipykernel the "latest"."""

    cell = "origin"
    start: Any = None  # what cells find as _thread.start_new_thread

    @classmethod
    def choose(cls, cell: str) -> None:
        """For the threads that start from here on. ValueError: no such choice."""
        if cell not in ("origin", "latest"):
            raise ValueError(f"a thread's output goes to 'origin' or 'latest', not to {cell!r}")
        cls.cell = cell


def is_patched() -> bool:
    """Whether gevent or eventlet has made greenlets of all threads that start."""
    return _thread.start_new_thread is not Output.start


def install() -> None:
    """The module threading is there: its threads, and raw ones, start by way of here."""
    threading: Any = sys.modules["threading"]
    for name in STARTERS:
        if hasattr(threading, name):
            setattr(threading, name, starter(getattr(threading, name)))
    Output.start = _thread.start_new_thread = starter(_thread.start_new_thread)
    Output.cell = "latest" if os.environ.get("CARME_THREAD_OUTPUT") == "latest" else Output.cell
    _carme.watcher.after("concurrent.futures.thread", install_executor)
    _carme.watcher.after("multiprocessing.pool", install_pool)
    pools.watch()


def starter(original: Function) -> Function:
    """As the original of _thread, for a function that belongs to this cell."""

    @wraps(original)
    def start(function: Any, *args: Any, **options: Any) -> Any:
        context = getattr(getattr(function, "__self__", None), "_context", None)
        if type(context) is Context:
            give(context)
        return original(bound(function, whole_lines), *args, **options)

    return start


def give(context: Context) -> None:
    """From Python 3.14 on a Thread runs in a context, which is empty unless somebody made it."""
    if Output.cell == "latest" or parents.current not in context:
        context.run(parents.current.set, owner())


def owner() -> object:
    """The request that a thread which starts here belongs to; None: the latest."""
    return _carme.hold() if Output.cell == "origin" else None


def bound(function: Function, call: Function) -> Any:
    """`function`, to be called in another thread for the request that is being answered here."""
    if not callable(function):
        return function
    request = owner()

    def run(*args: Any, **options: Any) -> Any:
        token = parents.current.set(request)
        try:
            return call(function, *args, **options)
        finally:
            parents.current.reset(token)

    return run


def whole_lines(function: Function, *args: Any, **options: Any) -> Any:
    """What a thread of its own runs."""
    _carme.by_line(True)
    try:
        return function(*args, **options)
    finally:
        _carme.by_line(False)


def task(function: Function, *args: Any, **options: Any) -> Any:
    """What a pool's thread runs: what it has printed is there when it has ended."""
    try:
        return function(*args, **options)
    finally:
        _carme.flush(1)
        _carme.flush(2)


def install_executor() -> None:
    """The module concurrent.futures.thread has just been imported."""
    kind: Any = sys.modules["concurrent.futures.thread"].ThreadPoolExecutor
    kind.submit = submitter(kind.submit)


def submitter(original: Function) -> Function:
    """As the original method of a pool whose workers are threads."""

    @wraps(original)
    def submit(self: Any, function: Any, *args: Any, **options: Any) -> Any:
        call = function if runs_elsewhere(self) else bound(function, task)
        return original(self, call, *args, **options)

    return submit


def runs_elsewhere(pool: Any) -> bool:
    """Whether its threads hand each function over to interpreters of their own."""
    module: Any = sys.modules.get("concurrent.futures.interpreter")
    return module is not None and isinstance(pool, module.InterpreterPoolExecutor)


def install_pool() -> None:
    """The module multiprocessing.pool has just been imported."""
    pools.install("multiprocessing.pool")
    kind: Any = sys.modules["multiprocessing.pool"].ThreadPool
    for name in ("apply_async", "_map_async", "imap", "imap_unordered"):
        setattr(kind, name, submitter(getattr(kind, name)))
