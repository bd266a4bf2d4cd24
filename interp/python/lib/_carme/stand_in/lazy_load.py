"""The first use of the lazy package: some attributes need no execution, the others execute it.

Source: the import system's reference, "Loading"; importlib._bootstrap, _ModuleLockManager.
"""

import _frozen_importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Dict, Iterator, Set

VERSION = {"__version__": "version", "version_info": "version_info"}


class Cache:
    """What was read from the package's files."""

    names: Set[str] = set()
    release: Dict[str, Any] = {}
    loading = False


def find(package: Any, name: str) -> Any:
    """Return an attribute of the package. AttributeError: it has none of this name."""
    if name == "get_ipython":
        from _carme.session import current

        return current.get_ipython
    if name in VERSION and not Cache.loading:
        return release(package)[VERSION[name]]
    if Cache.loading or not has_name(package, name):
        raise AttributeError(f"module {package.__name__!r} has no attribute {name!r}")
    return getattr(load(package), name)


def release(package: Any) -> Dict[str, Any]:
    """The names of IPython.core.release, which imports no other module."""
    if not Cache.release:
        path = package.__path__[0] + "/core/release.py"
        with open(path, "rb") as file:
            exec(compile(file.read(), path, "exec"), Cache.release)
    return Cache.release


def has_name(package: Any, name: str) -> bool:
    """Whether the name occurs in the package's file or is a submodule."""
    if not Cache.names:
        Cache.names = set(names_in(package.__loader__.get_code(package.__name__)))
    return name in Cache.names or is_module(package, name)


def names_in(code: CodeType) -> Iterator[str]:
    """The names and strings in compiled code."""
    yield from code.co_names
    for value in code.co_consts:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (frozenset, tuple)):
            yield from (each for each in value if isinstance(each, str))
        elif hasattr(value, "co_names"):
            yield from names_in(value)


def is_module(package: Any, name: str) -> bool:
    """Whether the package has a submodule of this name."""
    from _carme.stand_in.installation import exists

    place = f"{package.__path__[0]}/{name}"
    return name.isidentifier() and (exists(place + ".py") or exists(place + "/__init__.py"))


def load(package: Any) -> Any:
    """Executes the package, once, and returns it."""
    machinery: Any = _frozen_importlib
    with machinery._ModuleLockManager(package.__name__):
        if hasattr(type(package), "is_lazy") and not Cache.loading:
            Cache.loading = package.__spec__._initializing = True
            try:
                package.__spec__.loader.exec_module(package)
            finally:
                Cache.loading = package.__spec__._initializing = False
    return package
