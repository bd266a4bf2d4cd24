"""Process pools: the output of a worker belongs to the cell that it works for.

Imported with the module threading, which all pools use. Source: the modules multiprocessing.pool
and concurrent.futures.process; loky, which joblib brings; distributed's workers.
"""

import sys
from functools import partial, wraps

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

# by module: the class and its methods that start workers or submit work
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
    """Patches third-party pools when they are imported; threads.py does the standard library's."""
    for module in STARTERS.keys() - {"concurrent.futures.process", "multiprocessing.pool"}:
        _carme.watcher.after(module, partial(install, module))


def install(module: str) -> None:
    """Patches a module that has been imported."""
    kind, *names = STARTERS[module]
    owner: Any = getattr(sys.modules[module], kind, None)
    for name in names:
        if hasattr(owner, name):
            setattr(owner, name, share_output(getattr(owner, name)))


def share_output(original: Callable[..., Any]) -> Callable[..., Any]:
    """The method, patched: the workers that it starts write to the cells that run then."""

    @wraps(original)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        if type(self).__name__ != "ThreadPool":
            _carme.share_output()
        return original(self, *args, **options)

    return call
