"""%autoreload: modules whose source has changed are executed anew before a cell runs.

What cells hold of a module is made to be the changed one: functions get the code, classes the
attributes; instances of a class become instances of the changed class.
Source: IPython's documentation, "autoreload"; importlib.reload.
"""

import gc
import os
import sys
from importlib import reload
from types import FunctionType

from _carme import shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Dict, Optional, Set

# attributes of a class that belong to that very class
OWN = frozenset(("__dict__", "__weakref__", "__doc__", "__module__", "__slots__"))
CODE = ("__code__", "__defaults__", "__kwdefaults__", "__doc__", "__dict__", "__annotations__")


class Chosen:
    """What is looked at."""

    mode = 0  # 1: the modules of %aimport, 2: all
    wanted: Set[str] = set()
    left: Set[str] = set()


times: Dict[str, int] = {}  # module to its source's time stamp in ns
failed: Dict[str, int] = {}  # the time stamp with which a reload has failed


def set_mode(mode: int) -> None:
    """From the next cell on."""
    Chosen.mode = mode
    for module in list(sys.modules.values()):
        note(module)
    shell.State.before_cell = check if mode else None


def source_of(module: Any) -> Optional[str]:
    """The module's source file; None for what can not be reloaded."""
    path = getattr(module, "__file__", None)
    name = getattr(module, "__name__", "__main__")
    if not isinstance(path, str) or name in ("__main__", "__mp_main__") or not path.endswith(".py"):
        return None
    return path


def stamp(path: str) -> Optional[int]:
    """When the file was changed."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def note(module: Any) -> None:
    """The module is as its source is at this time."""
    path = source_of(module)
    if path is not None and module.__name__ not in times:
        found = stamp(path)
        if found is not None:
            times[module.__name__] = found


def check(force: bool = False) -> None:
    """Reloads what has changed. What can not be reloaded is told once, and stays as it was."""
    everything = Chosen.mode == 2 or force
    for name, module in list(sys.modules.items()):
        if name in Chosen.left or not (everything or name in Chosen.wanted):
            continue
        path = source_of(module)
        found = stamp(path) if path is not None else None
        if found is None:
            continue
        if times.setdefault(name, found) != found and failed.get(name) != found:
            renew(module, name, found)


def renew(module: ModuleType, name: str, found: int) -> None:
    """Reloads one."""
    before = dict(vars(module))
    try:
        reload(module)
    except Exception as error:
        failed[name] = found
        lines = shell.describe(error)["traceback"]
        sys.stderr.write(f"[autoreload of {name} failed: {lines[-1].strip()}]\n")
        return
    times[name] = found
    for key, old in before.items():
        if key in vars(module):
            update(old, vars(module)[key], name)


def update(old: Any, new: Any, name: str) -> None:
    """Makes the object from before the reload do what the one from after it does."""
    if old is new or getattr(old, "__module__", None) != name:
        return
    if isinstance(old, FunctionType) and isinstance(new, FunctionType):
        update_function(old, new)
    elif isinstance(old, type) and isinstance(new, type):
        update_class(old, new, name)


def update_function(old: FunctionType, new: FunctionType) -> None:
    """The code, unless both hold different numbers of variables from outside."""
    for attribute in CODE:
        try:
            setattr(old, attribute, getattr(new, attribute))
        except (AttributeError, TypeError, ValueError):
            continue


def update_class(old: type, new: type, name: str) -> None:
    """The attributes, and the class of the instances that there are."""
    for key in list(vars(old)):
        if key not in OWN and key not in vars(new):
            try:
                delattr(old, key)
            except (AttributeError, TypeError):
                continue
    for key, value in list(vars(new).items()):
        before = vars(old).get(key)
        if isinstance(before, FunctionType) and isinstance(value, FunctionType):
            update_function(before, value)
        elif key not in OWN:
            try:
                setattr(old, key, value)
            except (AttributeError, TypeError):
                continue
    for each in gc.get_referrers(old):
        if type(each) is old:
            try:
                each.__class__ = new
            except TypeError:
                continue
