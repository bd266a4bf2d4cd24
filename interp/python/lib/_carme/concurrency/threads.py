"""Whose output it is what threads write, and ask.

A thread that a cell starts by itself, through the standard library, belongs to that cell; one that
a library starts for its own service writes to the cell that runs; one that a thread starts belongs
where that one does. A task of a pool belongs to the cell that submitted it, and a callback to the
one that registered it. Loaded with the module threading.
Source: the modules threading, concurrent.futures and multiprocessing.pool.
"""

import _thread
import os
import sys
from _contextvars import Context
from _thread import _local as ThreadLocal
from functools import wraps

import _carme
from _carme.output import parent_request
from _carme.processes import pools
from _carme.session.thread_output import ThreadOutput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    Function = Callable[..., Any]

BUILTIN = type(len)  # a function of C: eventlet puts its own in their place
STARTERS = ("_start_new_thread", "_start_joinable_thread")
# packages whose functions start threads for what they are given
RUNNERS = frozenset({"threading", "concurrent", "multiprocessing", "asyncio", "_carme"})


class ThreadState(ThreadLocal):
    """Of each thread."""

    is_started = False  # by way of start()


class Patched:
    """What cells find as _thread.start_new_thread."""

    function: Any = None


thread_state = ThreadState()


def is_patched() -> bool:
    """Whether gevent or eventlet has made greenlets of all threads that start."""
    return _thread.start_new_thread is not Patched.function


def install() -> None:
    """The module threading is there: its threads, and raw ones, start by way of here."""
    threading: Any = sys.modules["threading"]
    for name in STARTERS:
        if type(getattr(threading, name, None)) is BUILTIN:
            setattr(threading, name, starter(getattr(threading, name)))
    if Patched.function is None:  # the module may be executed again
        Patched.function = _thread.start_new_thread = starter(_thread.start_new_thread)
    if os.environ.get("CARME_THREAD_OUTPUT") == "latest":
        ThreadOutput.choose("latest")
    _carme.watcher.after("concurrent.futures.thread", install_executor)
    _carme.watcher.after("concurrent.futures.process", install_processes)
    _carme.watcher.after("multiprocessing.pool", install_pool)
    pools.install_when_imported()


def starter(original: Function) -> Function:
    """As the original of _thread, for a function that belongs where this thread's owner says."""

    @wraps(original)
    def start(function: Any, *args: Any, **options: Any) -> Any:
        request = threads_owner()
        context = getattr(getattr(function, "__self__", None), "_context", None)
        if type(context) is Context:
            set_request(context, request)
        return original(bind_request(function, write_by_line, request), *args, **options)

    return start


def set_request(context: Context, request: object) -> None:
    """From Python 3.14 on a Thread runs in a context: an empty one, a copy, or the user's own."""
    mine = parent_request.current.get()
    if context.get(parent_request.current, mine) is mine:
        context.run(parent_request.current.set, request)


def owner() -> object:
    """The request that what is registered here belongs to; None: the latest at each time."""
    return parent_request.current.get() if thread_state.is_started else _carme.hold()


def threads_owner() -> object:
    """As owner(), of a thread that starts here: a library's own has none."""
    return owner() if thread_state.is_started or is_from_cell() else None


def is_from_cell() -> bool:
    """Whether the code that starts a thread is a cell's, or nobody's: a callback of the loop."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "__main__")
        if str(name).partition(".")[0] not in RUNNERS:
            return bool(name == "__main__")
        frame = frame.f_back
    return True


def bind_request(function: Function, call: Function, request: object) -> Any:
    """`function`, to be called in another thread for that request; None: the latest."""
    if not callable(function):
        return function

    def run(*args: Any, **options: Any) -> Any:
        token = parent_request.current.set(request)
        try:
            return call(function, *args, **options)
        finally:
            parent_request.current.reset(token)

    return run


def write_by_line(function: Function, *args: Any, **options: Any) -> Any:
    """What a thread of its own runs."""
    thread_state.is_started = True
    _carme.by_line(True)
    try:
        return function(*args, **options)
    finally:
        _carme.by_line(False)


def flush_after(function: Function, *args: Any, **options: Any) -> Any:
    """What a pool's thread runs: what it has printed is there when it has ended."""
    try:
        return function(*args, **options)
    finally:
        _carme.flush(1)
        _carme.flush(2)


def install_futures() -> None:
    """The package concurrent.futures is there, and somebody makes futures of its own."""
    kind: Any = sys.modules["concurrent.futures._base"].Future
    if not hasattr(kind.add_done_callback, "__wrapped__"):
        kind.add_done_callback = registrar(kind.add_done_callback, 0)


def registrar(original: Function, *places: int) -> Function:
    """As the original method, whose callbacks are its arguments at these places, or named so."""

    @wraps(original)
    def register(self: Any, *args: Any, **options: Any) -> Any:
        request = owner()
        values = [
            bind_request(value, flush_after, request) if place in places else value
            for place, value in enumerate(args)
        ]
        for name in {"fn", "callback", "error_callback"} & options.keys():
            options[name] = bind_request(options[name], flush_after, request)
        return original(self, *values, **options)

    return register


def install_executor() -> None:
    """The module concurrent.futures.thread has just been imported."""
    install_futures()
    kind: Any = sys.modules["concurrent.futures.thread"].ThreadPoolExecutor
    kind.submit = submitter(kind.submit)


def install_processes() -> None:
    """The module concurrent.futures.process has just been imported."""
    install_futures()
    pools.install("concurrent.futures.process")


def submitter(original: Function) -> Function:
    """As the original method of a pool whose workers are threads."""

    @wraps(original)
    def submit(self: Any, function: Any, *args: Any, **options: Any) -> Any:
        call = function if uses_interpreters(self) else bind_request(function, flush_after, owner())
        return original(self, call, *args, **options)

    return submit


def uses_interpreters(pool: Any) -> bool:
    """Whether its threads hand each function over to interpreters of their own."""
    module: Any = sys.modules.get("concurrent.futures.interpreter")
    return module is not None and isinstance(pool, module.InterpreterPoolExecutor)


def install_pool() -> None:
    """The module multiprocessing.pool has just been imported."""
    pools.install("multiprocessing.pool")
    module: Any = sys.modules["multiprocessing.pool"]
    for name, place in (("apply_async", 3), ("_map_async", 4)):
        setattr(module.Pool, name, registrar(getattr(module.Pool, name), place, place + 1))
    for name in ("apply_async", "_map_async", "imap", "imap_unordered"):
        setattr(module.ThreadPool, name, submitter(getattr(module.ThreadPool, name)))
