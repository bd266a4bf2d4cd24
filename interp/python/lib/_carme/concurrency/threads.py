"""The cell that a thread's output and input() belong to.

A thread that a cell starts, directly or through the standard library, belongs to that cell. One
that a library starts for itself belongs to the running cell, and one that a thread starts to that
thread's cell. A task of a pool belongs to the cell that submitted it, and a callback to the cell
that registered it. Imported with the module threading.
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

BUILTIN = type(len)  # the type of C functions; eventlet's replacements are none
STARTERS = ("_start_new_thread", "_start_joinable_thread")
# packages that start threads for the function that a caller passes
RUNNERS = frozenset({"threading", "concurrent", "multiprocessing", "asyncio", "_carme"})


class ThreadState(ThreadLocal):
    """The state of each thread."""

    is_started = False  # by the patched function


class Patched:
    """The patched function."""

    function: Any = None  # _thread.start_new_thread, for cells


thread_state = ThreadState()


def is_patched() -> bool:
    """Whether gevent or eventlet has patched threads to be greenlets."""
    return _thread.start_new_thread is not Patched.function


def install() -> None:
    """Patches the functions of threading and _thread that start threads, and the pools."""
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
    """The function of _thread, patched: the new thread belongs to threads_owner()."""

    @wraps(original)
    def start(function: Any, *args: Any, **options: Any) -> Any:
        request = threads_owner()
        context = getattr(getattr(function, "__self__", None), "_context", None)
        if type(context) is Context:
            set_request(context, request)
        return original(bind_request(function, write_by_line, request), *args, **options)

    return start


def set_request(context: Context, request: object) -> None:
    """Sets the request in a Thread's context, unless the user has passed one that has another.

    From Python 3.14 on a Thread runs in a context: empty, a copy, or the user's.
    """
    mine = parent_request.current.get()
    if context.get(parent_request.current, mine) is mine:
        context.run(parent_request.current.set, request)


def owner() -> object:
    """The request that a function registered here belongs to; None: the running cell's."""
    return parent_request.current.get() if thread_state.is_started else _carme.current_request()


def threads_owner() -> object:
    """The request that a thread started here belongs to; None: a library starts it for itself."""
    return owner() if thread_state.is_started or is_from_cell() else None


def is_from_cell() -> bool:
    """Whether the code that starts a thread is a cell's, or a callback of the loop."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "__main__")
        if str(name).partition(".")[0] not in RUNNERS:
            return bool(name == "__main__")
        frame = frame.f_back
    return True


def bind_request(function: Function, call: Function, request: object) -> Any:
    """Return a function that sets the request and passes `function` to `call`."""
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
    """Runs the function of a thread; its output is written line by line."""
    thread_state.is_started = True
    _carme.buffer_lines(True)
    try:
        return function(*args, **options)
    finally:
        _carme.buffer_lines(False)


def flush_after(function: Function, *args: Any, **options: Any) -> Any:
    """Runs a task in a pool's thread, and flushes its output."""
    try:
        return function(*args, **options)
    finally:
        _carme.flush(1)
        _carme.flush(2)


def install_futures() -> None:
    """Patches the callbacks of concurrent.futures.Future."""
    kind: Any = sys.modules["concurrent.futures._base"].Future
    if not hasattr(kind.add_done_callback, "__wrapped__"):
        kind.add_done_callback = registrar(kind.add_done_callback, 0)


def registrar(original: Function, *places: int) -> Function:
    """The method, patched: its callbacks, at these positions or by name, belong to owner()."""

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
    """Patches concurrent.futures.thread, which has been imported."""
    install_futures()
    kind: Any = sys.modules["concurrent.futures.thread"].ThreadPoolExecutor
    kind.submit = submitter(kind.submit)


def install_processes() -> None:
    """Patches concurrent.futures.process, which has been imported."""
    install_futures()
    pools.install("concurrent.futures.process")


def submitter(original: Function) -> Function:
    """The method of a thread pool, patched: the submitted function belongs to owner()."""

    @wraps(original)
    def submit(self: Any, function: Any, *args: Any, **options: Any) -> Any:
        call = function if uses_interpreters(self) else bind_request(function, flush_after, owner())
        return original(self, call, *args, **options)

    return submit


def uses_interpreters(pool: Any) -> bool:
    """Whether the threads of the pool run functions in other interpreters."""
    module: Any = sys.modules.get("concurrent.futures.interpreter")
    return module is not None and isinstance(pool, module.InterpreterPoolExecutor)


def install_pool() -> None:
    """Patches multiprocessing.pool, which has been imported."""
    pools.install("multiprocessing.pool")
    module: Any = sys.modules["multiprocessing.pool"]
    for name, place in (("apply_async", 3), ("_map_async", 4)):
        setattr(module.Pool, name, registrar(getattr(module.Pool, name), place, place + 1))
    for name in ("apply_async", "_map_async", "imap", "imap_unordered"):
        setattr(module.ThreadPool, name, submitter(getattr(module.ThreadPool, name)))
