"""%run FILE.

Source: IPython's documentation, IPython.core.magics.execution.
"""

import os
import sys
import time

from _carme import shell
from _carme.magics import code, options, timing
from _carme.magics.table import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict


def run(line: str) -> None:
    """Runs a file as a program, and keeps its names: %run [-i -n -e -t -m] FILE ARGUMENTS.

    -i: in the notebook's namespace. -n: its __name__ is not "__main__". -e: sys.exit() is passed
    over. -t: tells its time. -m: FILE is a module's name. A notebook's cells run here.
    """
    found, rest = options.take(line, "inetm", ())
    words = options.words(rest)
    if not words:
        raise UsageError("%run: which file?")
    begun = time.perf_counter(), timing.used()
    if "m" in found:
        run_module(words)
    elif words[0].endswith(".ipynb"):
        run_notebook(file_of(words[0]))
    else:
        run_file(file_of(words[0]), words, found)
    if "t" in found:
        timing.report(begun[1], time.perf_counter() - begun[0], 0)


def file_of(name: str) -> str:
    """The file, also without its .py. UsageError where there is none."""
    path = os.path.expanduser(name)
    for each in (path, path + ".py", path + ".ipynb"):
        if os.path.isfile(each):
            return each
    raise UsageError(f"%run: file {name!r} not found")


class Program:
    """sys.argv and sys.path as a program finds them; sys.modules' __main__ stays the notebook's."""

    def __init__(self, path: str, arguments: Any) -> None:
        """The program's file, or what -m names, and its arguments with its own name first."""
        self.path, self.arguments = path, arguments

    def __enter__(self) -> None:
        self.kept = sys.argv, list(sys.path)
        sys.argv = list(self.arguments)
        sys.path.insert(0, os.path.dirname(os.path.abspath(self.path)))

    def __exit__(self, *error: object) -> None:
        sys.argv, sys.path[:] = self.kept


def run_file(path: str, words: Any, found: Dict[str, str]) -> None:
    """Runs it and takes its names over."""
    import io

    with io.open_code(os.path.abspath(path)) as file:
        program = compile(file.read(), path, "exec", dont_inherit=True)
    given: Dict[str, Any] = shell.namespace if "i" in found else {"__builtins__": __builtins__}
    kept: Dict[str, Any] = {
        name: shell.namespace[name] for name in ("__name__", "__file__") if name in shell.namespace
    }
    stem = os.path.splitext(os.path.basename(path))[0]
    given.update(__name__=stem if "n" in found else "__main__", __file__=path)
    try:
        with Program(path, words):
            exec(program, given)
    except SystemExit as end:
        if "e" not in found and end.code not in (None, 0):
            raise
    finally:
        shell.namespace.update(
            {name: value for name, value in given.items() if not name.startswith("__")}
        )
        shell.namespace.pop("__file__", None)
        shell.namespace.update(kept)


def run_module(words: Any) -> None:
    """As `python -m`, within this process."""
    import runpy

    with Program("", words):
        made = runpy.run_module(words[0], run_name="__main__", alter_sys=False)
    shell.namespace.update(
        {name: value for name, value in made.items() if not name.startswith("__")}
    )


def run_notebook(path: str) -> None:
    """Runs its code cells here, one after the other."""
    import json

    with open(path, encoding="utf-8") as file:
        notebook = json.load(file)
    for cell in notebook.get("cells", ()):
        if cell.get("cell_type") == "code":
            source = cell["source"]
            code.run_text(source if isinstance(source, str) else "".join(source))
