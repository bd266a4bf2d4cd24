"""Pools of processes: what a worker prints belongs to the cell that it works for.

Loaded with the module threading, which all of them use. Source: the modules multiprocessing.pool
and concurrent.futures.process; loky, which joblib brings; distributed's workers.
"""

import sys
from functools import partial, wraps

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

# what starts workers, or gives them work, by the module that has it
STARTERS = {
    "concurrent.futures.process": ("ProcessPoolExecutor", "submit"),
    "joblib.externals.loky.process_executor": ("ProcessPoolExecutor", "submit"),
    "loky.process_executor": ("ProcessPoolExecutor", "submit"),
    "distributed.process": ("AsyncProcess", "start"),
    "multiprocessing.pool": (
        "Pool",
        "__init__",
        "apply_async",
        "_map_async",
        "imap",
        "imap_unordered",
    ),
}


def install_when_imported() -> None:
    """Waits for their imports; for those of the standard library, threads.py."""
    for module in STARTERS.keys() - {"concurrent.futures.process", "multiprocessing.pool"}:
        _carme.watcher.after(module, partial(install, module))


def install(module: str) -> None:
    """The module has just been imported."""
    kind, *names = STARTERS[module]
    owner: Any = getattr(sys.modules[module], kind, None)
    for name in names:
        if hasattr(owner, name):
            setattr(owner, name, share_output(getattr(owner, name)))


def share_output(original: Callable[..., Any]) -> Callable[..., Any]:
    """As the original method; what the workers that it starts write is for the cells to come."""

    @wraps(original)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        if type(self).__name__ != "ThreadPool":
            _carme.share_output()
        return original(self, *args, **options)

    return call
