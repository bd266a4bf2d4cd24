"""What an interrupt leaves of an import that it ends.

Python takes the package itself out of sys.modules but leaves its modules there, and the package's
next import then finds no name of theirs. Source: the import system's reference, "Loading".
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Iterator, Optional


def remove_partial_packages(traceback: Optional[TracebackType]) -> None:
    """Forgets the modules of all packages that were being imported where the traceback leads.

    Those in C stay: many (numpy's) can not be loaded twice.
    """
    halves = tuple(name + "." for name in interrupted_modules(traceback))
    for name in [name for name in sys.modules if name.startswith(halves)]:
        path = getattr(sys.modules[name], "__file__", None)
        if isinstance(path, str) and path.endswith((".py", ".pyc")):
            del sys.modules[name]


def interrupted_modules(traceback: Optional[TracebackType]) -> Iterator[str]:
    """The names of modules whose execution has ended in this traceback."""
    while traceback is not None:
        frame = traceback.tb_frame
        name = frame.f_globals.get("__name__")
        if frame.f_code.co_name == "<module>" and isinstance(name, str) and name not in sys.modules:
            yield name
        traceback = traceback.tb_next
