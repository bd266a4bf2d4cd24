"""The table of magics: registering, finding and running them.

Source: IPython's documentation, "Built-in magic commands".
"""

from importlib import import_module

from _carme.errors.usage import INSTALL, Unknown, UsageError, final
from _carme.session.current import Current, has_ipython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

    Magic = Callable[..., Any]

# magics whose line is not expanded
VERBATIM = frozenset(
    ("background", "time", "timeit", "prun", "debug", "pinfo", "pinfo2", "psearch", "history")
)
NO_EXPANSION = "_ipython_magic_no_var_expand"  # set by IPython's @no_var_expand
MIN_SIMILARITY = 0.75  # of difflib, for a name to be suggested


class Entry:
    """A magic: its function, or where that is."""

    def __init__(self, module: str, function: Any) -> None:
        """function: its name in the module; or the function itself, and module is ""."""
        self.module = module
        self.function = function

    def load(self) -> Magic:
        """Return the function; the first call imports its module."""
        if isinstance(self.function, str):
            self.function = getattr(import_module(self.module), self.function)
        function: Magic = self.function
        return function


kinds: Dict[str, Dict[str, Entry]] = {"line": {}, "cell": {}}  # by kind and name


def register(function: Magic, kind: str = "line", name: Optional[str] = None) -> None:
    """Register a user's magic. kind: "line", "cell" or "line_cell"."""
    if kind not in ("line", "cell", "line_cell"):
        raise ValueError(f'a magic is "line", "cell" or "line_cell", not {kind!r}')
    for each in kind.split("_"):
        kinds[each][name or function.__name__] = Entry("", function)


def names() -> Dict[str, List[str]]:
    """The names by kind, without `%`; also those of IPython if it is installed."""
    from _carme.magics import compatibility

    others = compatibility.IPYTHONS if has_ipython() else {}
    return {kind: sorted({*entries, *others.get(kind, ())}) for kind, entries in kinds.items()}


def find(kind: str, name: str) -> Optional[Magic]:
    """A magic's function, or None."""
    entry = kinds[kind].get(name)
    return None if entry is None else entry.load()


def not_found_error(kind: str, name: str, known: Optional[Dict[str, Any]] = None) -> UsageError:
    """The error for a name that is no magic, with a suggestion. known: magics by kind and name."""
    from difflib import get_close_matches

    from _carme.magics import compatibility

    sign, other, function = ("%", "cell", " function") if kind == "line" else ("%%", "line", "")
    if known is None and name in compatibility.IPYTHONS[kind]:
        return final(f"`{sign}{name}` is a magic of IPython's, which is not installed: {INSTALL}")
    known = kinds if known is None else known
    text = f"{kind.capitalize()} magic{function} `{sign}{name}` not found"
    if name in known[other]:
        spelled = "%" + name if kind == "cell" else "%%" + name
        return final(f"{text} (But {other} magic `{spelled}` exists, did you mean that instead?).")
    is_misplaced = name.startswith("%")  # a cell magic that other lines precede
    close = [] if is_misplaced else get_close_matches(name, list(known[kind]), 1, MIN_SIMILARITY)
    return final(f"{text}. Did you mean `{sign}{close[0]}`?" if close else f"{text}.")


def empty_cell_error(name: str) -> UsageError:
    """The error for a cell magic with an empty cell."""
    text = f"%%{name} is a cell magic, but the cell body is empty."
    if name in kinds["line"]:
        text += f" Did you mean the line magic %{name} (single %)?"
    return final(text)


def expand(name: str, line: str, function: Any = None) -> str:
    """Expand `{expression}` and `$name` in the line, unless the magic gets it verbatim."""
    if getattr(function, NO_EXPANSION, False):
        return line
    if name in VERBATIM or not ("$" in line or "{" in line):
        return line
    from _carme.magics import variable_expansion

    return variable_expansion.expand(line)


def run_line(name: str, line: str) -> Any:
    """Runs `%name line` and returns its value. UsageError: there is no such magic."""
    return run("line", name, line)


def run_cell(name: str, line: str, cell: str) -> Any:
    """Runs `%%name line` with the rest of the cell."""
    return run("cell", name, line, cell)


def run(kind: str, name: str, line: str, *cell: str) -> Any:
    """Runs a magic: this package's for a call that behaves as in IPython, else IPython's.

    IPython also runs a call that this package's refuses with a UsageError.
    """
    entry = kinds[kind].get(name)
    if entry is None:
        return run_in_ipython(kind, name, line, *cell)
    if cell == ("",):
        raise empty_cell_error(name)
    known = is_compatible(entry, kind, name, line)
    if not known and ipython_having(kind, name) is not None:
        return run_in_ipython(kind, name, line, *cell)
    function = entry.load()
    try:
        return function(expand(name, line, function), *cell, **extra_arguments(function, name))
    except UsageError as error:
        if error.is_final:
            raise
        if ipython_having(kind, name) is None:
            hint = f" (IPython may know: {INSTALL})" if isinstance(error, Unknown) else ""
            raise final(f"{error}{hint}") from None
    return run_in_ipython(kind, name, line, *cell)


def is_compatible(entry: Entry, kind: str, name: str, line: str) -> bool:
    """Whether this package's function runs the call: a user's, or one that behaves as IPython's."""
    if not entry.module:
        return True
    from _carme.magics import compatibility

    return compatibility.covers(kind, name, line)


def ipython_having(kind: str, name: str) -> Any:
    """Return IPython's shell if it has this magic, else None."""
    made = Current.shell.take_over()
    return made if made is not None and made.find_magic(name, kind) is not None else None


def run_in_ipython(kind: str, name: str, *values: str) -> Any:
    """Runs a magic of IPython's. UsageError: there is no such magic, or no IPython."""
    made = ipython_having(kind, name)
    if made is None:
        raise not_found_error(kind, name)
    from _carme.run import caller_scope

    if kind == "cell":
        return caller_scope.without_locals(made.run_cell_magic, name, *values)
    return made.run_line_magic(name, *values, _stack_depth=caller_scope.depth())


def extra_arguments(function: Magic, name: str) -> Dict[str, Any]:
    """The keyword arguments of a magic's function.

    `name` if it is marked by @takes_name; local_ns, the caller's names, by @needs_local_scope.
    """
    given: Dict[str, Any] = {"name": name} if getattr(function, "takes_name", False) else {}
    if getattr(function, "needs_local_scope", False):
        from _carme.run import caller_scope

        given["local_ns"] = caller_scope.local_scope()
    return given


def is_line_magic(name: str) -> bool:
    """Whether `name` is a line magic, of this package or of IPython."""
    if name in kinds["line"]:
        return True
    from _carme.magics import compatibility

    return name in compatibility.IPYTHONS["line"]
