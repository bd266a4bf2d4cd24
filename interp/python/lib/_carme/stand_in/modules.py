"""Stand-ins for IPython.display, IPython.paths and others, if IPython is not installed.

With the package comm, there is also `ipykernel.comm`, which matplotlib's nbagg needs. The packages
are in sys.modules only while the import statement runs: libraries that look for IPython find none.
Source: the import system's reference, "Submodules"; importlib._bootstrap sets the attribute of the
parent, and `_initializing` of the spec, when a module is loaded.
"""

import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

PACKAGE = "IPython"
COMM = "ipykernel.comm"
PATHS = "IPython.paths"
MODULES = frozenset(
    (
        COMM,
        PATHS,
        "IPython.display",
        "IPython.core.display",
        "IPython.core.display_functions",
        "IPython.lib.display",
    )
)
PACKAGES = frozenset((PACKAGE, "IPython.core", "IPython.lib", "ipykernel"))
DOC = "No IPython is installed: only some of its modules have a stand-in."


class Package(type(sys)):  # type: ignore[misc]
    """A package that leaves sys.modules when its submodule is bound in it."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if isinstance(value, type(sys)):
            sys.modules.pop(self.__name__, None)


class Spec(ModuleSpec):
    """A package's spec; it removes the package from sys.modules after the import.

    `import IPython.display` also imports the package at its end.
    """

    is_needed = False  # for the import of a submodule

    @property
    def _initializing(self) -> bool:
        return False

    @_initializing.setter
    def _initializing(self, value: bool) -> None:
        if not value and not self.is_needed:
            sys.modules.pop(self.name, None)


packages: Dict[str, Any] = {name: Package(name, DOC) for name in PACKAGES}


class Loader:
    """Makes the modules."""

    def create_module(self, spec: ModuleSpec) -> Any:
        """The package of this name; for a module None, which makes an ordinary one."""
        return packages.get(spec.name)

    def exec_module(self, module: Any) -> None:
        """Fills the module."""
        if module.__name__ == COMM:
            import comm

            module.Comm, module.CommManager = comm.create_comm, comm.base_comm.CommManager
        elif module.__name__ == PATHS:
            from _carme.stand_in import ipython_paths

            vars(module).update(
                (name, getattr(ipython_paths, name)) for name in ipython_paths.__all__
            )
        elif module.__name__ in MODULES:
            from _carme.stand_in import ipython_display

            module.__doc__ = ipython_display.__doc__
            module.__all__ = ipython_display.__all__
            vars(module).update((name, getattr(ipython_display, name)) for name in module.__all__)


def find_spec(name: str) -> Optional[ModuleSpec]:
    """The spec of a stand-in, if an import statement names one of the modules."""
    loader: Any = Loader()
    if name in (COMM, "ipykernel") and not has_comm():
        return None
    if name in MODULES:
        return ModuleSpec(name, loader) if name.rpartition(".")[0] in sys.modules else None
    if name not in PACKAGES or not is_imported_by_name():
        return None
    spec = Spec(name, loader, is_package=True)
    spec.is_needed = name in packages_being_imported()
    return spec


def has_comm() -> bool:
    """Whether the package comm is installed."""
    from importlib.util import find_spec

    return find_spec("comm") is not None


def packages_being_imported() -> List[str]:
    """The parent packages of the modules that are being imported."""
    frame: Any = sys._getframe(1)
    found = []
    while frame is not None and is_import_machinery(frame):
        if frame.f_code.co_name == "_find_and_load_unlocked":
            found.append(frame.f_locals["name"].rpartition(".")[0])
        frame = frame.f_back
    return found[:2]


def is_imported_by_name() -> bool:
    """Whether the code that runs the import statement imports one of the modules.

    Outside cells, code that also imports IPython itself only tests whether that is installed.
    """
    from _carme.session.state import cells

    frame: Any = sys._getframe(1)
    while frame is not None and is_import_machinery(frame):
        frame = frame.f_back
    if frame is None:
        return False
    names = frame.f_code.co_names
    is_cell = frame.f_code.co_filename in cells
    if is_cell and not PACKAGES.isdisjoint(names) and ("display",) in frame.f_code.co_consts:
        return True  # from IPython import display
    named = {each.partition(".")[0] for each in MODULES.intersection(names)}
    return bool(named) and (is_cell or named.isdisjoint(names))


def is_import_machinery(frame: Any) -> bool:
    """Whether the frame is of the import system or of this package."""
    file: str = frame.f_code.co_filename
    return file.startswith(("<frozen importlib", "<carme "))
