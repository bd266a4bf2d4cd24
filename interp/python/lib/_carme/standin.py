"""`IPython.display` where no IPython is installed, for code that imports it by that name.

`IPython` itself stays what it is, not installed: it is in sys.modules only while the import
statement runs, so that libraries that look for it find nothing.
Source: the import system's reference, "Submodules"; importlib._bootstrap sets the attribute of the
parent, and `_initializing` of the spec, when a module is loaded.
"""

import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

PACKAGE = "IPython"
MODULE = "IPython.display"


class Package(type(sys)):  # type: ignore[misc]
    """The package as long as the import of its module takes."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "display":
            sys.modules.pop(PACKAGE, None)


class Spec(ModuleSpec):
    """The package's, when a statement such as `import IPython.display` asks for it at last."""

    @property
    def _initializing(self) -> bool:
        return False

    @_initializing.setter
    def _initializing(self, value: bool) -> None:
        if not value and MODULE in sys.modules:
            sys.modules.pop(PACKAGE, None)


package = Package(PACKAGE, "No IPython is installed: only its display module has a stand-in.")


class Loader:
    """Makes the two modules."""

    def create_module(self, spec: ModuleSpec) -> Any:
        """The one package; an ordinary module."""
        return package if spec.name == PACKAGE else None

    def exec_module(self, module: Any) -> None:
        """Fills the module."""
        if module.__name__ == MODULE:
            from _carme import objects

            module.__all__ = list(objects.__all__)
            module.__doc__ = objects.__doc__
            vars(module).update((name, getattr(objects, name)) for name in objects.__all__)


def find_spec(name: str) -> Optional[ModuleSpec]:
    """The spec of one of the two, if code names `IPython.display` in an import statement."""
    if name == MODULE:
        return ModuleSpec(name, Loader()) if PACKAGE in sys.modules else None  # type: ignore[arg-type]
    if not is_named():
        return None
    return Spec(name, Loader(), is_package=True)  # type: ignore[arg-type]


def is_named() -> bool:
    """Whether the import statement that runs is in code that imports `IPython.display`.

    Outside of cells it must not import IPython as well: such code asks whether it is there.
    """
    from _carme.shell import cells

    frame: Any = sys._getframe(1)
    while frame is not None and is_machinery(frame):
        frame = frame.f_back
    names = frame.f_code.co_names if frame is not None else ()
    return MODULE in names and (PACKAGE not in names or frame.f_code.co_filename in cells)


def is_machinery(frame: Any) -> bool:
    """Whether it is a frame of the import system's, or of ours."""
    file: str = frame.f_code.co_filename
    return file.startswith(("<frozen importlib", "<carme "))
