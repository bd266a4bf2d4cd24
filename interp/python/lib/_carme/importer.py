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

    native: Any


class Importer:
    """Finds and loads the embedded modules."""

    @staticmethod
    def find_spec(
        name: "str", path: "Optional[Sequence[str]]" = None, target: "Optional[ModuleType]" = None
    ) -> "Optional[ModuleSpec]":
        """The spec of `_carme.NAME`, or None."""
        if not name.startswith("_carme.") or native.source(name[7:]) is None:
            return None
        return ModuleSpec(name, Importer, origin="<carme " + name[7:] + ">")

    @staticmethod
    def create_module(spec: "ModuleSpec") -> None:
        """An ordinary module."""

    @staticmethod
    def exec_module(module: "ModuleType") -> None:
        """Compiles and runs the module's source."""
        name = module.__name__[7:]
        exec(compile(native.source(name), f"<carme {name}>", "exec", 0, True), module.__dict__)


class Watcher:
    """Calls back once after the first import of a module that is watched for."""

    def __init__(self) -> None:
        """Nothing is watched for yet."""
        self.waiting: Dict[str, Callable[[], object]] = {}

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
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                self.wrap(spec, call)
                return spec
        self.waiting[name] = call
        return None

    @staticmethod
    def wrap(spec: "ModuleSpec", call: "Callable[[], object]") -> None:
        """Replaces the loader's exec_module for this one module."""
        loader = spec.loader

        class Loader:
            """The module's own loader, and the call behind it."""

            def __getattr__(self, name: "str") -> "Any":
                return getattr(loader, name)

            def create_module(self, spec: "ModuleSpec") -> "Any":
                return loader.create_module(spec)

            def exec_module(self, module: "ModuleType") -> None:
                module.__loader__ = spec.loader = loader
                loader.exec_module(module)
                call()

        spec.loader = Loader()


native.watcher = Watcher()
sys.meta_path.insert(0, native.watcher)
sys.meta_path.append(Importer)
