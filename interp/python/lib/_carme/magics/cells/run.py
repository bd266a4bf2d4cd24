"""%run FILE.

While a program runs, `__main__` is its own module, as under `python FILE`: unittest, doctest,
pickle, multiprocessing and typing look there.
Source: IPython's documentation, IPython.core.magics.execution; Python's, "Command line and
environment" and runpy.
"""

import os
import re
import sys
import time
from types import CodeType, ModuleType

from _carme.errors import report
from _carme.errors.usage import UsageError
from _carme.magics import options, user_code
from _carme.magics.cells import profiling, timing
from _carme.magics.function import show
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List

    Options = Dict[str, List[str]]  # values by letter

WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""", re.DOTALL)
# set by the import system; the notebook keeps its own
MODULE_ATTRIBUTES = frozenset(
    ("__name__", "__file__", "__builtins__", "__loader__", "__spec__", "__package__", "__cached__")
)


def run(line: str) -> Any:
    """Runs a file as a program, and takes over its names: %run [options] FILE ARGUMENTS.

    -i: in the notebook's namespace. -n: its __name__ is not "__main__". -e: ignores sys.exit().
    -t, -N TIMES: prints its time. -m: FILE is a module's name. -G: does not expand patterns in
    ARGUMENTS. -p: profiles it, with %prun's -l, -s, -r, -T and -D. An .ipy or .ipynb file runs as
    cells of this notebook.
    """
    found, rest = options.take_all(line, "inetmGN:pl:s:rT:D:")
    words = WORD.findall(rest)
    if not words:
        raise UsageError("you must provide at least a filename.")
    name, arguments = options.words(words[0])[0], words[1:]
    given = options.words(" ".join(arguments)) if "G" in found else expanded(arguments)
    if "m" in found:
        return measured(lambda: run_module(name, given, found), found)
    path = file_of(name)
    if not path.lower().endswith((".ipy", ".ipynb")):
        return measured(lambda: run_file(path, given, found), found)
    run_cells(path)
    return None


def file_of(name: str) -> str:
    """The path of a file, also without its extension. UsageError: there is none."""
    path = os.path.expanduser(name)
    for each in (path, path + ".py", path + ".ipynb"):
        if os.path.isfile(each):
            return each
    raise UsageError(f"File `{name!r}` not found.")


def expanded(words: List[str]) -> List[str]:
    """Arguments with ~ and patterns expanded, but not patterns in quotes."""
    from glob import glob

    made: List[str] = []
    for word in words:
        for text in options.words(word):
            path = os.path.expanduser(text)
            is_quoted = '"' in word or "'" in word
            made += [path] if is_quoted else glob(path) or [without_backslashes(path)]
    return made


def without_backslashes(pattern: str) -> str:
    """A pattern without matches, with escaped characters unescaped."""
    return re.sub(r"\\([\\*?!\[\]])", r"\1", pattern)


def measured(call: Callable[[], Any], found: Options) -> Any:
    """Calls it and returns its value; with -t calls it -N times and prints the time."""
    if "t" not in found:
        return call()
    count = options.number({"N": found["N"][0]} if "N" in found else {}, "N", 1)
    if count < 1:
        raise UsageError("Number of runs must be >=1")
    return timed(call, count)


def timed(call: Callable[[], Any], count: int) -> None:
    """Calls it `count` times, and prints the time."""
    wall, before = time.perf_counter(), timing.cpu_times()
    for _ in range(count):
        call()
    used = [after - begun for after, begun in zip(timing.cpu_times(), before)]
    show("\nIPython CPU timings (estimated):")
    if count > 1:
        show(f"Total runs performed: {count}\n  Times  : {'Total':>10}   {'Per run':>10}")
    for name, seconds in zip(("User  ", "System"), used):
        each = f", {seconds / count:10.2f} s." if count > 1 else "."
        show(f"  {name} : {seconds:10.2f} s{each}")
    show(f"Wall time: {time.perf_counter() - wall:10.2f} s.")


class Program:
    """A block in which a module is `__main__`, with a program's sys.argv and sys.path.

    Additions of the program to sys.path stay.
    """

    def __init__(self, module: ModuleType, arguments: List[str], directory: str = "") -> None:
        """The module, sys.argv, and the directory to put first on sys.path, or ""."""
        self.module, self.name = module, module.__name__
        self.arguments, self.directory = arguments, directory

    def __enter__(self) -> None:
        self.kept = sys.argv, sys.modules.get(self.name)
        sys.argv = self.arguments
        sys.modules[self.name] = self.module
        self.adds = bool(self.directory) and self.directory not in sys.path
        if self.adds:
            sys.path.insert(0, self.directory)

    def __exit__(self, *error: object) -> None:
        sys.argv, before = self.kept
        if before is None:
            sys.modules.pop(self.name, None)
        else:
            sys.modules[self.name] = before
        if self.name == "__main__" and "__mp_main__" in sys.modules and before is not None:
            sys.modules["__mp_main__"] = before
        if self.adds and self.directory in sys.path:
            sys.path.remove(self.directory)


class TemporaryNames:
    """A block in which names of the notebook have other values."""

    def __init__(self, **values: str) -> None:
        """The values by name."""
        self.values = values

    def __enter__(self) -> None:
        space = state.namespace
        self.kept = {name: space[name] for name in self.values if name in space}
        space.update(self.values)

    def __exit__(self, *error: object) -> None:
        for name in self.values:
            state.namespace.pop(name, None)
        state.namespace.update(self.kept)


def run_file(path: str, arguments: List[str], found: Options) -> Any:
    """Runs a file as a program and takes over its names."""
    whole = os.path.realpath(path)
    name = os.path.splitext(os.path.basename(path))[0] if "n" in found else "__main__"
    if "i" in found:
        return run_inside(path, name, arguments, found)
    module = ModuleType(name)
    module.__file__ = os.path.abspath(path)
    try:
        with Program(module, [path, *arguments], os.path.dirname(whole)):
            return run_program(lambda: exec(compiled(whole), module.__dict__), found)
    finally:
        take_over(module.__dict__)


def compiled(path: str) -> CodeType:
    """Compile a file."""
    import io

    with io.open_code(path) as file:
        return compile(file.read(), path, "exec", dont_inherit=True)


def run_inside(path: str, name: str, arguments: List[str], found: Options) -> Any:
    """Runs a file in the notebook's namespace, with the program's __name__ during the run."""
    whole, words = os.path.realpath(path), [path, *arguments]
    where = Program(state.main_module, words, os.path.dirname(whole))
    with TemporaryNames(__name__=name, __file__=path), where:
        return run_program(lambda: exec(compiled(whole), state.namespace), found)


def run_program(call: Callable[[], object], found: Options) -> Any:
    """Runs a program. An error is shown and does not fail the cell, as under IPython.

    A SystemExit is shown if its code means failure, unless -e. -p: profiles it, and returns the
    Stats with -r.
    """
    try:
        if "p" in found:
            program = compile("program()", "<string>", "exec")
            return profiling.profiled(program, {"program": call}, found)
        call()
    except SystemExit as end:
        if end.code and "e" not in found:
            report.report(end, silent=False)
    except Exception as error:
        report.report(error, silent=False)
    return None


def take_over(names: Dict[str, Any]) -> None:
    """Copies a program's variables to the notebook."""
    state.namespace.update(
        {name: value for name, value in names.items() if name not in MODULE_ATTRIBUTES}
    )


