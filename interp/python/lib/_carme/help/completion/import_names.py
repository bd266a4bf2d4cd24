"""Completions of the names in an import statement. Nothing is imported.

The listing of a directory of sys.path is kept until the directory's modification time changes.
"""

import sys

from _carme.help import guarded_eval, object_kinds
from _carme.help.completion.matches import Completions, Match, names_beginning_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from _carme.syntax.cursor_context import CursorContext
    from _carme.syntax.lexer import Token

_SUFFIXES = (".py", ".pyc", ".so", ".pyd")
# directory or archive to (modification time in ns, names of the modules in it)
_listings: dict[str, tuple[int, frozenset[str]]] = {}


def complete(
    target: tuple[str, str], context: CursorContext, before: str, deadline: float
) -> Completions:
    """Return the completions of an import_target(), submodules with their package's name."""
    what, module = target
    if what == "member":
        return Completions(context.start, _members(module, context.fragment, deadline))
    names = submodules(module, deadline) if module else top_level(deadline)
    package = module + "." if module and not module.startswith(".") else ""
    start = context.start - len(package)
    if before[start : context.start] != package:
        start, package = context.start, ""
    found = names_beginning_with(names, context.fragment)
    return Completions(start, [Match(package + name, "module") for name in found])


def _members(module: str, fragment: str, deadline: float) -> list[Match]:
    matches = []
    for name in names_beginning_with(members(module, deadline), fragment):
        steps = [("value", sys.modules.get(module, object())), ("attribute", name)]
        value = guarded_eval.evaluate_guarded(steps, {})
        kind = "module" if value is object_kinds.MISSING else object_kinds.kind_of(value)
        matches.append(Match(name, kind, value))
    return matches


def top_level(deadline: float) -> set[str]:
    """Return the names that `import NAME` may find, only some if `deadline` is reached.

    `deadline` is a time.monotonic(), here and below.
    """
    names = {name for name in sys.modules if "." not in name}
    names.update(sys.builtin_module_names)
    names.update(getattr(sys, "stdlib_module_names", ()))
    for path in list(sys.path):
        if _is_past(deadline):
            break
        if isinstance(path, str):
            names |= _listing(path or ".")
    return {name for name in names if name.isidentifier()}


def submodules(package: str, deadline: float) -> set[str]:
    """Return the names of the modules in a package that is imported or on sys.path."""
    prefix = package + "."
    loaded = [name[len(prefix) :] for name in list(sys.modules) if name.startswith(prefix)]
    names = {name for name in loaded if name.isidentifier()}
    for path in _package_paths(package):
        if _is_past(deadline):
            break
        names |= _listing(path)
    return names


def members(module: str, deadline: float) -> set[str]:
    """Return what `from module import NAME` may find: submodules, and the module's names."""
    names = submodules(module, deadline)
    loaded = sys.modules.get(module)
    if loaded is not None:
        return names.union(guarded_eval.names_of(loaded))
    return names | _names_in_source(module)


def import_target(found: list[Token]) -> tuple[str, str] | None:
    """Return ("module", parent package) or ("member", module) for an import statement.

    `found` is the statement's tokens before the name that is being typed. None: that name is not
    imported (it follows `as`, or is a keyword of the statement).
    """
    words = [text for _, text, _ in found]
    if ":" in words:  # a statement behind `if x:`
        words = words[len(words) - words[::-1].index(":") :]
    if words[:2] == ["%", "aimport"]:
        words = ["import", *(word for word in words[2:] if word != "-")]
    if not words or words[0] not in ("import", "from"):
        return None
    if words[0] == "from" and "import" not in words:
        return ("module", _dotted(words[1:])) if _name_may_follow(words[1:]) else None
    if words[-1] in ("import", ",", "(") or words[0] == "import":
        if words[0] == "from":
            name = "".join(words[1 : words.index("import")])
            return "member", name
        last = len(words) - 1 - words[::-1].index(",") if "," in words else 0
        if _name_may_follow(words[last + 1 :]):
            return "module", _dotted(words[last + 1 :])
    return None


def _name_may_follow(words: list[str]) -> bool:
    """Whether a name may follow: nothing was written yet, or the last word is a dot."""
    return not words or words[-1] == "."


def _dotted(words: list[str]) -> str:
    return "".join(words[:-1])


def _is_past(deadline: float) -> bool:
    import time

    return time.monotonic() > deadline


def _package_paths(package: str) -> list[str]:
    loaded = sys.modules.get(package)
    if loaded is not None:
        found = guarded_eval.attribute(loaded, "__path__")
        known = () if found is object_kinds.MISSING else found
        return [path for path in known if isinstance(path, str)]
    import os

    parent, _, name = package.rpartition(".")
    bases: Iterable[str] = _package_paths(parent) if parent else sys.path
    paths = [os.path.join(base or ".", name) for base in bases if isinstance(base, str)]
    return [path for path in paths if os.path.isdir(path)]


def _listing(path: str) -> frozenset[str]:
    import os

    try:
        stamp = os.stat(path).st_mtime_ns
        known = _listings.get(path)
        if known is None or known[0] != stamp:
            found = _in_directory(path) if os.path.isdir(path) else _in_archive(path)
            known = _listings[path] = (stamp, frozenset(found))
    except (OSError, ImportError, ValueError):
        return frozenset()
    return known[1]


def _in_directory(path: str) -> Iterator[str]:
    import os

    with os.scandir(path) as entries:
        for entry in entries:
            name, dot, _ = entry.name.partition(".")
            if not name.isidentifier() or name in ("__pycache__", "__init__"):
                continue
            if (dot and entry.name.endswith(_SUFFIXES)) or (not dot and _is_package(entry)):
                yield name


def _is_package(entry: os.DirEntry[str]) -> bool:
    """Whether a directory holds modules, with an __init__.py or as a namespace package."""
    import os

    if not entry.is_dir():
        return False
    if os.path.exists(os.path.join(entry.path, "__init__.py")):
        return True
    try:
        with os.scandir(entry.path) as entries:
            return any(inner.name.endswith(_SUFFIXES) for inner in entries)
    except OSError:
        return False


def _in_archive(path: str) -> Iterator[str]:
    import pkgutil

    return (module.name for module in pkgutil.iter_modules([path]))


def _names_in_source(module: str) -> set[str]:
    """Return the names that the source of a module binds at its top level."""
    import os
    import re

    parent, _, name = module.rpartition(".")
    bases: Iterable[str] = _package_paths(parent) if parent else sys.path
    pattern = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)|(\w+)\s*(?::[^=\n]+)?=(?!=)")
    for base in bases:
        for tail in (name + ".py", os.path.join(name, "__init__.py")):
            try:
                with open(os.path.join(base, tail), encoding="utf-8", errors="replace") as file:
                    lines = file.read(1 << 20).split("\n")
            except (OSError, TypeError, ValueError):
                continue
            found = filter(None, map(pattern.match, lines))
            return {match.group(1) or match.group(2) for match in found}
    return set()
