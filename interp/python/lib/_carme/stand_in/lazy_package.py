"""`IPython` in sys.modules from the start: the installed package, executed at its first use.

`ipykernel.zmqshell` is there, too: tqdm.auto detects a notebook by it.

Source: the import system's reference, "Submodules"; importlib._bootstrap.
"""

import _frozen_importlib
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import spec_from_file_location

import _carme
from _carme.session import state
from _carme.session.current import Current, get_ipython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

ModuleType: Any = type(sys)
machinery: Any = _frozen_importlib
original = machinery._find_and_load
# dunder names of IPython; code that inspects all of sys.modules reads other ones
DUNDERS = ("__version__", "__all__", "__author__", "__license__", "__patched_cves__")


class Package(ModuleType):  # type: ignore[misc,unused-ignore]
    """The package before its execution."""

    is_lazy = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in DUNDERS:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        from _carme.stand_in import lazy_load

        return lazy_load.find(self, name)

    @property
    def __spec__(self) -> Any:
        """The spec. An import statement reads it; one in a cell executes the package."""
        if sys._getframe(1).f_code.co_filename in state.cells:
            from _carme.stand_in import lazy_load

            lazy_load.load(self)
        return vars(self)["__spec__"]

    @__spec__.setter
    def __spec__(self, spec: object) -> None:
        self.__dict__["__spec__"] = spec

    def __dir__(self) -> List[str]:
        from _carme.stand_in import lazy_load

        return dir(lazy_load.load(self))


class ShellModule(ModuleType):  # type: ignore[misc,unused-ignore]
    """ipykernel.zmqshell; before the takeover its ZMQInteractiveShell is the stand-in's class."""

    def __getattr__(self, name: str) -> Any:
        if name == "ZMQInteractiveShell" and state.State.ipython is None:
            return type(get_ipython())
        if name.startswith("ZMQ"):
            Current.shell.take_over()
        if name in vars(self):
            return vars(self)[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def add_package(place: str) -> None:
    """Puts the package into sys.modules, with the attributes that the import system sets."""
    spec: Any = spec_from_file_location(
        "IPython", place + "/__init__.py", submodule_search_locations=[place]
    )
    made = sys.modules["IPython"] = Package("IPython")
    machinery._init_module_attrs(spec, made)
    _carme.hide_frames(_find_and_load, original)
    machinery._find_and_load = _find_and_load
    name = "ipykernel.zmqshell"
    machinery._init_module_attrs(
        ModuleSpec(name, None), sys.modules.setdefault(name, ShellModule(name))
    )


def _find_and_load(name: str, import_: Any) -> Any:
    """As importlib's function; the import of a submodule executes the package first."""
    made = sys.modules.get("IPython")
    if name.startswith("IPython.") and type(made) is Package:
        from _carme.stand_in import lazy_load

        lazy_load.load(made)
        if name in sys.modules:
            return sys.modules[name]
    return original(name, import_)


def finish() -> None:
    """Makes the executed package an ordinary module."""
    made: Any = sys.modules.get("IPython")
    if type(made) is Package:
        made.__class__ = ModuleType
    machinery._find_and_load = original
