"""Names for the completion of import statements. Nothing is imported.

Directories of sys.path are listed once and again when their time stamp changes.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from _carme.syntax.lexer import Token

_SUFFIXES = (".py", ".pyc", ".so", ".pyd")
# Directory or archive: (time stamp in ns, names of the modules in it).
_listings: dict[str, tuple[int, frozenset[str]]] = {}


def top_level(deadline: float) -> set[str]:
    """Return the names that `import NAME` may find; a part when time.monotonic() is past."""
    names = {name for name in sys.modules if "." not in name}
    names.update(sys.builtin_module_names)
    names.update(getattr(sys, "stdlib_module_names", ()))
    for path in list(sys.path):
        if _late(deadline):
            break
        if isinstance(path, str):
            names |= _listing(path or ".")
    return {name for name in names if name.isidentifier()}


def submodules(package: str, deadline: float) -> set[str]:
    """Return the names of the modules in a package that is imported or on sys.path."""
    begun = package + "."
    loaded = [name[len(begun) :] for name in list(sys.modules) if name.startswith(begun)]
    names = {name for name in loaded if name.isidentifier()}
    for path in _package_paths(package):
        if _late(deadline):
            break
        names |= _listing(path)
    return names


def members(module: str, deadline: float) -> set[str]:
    """Return what `from module import NAME` may find: submodules, and names it defines."""
    names = submodules(module, deadline)
    loaded = sys.modules.get(module)
    if loaded is not None:
        from _carme.help.lookup import names_of

        return names.union(names_of(loaded))
    return names | _defined(module)


def import_target(found: list[Token]) -> tuple[str, str] | None:
    """Return ("module", parent package) or ("member", module) for an import statement.

    `found` is the statement's tokens up to the name being written; None when that is not a name
    that an import looks up (the `as` name, the words of the statement itself).
    """
    words = [text for _, text, _ in found]
    if ":" in words:  # a statement behind `if x:`
        words = words[len(words) - words[::-1].index(":") :]
    if words[:2] == ["%", "aimport"]:
        words = ["import", *(word for word in words[2:] if word != "-")]
    if not words or words[0] not in ("import", "from"):
        return None
    if words[0] == "from" and "import" not in words:
        return ("module", _dotted(words[1:])) if _complete(words[1:]) else None
    if words[-1] in ("import", ",", "(") or words[0] == "import":
        if words[0] == "from":
            name = "".join(words[1 : words.index("import")])
            return "member", name
        last = len(words) - 1 - words[::-1].index(",") if "," in words else 0
        if _complete(words[last + 1 :]):
            return "module", _dotted(words[last + 1 :])
    return None


def _complete(words: list[str]) -> bool:
    """Whether a name may follow: nothing was written yet, or the last word is a dot."""
    return not words or words[-1] == "."


def _dotted(words: list[str]) -> str:
    return "".join(words[:-1])


def _late(deadline: float) -> bool:
    import time

    return time.monotonic() > deadline


def _package_paths(package: str) -> list[str]:
    loaded = sys.modules.get(package)
    if loaded is not None:
        from _carme.help import lookup

        found = lookup.attribute(loaded, "__path__")
        return [] if found is lookup.MISSING else [path for path in found if isinstance(path, str)]
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


def _defined(module: str) -> set[str]:
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


def loaded(module: str) -> object:
    """Return an imported module, or an object without attributes of its own."""
    return sys.modules.get(module, object())
