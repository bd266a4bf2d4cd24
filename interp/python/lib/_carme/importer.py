"""Imports `_carme.NAME` from the native module, and calls back when a watched module is imported.

Run once, before the rest of the Python half, with `native` (the module _carme) in its namespace.
Source: PEP 451, PEP 302.
"""

import _frozen_importlib
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Dict, Optional, Sequence

    native: Any = None

bootstrap: "Any" = _frozen_importlib

# CO_FUTURE_ANNOTATIONS (PEP 563): as `from __future__ import annotations`, without that import
ANNOTATIONS = 0x1000000 if sys.version_info >= (3, 8, 2) else 0x100000


class Importer:
    """Finds and loads the embedded modules; `carme`, unless one is installed, is public_api."""

    def find_spec(
        self,
        name: "str",
        path: "Optional[Sequence[str]]" = None,
        target: "Optional[ModuleType]" = None,
    ) -> "Optional[ModuleSpec]":
        """The spec of `_carme.NAME`, or None."""
        if name == "carme":
            return ModuleSpec(name, self, origin="<carme public_api>")  # type: ignore[arg-type]
        if name.partition(".")[0] in native.stand_ins:  # not installed: this finder is the last
            spec: "Optional[ModuleSpec]" = native.stand_ins[name.partition(".")[0]](name)
            return spec
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
        """Executes the code compiled at build time, if by the same Python, or the source."""
        spec: "Any" = module.__spec__
        name = spec.origin[7:-1]
        made = None if sys.flags.optimize else native.source(name + "@" + MAGIC_NUMBER.hex())
        code = (
            compile(native.source(name), spec.origin, "exec", ANNOTATIONS, True)
            if made is None
            else loads(made)
        )
        exec(code, module.__dict__)


class Watcher:
    """Calls a function after each execution of a watched module: an import, reload or lazy load.

    Looking for the module's spec does not execute it. The module is not changed.
    """

    def __init__(self) -> None:
        """No module is watched."""
        self.calls: "Dict[str, Callable[[], object]]" = {}

    def after(self, name: "str", call: "Callable[[], object]") -> None:
        """Calls `call` each time the module has been executed, and at once if it is imported."""
        self.calls[name] = call
        if name in sys.modules:
            call()

    def executed(self, target: "Any") -> None:
        """Calls the watcher of `target`, an executed module or its dictionary; ignores the rest."""
        space = target if type(target) is dict else getattr(target, "__dict__", None)
        name: "Any" = space.get("__name__") if type(space) is dict else None
        call = self.calls.get(name)
        if call is not None and getattr(sys.modules.get(name), "__dict__", None) is space:
            call()


def _call_with_frames_removed(f: "Any", *args: "Any", **kwds: "Any") -> "Any":
    """As importlib's function of this name, by which its loaders execute modules."""
    value = f(*args, **kwds)
    if args:
        native.watcher.executed(args[-1])
    return value


def hide_frames(function: "Any", original: "Any") -> None:
    """Hides a function that replaces one of importlib's from tracebacks, as importlib's own are.

    Source: Python/import.c, remove_importlib_frames(), which recognizes them by the file name.
    """
    file = original.__code__.co_filename
    function.__code__ = function.__code__.replace(co_filename=file)


native.watcher = Watcher()
native.stand_ins = {}  # find_spec() of packages that may not be installed, by name
native.hide_frames = hide_frames
hide_frames(_call_with_frames_removed, bootstrap._call_with_frames_removed)
bootstrap._call_with_frames_removed = _call_with_frames_removed
sys.meta_path += [Importer()]
