"""Threads, processes and sockets, which a browser's worker does not have: they raise an error."""

import errno
import sys

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn

THREADS = (
    "a browser's worker has no threads: call the function itself,"
    " or use asyncio.create_task() for what waits"
)
PROCESSES = (
    "a browser's worker has no processes: use Python's own modules instead"
    " (shutil, pathlib, urllib.request; %pip for packages)"
)
# at whose imports the kernel prepares other processes and interpreters
NEVER_NEEDED = ("multiprocessing.spawn", "_interpreters")
SOCKETS = "a browser's worker has no sockets: use urllib.request or pyodide.http.pyfetch for HTTP"


def no_thread(*values: object, **options: object) -> NoReturn:
    """In the place of _thread's start functions."""
    raise RuntimeError(THREADS)


def no_process(*values: object, **options: object) -> NoReturn:
    """In the place of what starts a process."""
    raise OSError(errno.ENOTSUP, PROCESSES)


def no_socket(*values: object, **options: object) -> NoReturn:
    """In the place of what connects or listens."""
    raise OSError(errno.ENOTSUP, SOCKETS)


def prepare_nothing() -> None:
    """In the place of what the import hooks do for other processes and interpreters."""


def replace(module: str, names: str, refuse: Callable[..., NoReturn]) -> None:
    """Replaces functions of a module by `refuse`, now or when the module is imported."""

    def patch() -> None:
        where: Any = sys.modules[module]
        for name in names.split():
            owner, _, attribute = name.rpartition(".")
            target = getattr(where, owner, None) if owner else where
            if hasattr(target, attribute):
                setattr(target, attribute, refuse)

    _carme.watcher.after(module, patch)


def install() -> None:
    """From here on they refuse."""
    for module in NEVER_NEEDED:
        _carme.watcher.after(module, prepare_nothing)
    replace("_thread", "start_new_thread start_joinable_thread start_new", no_thread)
    replace("threading", "_start_new_thread _start_joinable_thread", no_thread)
    processes = "system popen fork forkpty execv execve posix_spawn posix_spawnp"
    replace("os", processes, no_process)
    replace("posix", processes, no_process)
    replace("subprocess", "Popen.__init__", no_process)
    replace("multiprocessing.process", "BaseProcess.start", no_process)
    names = "connect connect_ex bind listen"
    replace("socket", " ".join("socket." + name for name in names.split()), no_socket)
