"""Imports `_carme.NAME` from the sources in the native module, and tells who waits for an import.

Run once, with `native` (the module _carme) in its namespace, before anything else of the Python
half. Source: PEP 451, PEP 302.
"""

import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Dict, Optional, Sequence

    native: Any = None

# CO_FUTURE_ANNOTATIONS (PEP 563): as `from __future__ import annotations`, without that import
ANNOTATIONS = 0x1000000 if sys.version_info >= (3, 8, 2) else 0x100000


class Importer:
    """Finds and loads the embedded modules; `carme`, unless one is installed, is `public`."""

    def find_spec(
        self,
        name: "str",
        path: "Optional[Sequence[str]]" = None,
        target: "Optional[ModuleType]" = None,
    ) -> "Optional[ModuleSpec]":
        """The spec of `_carme.NAME`, or None."""
        if name == "carme":
            return ModuleSpec(name, self, origin="<carme public>")  # type: ignore[arg-type]
        if name in ("IPython", "IPython.display"):  # none is installed: this finder is the last
            from _carme import standin

            return standin.find_spec(name)
        if not name.startswith("_carme."):
            return None
        loader: "Any" = self
        for source in (name[7:], name[7:] + ".__init__"):
            if native.source(source) is not None:
                origin = "<carme " + source + ">"
                return ModuleSpec(name, loader, origin=origin, is_package=source != name[7:])
        return None

    def create_module(self, spec: "ModuleSpec") -> None:
        """An ordinary module."""

    def exec_module(self, module: "ModuleType") -> None:
        """Compiles and runs the module's source."""
        spec: "Any" = module.__spec__
        source = native.source(spec.origin[7:-1])
        code = compile(source, spec.origin, "exec", ANNOTATIONS, True)
        exec(code, module.__dict__)


class WatchedLoader:
    """A module's own loader, with a call behind the module's execution."""

    def __init__(self, spec: "ModuleSpec", call: "Callable[[], object]") -> None:
        """Takes the place of the spec's loader."""
        self.spec = spec
        self.loader: "Any" = spec.loader
        self.call = call
        spec.loader = self  # type: ignore[assignment]

    def __getattr__(self, name: "str") -> "Any":
        return getattr(self.loader, name)

    def create_module(self, spec: "ModuleSpec") -> "Any":
        """As the loader does."""
        return self.loader.create_module(spec)

    def exec_module(self, module: "ModuleType") -> None:
        """As the loader does, which is in its own place again; then the call."""
        module.__loader__ = self.spec.loader = self.loader
        self.loader.exec_module(module)
        self.call()


class Watcher:
    """Calls back once after the first import of a module that is watched for."""

    def __init__(self) -> None:
        """Nothing is watched for yet."""
        self.waiting: "Dict[str, Callable[[], object]]" = {}

    def after(self, name: "str", call: "Callable[[], object]") -> None:
        """Calls once the module is imported; at once where it is."""
        if name in sys.modules:
            call()
        else:
            self.waiting[name] = call

    def find_spec(
        self, name: "str", path: "Optional[Sequence[str]]", target: "Optional[ModuleType]" = None
    ) -> "Optional[ModuleSpec]":
        """Lets the other finders find it, and puts the call behind its execution."""
        call = self.waiting.pop(name, None)
        if call is None:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec: "Optional[ModuleSpec]" = None
            if find is not None and not isinstance(finder, (Watcher, Importer)):
                spec = find(name, path, target)
            if spec is not None:
                WatchedLoader(spec, call)
                return spec
        self.waiting[name] = call
        return None


native.watcher = Watcher()
sys.meta_path[:0] = [native.watcher]
sys.meta_path += [Importer()]
