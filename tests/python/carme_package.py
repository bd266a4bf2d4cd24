"""Makes `_carme` importable from its .py files, by its own importer, without the native module."""

import sys
import types
from pathlib import Path

LIB = Path(__file__).resolve().parents[2] / "interp" / "python" / "lib" / "_carme"


def source(name):
    path = LIB / (name.replace(".", "/") + ".py")
    return path.read_bytes() if path.exists() else None


if "_carme" not in sys.modules:
    package = types.ModuleType("_carme")
    package.__path__ = []
    package.source = source
    sys.modules["_carme"] = package
    exec(compile(source("importer"), "<carme importer>", "exec"), {"native": package})
    from _carme.session.current import Current

    Current.shell.magic_names = lambda: {"line": ["zz_line"], "cell": ["zz_cell"]}
