"""%autoreload: modules whose source has changed are brought up to date before a cell runs.

Source: IPython's documentation, "autoreload"; importlib.reload.
"""

import os
import sys
from _weakref import ref
from importlib import reload
from types import ModuleType

from _carme.reload import object_update
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set

OFF, EXPLICIT, ALL, COMPLETE = range(4)
# what a module keeps when it is executed anew
KEPT = ("__name__", "__loader__")
# names of a module that are not its content
ATTRIBUTES = frozenset(
    ("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__file__", "__cached__")
) | {"__builtins__"}
LIBRARY = os.path.dirname(os.__file__) + os.sep


class Chosen:
    """What is looked at, and how."""

    mode = OFF
    whole = False  # modules are executed anew in any case
    printed = logged = hidden = False
    wanted: Set[str] = set()
    left: Set[str] = set()


class Seen:
    """The modules as they were imported, or last brought up to date."""

    times: Dict[str, int] = {}  # module to its source's time stamp in ns
    failed: Dict[str, int] = {}  # the time stamp with which a reload has failed
    sources: Dict[str, bytes] = {}
    count = 0  # of sys.modules
    imports: Dict[str, Dict[str, List[str]]] = {}  # of cells: module, name in it, names in cells


def start() -> None:
    """The extension is loaded: from here on it is known which source a module was made from."""
    state.State.after_cell = after_cell
    note_all()


def set_mode(mode: int) -> None:
    """From the next cell on."""
    start()
    Chosen.mode = mode
    state.State.before_cell = check if mode else None


def after_cell() -> None:
    """Modules that the cell has imported; for mode 3, what it has imported from which."""
    if len(sys.modules) != Seen.count:
        note_all()
    if Chosen.mode == COMPLETE:
        from _carme.reload import from_imports

        from_imports.note(Seen.imports, (state.namespace.get("In") or [""])[-1])


def note_all() -> None:
    """Modules that are not known yet."""
    for module in list(sys.modules.values()):
        note(module)
    Seen.count = len(sys.modules)


def note(module: Any) -> None:
    """The module is as its source is at this time."""
    path = source_of(module)
    if path is None or module.__name__ in Seen.times:
        return
    found = stamp(path)
    if found is not None:
        Seen.times[module.__name__] = found
        if not path.startswith(LIBRARY) and "-packages" not in path:
            Seen.sources[module.__name__] = content(path)


def source_of(module: Any) -> Optional[str]:
    """The module's source file; None for what can not be reloaded."""
    path = getattr(module, "__file__", None)
    name = getattr(module, "__name__", "__main__")
    if not isinstance(path, str) or name in ("__main__", "__mp_main__") or not path.endswith(".py"):
        return None
    return path if isinstance(name, str) else None


def stamp(path: str) -> Optional[int]:
    """When the file was changed."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def content(path: str) -> bytes:
    """The source; nothing if it can not be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def check(force: bool = False) -> None:
    """Brings up to date what has changed. What can not be stays as it was, and is told once."""
    everything = Chosen.mode >= ALL or force
    for name, module in list(sys.modules.items()):
        if name in Chosen.left or not (everything or name in Chosen.wanted):
            continue
        path = source_of(module)
        found = stamp(path) if path is not None else None
        if path is None or found is None:
            continue
        if Seen.times.setdefault(name, found) != found and Seen.failed.get(name) != found:
            renew(module, name, path, found)


def renew(module: ModuleType, name: str, path: str, found: int) -> None:
    """Brings one up to date."""
    tell(f"Reloading '{name}'.")
    before, Seen.sources[name] = Seen.sources.get(name, b""), content(path)
    try:
        if not edit(module, before, Seen.sources[name], path):
            execute(module)
    except Exception:
        Seen.failed[name] = found
        Seen.sources[name] = before
        if not Chosen.hidden:
            tell_failure(name, path)
        return
    Seen.times[name] = found


def edit(module: ModuleType, before: bytes, after: bytes, path: str) -> bool:
    """Makes the edits in the module that is there. False: they are not of that kind."""
    if Chosen.whole or Chosen.mode == COMPLETE or not before:
        return False
    import ast

    from _carme.reload import module_diff

    try:
        tree = ast.parse(after)
        found = module_diff.compare(ast.parse(before), tree)
        if found is not None:
            module_diff.apply(found, module, path, module_diff.future_flags(tree))
    except Exception:
        return False
    return found is not None


def execute(module: ModuleType) -> None:
    """Executes the module anew, without what it has held but its submodules.

    If that raises, it holds it again.
    """
    names = vars(module)
    before = dict(names)
    names.clear()
    names.update((key, before[key]) for key in KEPT if key in before)
    try:
        reload(module)
    except BaseException:
        names.update(before)
        raise
    for name, value in before.items():
        if isinstance(value, ModuleType) and sys.modules.get(f"{module.__name__}.{name}") is value:
            names.setdefault(name, value)
    object_update.replace_all(before, module)
    if Chosen.mode == COMPLETE:
        push(module, before)


def push(module: ModuleType, before: Dict[str, Any]) -> None:
    """The cells get what is new in the module, or what they have imported from it."""
    imported = Seen.imports.get(module.__name__)
    for name, value in list(vars(module).items()):
        if name == "Enum" or is_definition(before.get(name), module):
            continue
        if name in ATTRIBUTES and getattr(value, "__module__", None) != module.__name__:
            continue
        if imported and "*" not in imported and name not in imported:
            continue
        for bound in (imported or {}).get(name, [name]):
            state.namespace[bound] = value


def is_definition(value: Any, module: ModuleType) -> bool:
    """What has an identity of its own and is the module's."""
    try:
        ref(value)
    except TypeError:
        return False
    return getattr(value, "__module__", None) == module.__name__


def tell(text: str) -> None:
    """As the options --print and --log say."""
    if Chosen.printed:
        print(text)
    if Chosen.logged:
        import logging

        logging.getLogger("autoreload").info(text)


def tell_failure(name: str, path: str) -> None:
    """The error that is being handled."""
    import logging
    from traceback import format_exc

    logger = logging.getLogger("autoreload")
    logger.exception(f"Failed to reload module '{name}' from file '{path}'")
    sys.stderr.write(f"[autoreload of {name} failed: {format_exc(10)}]\n")