def run_module(name: str, arguments: List[str], found: Options) -> Any:
    """As `python -m`, in this process."""
    import runpy
    from importlib.util import find_spec

    spec = find_spec(name)
    if spec is None:
        raise UsageError(f"{name!r} is not a valid modulename on sys.path")
    module, made = ModuleType("__main__"), {}
    with Program(module, [spec.origin or name, *arguments]):
        stats = run_program(lambda: made.update(run_as_main(runpy, name)), found)
    take_over(made)
    return stats


def run_as_main(runpy: Any, name: str) -> Dict[str, Any]:
    """Runs a module as `__main__` and returns its variables."""
    made: Dict[str, Any] = runpy.run_module(name, run_name="__main__", alter_sys=True)
    return made


def run_cells(path: str) -> None:
    """Runs an .ipy file or a notebook's code cells as cells of this notebook."""
    whole = os.path.realpath(path)
    with TemporaryNames(__file__=path), Program(
        state.main_module, sys.argv, os.path.dirname(whole)
    ):
        for source in cells_of(whole):
            user_code.run_text(source)


def cells_of(path: str) -> List[str]:
    """The code cells of a notebook (nbformat 3 and 4), or the text of another file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not path.lower().endswith(".ipynb"):
        return [text]
    import json

    notebook = json.loads(text)
    sheets = notebook.get("worksheets") or [notebook]
    cells = [cell for sheet in sheets for cell in sheet.get("cells", ())]
    sources = [
        cell.get("source", cell.get("input", "")) for cell in cells if cell["cell_type"] == "code"
    ]
    return [source if isinstance(source, str) else "".join(source) for source in sources]
