"""What is slow to import is imported when it is needed."""

import subprocess
import sys
import textwrap

from carme_package import LIB


def test_modules_are_imported_late():
    """Importing complete brings in none of the modules that are slow to import."""
    code = f"""
        import os, sys, types
        def source(name):
            path = os.path.join({str(LIB)!r}, name.replace(".", "/") + ".py")
            return open(path, "rb").read() if os.path.exists(path) else None
        package = sys.modules["_carme"] = types.ModuleType("_carme")
        package.__path__, package.source = [], source
        exec(source("importer"), dict(native=package))
        before = set(sys.modules)
        import _carme.display.pretty, _carme.display.bundles
        assert not set(sys.modules) & {{'re', 'inspect', 'typing'}}, sorted(sys.modules)
        import _carme.help.completion.completer, _carme.help.inspection.inspector
        import _carme.errors.tracebacks
        loaded = set(sys.modules) - before
        assert not loaded & {{'inspect', 'ast', 'tokenize', 'typing', 'linecache'}}, loaded
    """
    subprocess.run([sys.executable, "-I", "-S", "-c", textwrap.dedent(code)], check=True)
