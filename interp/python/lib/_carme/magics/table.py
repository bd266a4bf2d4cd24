"""Which magics there are, where their functions are, and how one is run.

Source: IPython's documentation, "Built-in magic commands".
"""

import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

    Magic = Callable[..., Any]

# module to the names of its line magics, cell magics, and those that are both; a name may stand
# for another function: alias=function
FAMILIES: Dict[str, Tuple[str, str, str]] = {
    "about": (
        "lsmagic magic=lsmagic quickref=lsmagic pinfo pinfo2 pdoc psource pfile psearch config "
        "precision automagic colors",
        "",
        "",
    ),
    "awaiting": ("autoawait", "", "background"),
    "capture": ("", "capture", ""),
    "commands": ("sc", "", "sx system=sx"),
    "debugging": ("debug pdb tb xmode", "", ""),
    "extensions": ("load_ext reload_ext unload_ext autoreload aimport", "", ""),
    "files": ("load save pycat more=pycat less=pycat", "writefile file=writefile", ""),
    "packages": ("pip conda mamba=conda micromamba=conda uv", "", ""),
    "past": ("history hist=history recall rep=recall rerun macro", "", ""),
    "places": (
        "cd pwd pushd popd dirs env set_env ls=listed ll=listed mkdir=unix rmdir=unix cp=unix "
        "mv=unix rm=unix cat=unix man=unix",
        "",
        "",
    ),
    "plotting": ("matplotlib pylab", "", ""),
    "rich": ("", "html javascript js=javascript latex markdown svg", ""),
    "running": ("run", "", ""),
    "scripts": (
        "killbgscripts",
        "script python python3=python bash=named sh=named perl=named ruby=named pypy=named",
        "",
    ),
    "timing": ("", "", "time timeit prun"),
    "variables": ("who who_ls whos reset reset_selective xdel", "", ""),
}
# what is not looked into for {name} and $name
VERBATIM = frozenset(
    ("background", "time", "timeit", "prun", "debug", "pinfo", "pinfo2", "psearch", "history")
)
NO_EXPANSION = "_ipython_magic_no_var_expand"  # set by IPython's @no_var_expand
CLOSE = 0.6  # how alike a name must be to be proposed


class UsageError(Exception):
    """A magic was called in a wrong way; the text says in which."""


class Entry:
    """One magic: a function, or where it is."""

    def __init__(self, module: str, function: Any) -> None:
        """`function` is a name in the module, or the function itself."""
        self.module = module
        self.function = function

    def load(self) -> Magic:
        """The function; its module is imported with the first call."""
        if isinstance(self.function, str):
            self.function = getattr(import_module("_carme.magics." + self.module), self.function)
        function: Magic = self.function
        return function


def read_families() -> Dict[str, Dict[str, Entry]]:
    """The magics of this package, by kind and name."""
    found: Dict[str, Dict[str, Entry]] = {"line": {}, "cell": {}}
    for module, (line, cell, both) in FAMILIES.items():
        for kind, words in (("line", line), ("cell", cell), ("line", both), ("cell", both)):
            for word in words.split():
                name, _, function = word.partition("=")
                found[kind][name] = Entry(module, function or name)
    return found


kinds = read_families()


def register(function: Magic, kind: str = "line", name: Optional[str] = None) -> None:
    """A magic of the user's: kind is "line", "cell" or "line_cell"."""
    if kind not in ("line", "cell", "line_cell"):
        raise ValueError(f'a magic is "line", "cell" or "line_cell", not {kind!r}')
    for each in kind.split("_"):
        kinds[each][name or function.__name__] = Entry("", function)


def names() -> Dict[str, List[str]]:
    """The names by kind, without their signs."""
    return {kind: sorted(entries) for kind, entries in kinds.items()}


def find(kind: str, name: str) -> Optional[Magic]:
    """A magic's function, or None."""
    entry = kinds[kind].get(name)
    return None if entry is None else entry.load()


def missing(kind: str, name: str, known: Optional[Dict[str, Any]] = None) -> UsageError:
    """What to say of a name that is no magic; known: those that there are, by kind and name."""
    known = kinds if known is None else known
    from difflib import get_close_matches

    sign, other = ("%", "cell") if kind == "line" else ("%%", "line")
    text = f"{kind.capitalize()} magic function `{sign}{name}` not found"
    close = get_close_matches(name, list(known[kind]), 1, CLOSE)
    if name in known[other]:
        spelled = "%" + name if kind == "cell" else "%%" + name
        return UsageError(f"{text} (but {other} magic `{spelled}` exists: did you mean that?).")
    if close:
        return UsageError(f"{text}. Did you mean `{sign}{close[0]}`?")
    return UsageError(f"{text}.")


def expanded(name: str, line: str, function: Any = None) -> str:
    """The line with the values of `{expression}` and `$name`, unless the magic wants it bare."""
    if getattr(function, NO_EXPANSION, False):
        return line
    if name in VERBATIM or not ("$" in line or "{" in line):
        return line
    from _carme.magics import expansion

    return expansion.expand(line)


def run_line(name: str, line: str) -> Any:
    """Runs `%name line` and returns its value. UsageError when there is none of that name."""
    function = find("line", name)
    if function is None:
        return with_ipython("line", name, line)
    return function(expanded(name, line, function), **where(function, name))


def run_cell(name: str, line: str, cell: str) -> Any:
    """Runs `%%name line` with the rest of the cell."""
    function = find("cell", name)
    if function is None:
        return with_ipython("cell", name, line, cell)
    return function(expanded(name, line, function), cell, **where(function, name))


def with_ipython(kind: str, name: str, *values: str) -> Any:
    """A magic that IPython has, where it is installed. UsageError: nor has it one of that name."""
    from _carme.ipython import adoption

    made = adoption.adopt()
    if made is None or made.find_magic(name, kind) is None:
        raise missing(kind, name)
    from _carme.magics import scope

    if kind == "cell":
        return scope.without_locals(made.run_cell_magic, name, *values)
    return made.run_line_magic(name, *values, _stack_depth=scope.depth())


def where(function: Magic, name: str) -> Dict[str, Any]:
    """Functions that stand for several names are told which was used.

    Those that IPython's needs_local_scope marks get the caller's names as local_ns.
    """
    given: Dict[str, Any] = {"name": name} if getattr(function, "by_name", False) else {}
    if getattr(function, "needs_local_scope", False):
        from _carme.magics import scope

        given["local_ns"] = scope.local_scope()
    return given


def by_name(function: Magic) -> Magic:
    """Marks a function that takes `name`."""
    function.by_name = True  # type: ignore[attr-defined]
    return function


def is_line_magic(name: str) -> bool:
    """Whether `name …` may stand for `%name …`."""
    return name in kinds["line"]


def show(text: str) -> None:
    """Writes a line to the cell."""
    sys.stdout.write(text + "\n")
