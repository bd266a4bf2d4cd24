"""Packages whose import was interrupted.

Python removes the package from sys.modules but not its submodules: they are not bound in the
package when it is imported again. Source: the import system's reference, "Loading".
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Iterator, Optional


def remove_partial_packages(traceback: Optional[TracebackType]) -> None:
    """Removes the submodules of packages whose import the traceback shows from sys.modules.

    Extension modules stay: many, such as numpy's, can not be loaded twice.
    """
    packages = tuple(name + "." for name in interrupted_modules(traceback))
    for name in [name for name in sys.modules if name.startswith(packages)]:
        path = getattr(sys.modules[name], "__file__", None)
        if isinstance(path, str) and path.endswith((".py", ".pyc")):
            del sys.modules[name]


def interrupted_modules(traceback: Optional[TracebackType]) -> Iterator[str]:
    """The names of modules whose execution this traceback has ended."""
    while traceback is not None:
        frame = traceback.tb_frame
        name = frame.f_globals.get("__name__")
        if frame.f_code.co_name == "<module>" and isinstance(name, str) and name not in sys.modules:
            yield name
        traceback = traceback.tb_next
