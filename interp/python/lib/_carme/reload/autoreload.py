"""%autoreload: modules whose source has changed are reloaded before a cell runs.

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
# attributes that a module keeps when it is executed again
KEPT = ("__name__", "__loader__")
# attributes that the import system sets
ATTRIBUTES = frozenset(
    ("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__file__", "__cached__")
) | {"__builtins__"}
LIBRARY = os.path.dirname(os.__file__) + os.sep


class Options:
    """The options of %autoreload and %aimport."""

    mode = OFF
    full = False  # every changed module is executed again as a whole
    is_printed = is_logged = hides_errors = False
    included: Set[str] = set()  # the modules of mode EXPLICIT
    excluded: Set[str] = set()  # modules that are never reloaded


class Known:
    """The source of each module when it was imported or last reloaded."""

    times: Dict[str, int] = {}  # module to the modification time of its source in ns
    failed: Dict[str, int] = {}  # module to the modification time with which its reload failed
    sources: Dict[str, bytes] = {}
    count = 0  # of sys.modules
    from_imports: Dict[str, Dict[str, List[str]]] = {}  # see from_imports.note()


def start() -> None:
    """Loads the extension: from now on the source of each imported module is kept."""
    state.State.after_cell = after_cell
    note_all()


def set_mode(mode: int) -> None:
    """Sets the mode, from the next cell on."""
    start()
    Options.mode = mode
    state.State.before_cell = check if mode else None


def after_cell() -> None:
    """Keeps the sources of modules that the cell has imported; in mode 3, its from-imports."""
    if len(sys.modules) != Known.count:
        note_all()
    if Options.mode == COMPLETE:
        from _carme.reload import from_imports

        from_imports.note(Known.from_imports, (state.namespace.get("In") or [""])[-1])


def note_all() -> None:
    """Keeps the sources of all modules that are not known yet."""
    for module in list(sys.modules.values()):
        note(module)
    Known.count = len(sys.modules)


def note(module: Any) -> None:
    """Keeps the source of a module that has just been imported."""
    path = source_of(module)
    if path is None or module.__name__ in Known.times:
        return
    found = modification_time(path)
    if found is not None:
        Known.times[module.__name__] = found
        if not path.startswith(LIBRARY) and "-packages" not in path:
            Known.sources[module.__name__] = content(path)


def source_of(module: Any) -> Optional[str]:
    """The module's source file, or None if it cannot be reloaded."""
    path = getattr(module, "__file__", None)
    name = getattr(module, "__name__", "__main__")
    if not isinstance(path, str) or name in ("__main__", "__mp_main__") or not path.endswith(".py"):
        return None
    return path if isinstance(name, str) else None


def modification_time(path: str) -> Optional[int]:
    """The modification time of a file in ns, or None if it cannot be read."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def content(path: str) -> bytes:
    """The content of a file, b"" if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def check(force: bool = False) -> None:
    """Reloads changed modules. One whose reload fails stays as it was; its error is shown once."""
    everything = Options.mode >= ALL or force
    for name, module in list(sys.modules.items()):
        if name in Options.excluded or not (everything or name in Options.included):
            continue
        path = source_of(module)
        found = modification_time(path) if path is not None else None
        if path is None or found is None:
            continue
        if Known.times.setdefault(name, found) != found and Known.failed.get(name) != found:
            update(module, name, path, found)


def update(module: ModuleType, name: str, path: str, found: int) -> None:
    """Reloads one module: by edits of the module in memory, or as a whole."""
    report(f"Reloading '{name}'.")
    before, Known.sources[name] = Known.sources.get(name, b""), content(path)
    try:
        if not patch(module, before, Known.sources[name], path):
            execute(module)
    except Exception:
        Known.failed[name] = found
        Known.sources[name] = before
        if not Options.hides_errors:
            report_failure(name, path)
        return
    Known.times[name] = found


def patch(module: ModuleType, before: bytes, after: bytes, path: str) -> bool:
    """Makes the changes in the module in memory. False: they need a reload as a whole."""
    if Options.full or Options.mode == COMPLETE or not before:
        return False
    import ast

    from _carme.reload import module_diff, module_patch

    try:
        tree = ast.parse(after)
        found = module_diff.compare(ast.parse(before), tree)
        if found is not None:
            module_patch.apply(found, module, path, module_patch.future_flags(tree))
    except Exception:
        return False
    return found is not None


def execute(module: ModuleType) -> None:
    """Executes the module again in an emptied namespace that keeps its submodules.

    If that raises, the former namespace is restored.
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
    if Options.mode == COMPLETE:
        push(module, before)


def push(module: ModuleType, before: Dict[str, Any]) -> None:
    """Mode 3: puts new names of the module, or those imported from it, into the namespace."""
    imported = Known.from_imports.get(module.__name__)
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
    """Whether a value is a function, class or other object that the module has made."""
    try:
        ref(value)
    except TypeError:
        return False
    return getattr(value, "__module__", None) == module.__name__


def report(text: str) -> None:
    """Prints or logs a text, as the options --print and --log say."""
    if Options.is_printed:
        print(text)
    if Options.is_logged:
        import logging

        logging.getLogger("autoreload").info(text)


def report_failure(name: str, path: str) -> None:
    """Logs and prints the exception that is being handled."""
    import logging
    from traceback import format_exc

    logger = logging.getLogger("autoreload")
    logger.exception(f"Failed to reload module '{name}' from file '{path}'")
    sys.stderr.write(f"[autoreload of {name} failed: {format_exc(10)}]\n")
