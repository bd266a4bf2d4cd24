"""Values of names, attributes and subscripts of live objects, without running user code.

Properties, __getattr__ and __getitem__ of user classes are not called; those of the libraries in
_TRUSTED are. Source: IPython's documentation, "Completer.evaluation", the policy "limited".
"""

import builtins
import sys
from _thread import _local as ThreadLocal

from _carme.help.object_kinds import C_METHODS, GETSET, MISSING, SLOT, Function, Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from _carme.syntax.cursor_context import Step

# Their properties and subscripts have no side effects.
_TRUSTED = frozenset(("numpy", "pandas", "polars", "xarray"))
_TIME_LIMIT = 1.0  # seconds for a user's __dir__


class StrictMode(ThreadLocal):
    """While it is on, this thread trusts no library either: a cell runs in another thread.

    A context manager.
    """

    on = False

    def __enter__(self) -> None:
        self.on = True

    def __exit__(self, *error: object) -> None:
        self.on = False


strict_mode = StrictMode()
# descriptors whose __get__ only binds
_BINDING = frozenset((Function, classmethod, staticmethod, *C_METHODS))
_DICT_OF = type.__dict__["__dict__"].__get__
_MRO_OF = type.__dict__["__mro__"].__get__


def evaluate_guarded(steps: Sequence[Step], namespace: Mapping[str, Any]) -> Any:
    """Return the value of a primary (see cursor_context.primary_steps), or MISSING.

    A property at the end is returned as the property object itself.
    """
    value = MISSING
    for number, (kind, what) in enumerate(steps, 1):
        if kind == "value":
            value = what
        elif kind == "name":
            value = global_value(what, namespace)
        elif kind == "item":
            value = item(value, what)
        else:
            value = attribute(value, what)
            if number < len(steps) and issubclass(type(value), property):
                return MISSING
        if value is MISSING:
            return MISSING
    return value


def evaluate(steps: Sequence[Step], namespace: Mapping[str, Any]) -> Any:
    """Return the value of a primary as the interpreter computes it, user code included, or MISSING.

    A property at the end is returned as the property object itself.
    """
    value = MISSING
    try:
        for number, (kind, what) in enumerate(steps, 1):
            if kind == "value":
                value = what
            elif kind == "name":
                value = global_value(what, namespace)
            elif kind == "item":
                value = value[what] if type(what) is int else item(value, what)
            elif number == len(steps) and isinstance(getattr(type(value), what, None), property):
                value = getattr(type(value), what)
            else:
                value = getattr(value, what)
            if value is MISSING:
                break
    except KeyboardInterrupt:
        raise
    except BaseException:
        return MISSING
    return value


def global_value(name: str, namespace: Mapping[str, Any]) -> Any:
    """Return the value of a global or builtin name, or MISSING."""
    if name in namespace:
        return namespace[name]
    return vars(builtins).get(name, MISSING)


def attribute(obj: Any, name: str) -> Any:
    """Return an attribute that can be read without user code, or MISSING."""
    try:
        if is_trusted(obj):
            return getattr(obj, name, MISSING)
        if issubclass(type(obj), Module):
            return _module_attribute(obj, name)
        if issubclass(type(obj), type):
            return _class_attribute(obj, name)
        return _instance_attribute(obj, name)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return MISSING


def static_attribute(obj: object, name: str) -> Any:
    """Return an attribute, or MISSING, without evaluating a trusted library's properties either."""
    if not is_trusted(obj):
        return attribute(obj, name)
    found = attribute(type(obj), name)
    return found.__get__(obj) if type(found) is Function else found


def item(obj: Any, key: Any) -> Any:
    """Return obj[key] for builtin containers (and their subclasses' builtin part), or MISSING."""
    try:
        if issubclass(type(obj), dict):
            return dict.get(obj, key, MISSING)
        for cls in (list, tuple, str, bytes):
            if issubclass(type(obj), cls) and isinstance(key, int):
                return cls.__getitem__(obj, key)
        return obj[key] if is_trusted(obj) else MISSING
    except KeyboardInterrupt:
        raise
    except BaseException:
        return MISSING


def is_trusted(obj: object) -> bool:
    """Whether properties and subscripts of `obj` may be evaluated: see _TRUSTED."""
    cls = type(obj)
    if strict_mode.on or issubclass(cls, (Module, type)):
        return False
    module = _DICT_OF(cls).get("__module__")
    return isinstance(module, str) and module.partition(".")[0] in _TRUSTED


def names_of(obj: object) -> list[str]:
    """Return the names that dir() has for `obj` or, if that raises, for its class."""
    if strict_mode.on:
        return _stored_names(obj)
    for asked in (obj, type(obj)):
        try:
            return [name for name in _dir(asked) if isinstance(name, str)]
        except KeyboardInterrupt:
            raise
        except BaseException:
            continue
    return []


def _dir(obj: object) -> list[str]:
    """Return dir(obj); a __dir__ of the user's is interrupted after _TIME_LIMIT."""
    if type(_in_mro(type(obj), "__dir__")) is not Function:
        return dir(obj)
    from _carme.interrupts.time_limit import TimeLimit

    with TimeLimit(_TIME_LIMIT):
        return dir(obj)


def _stored_names(obj: Any) -> list[str]:
    """Return the names in the __dict__ of the object and of its classes."""
    if issubclass(type(obj), Module):
        tables: list[Any] = [object.__getattribute__(obj, "__dict__")]
    elif issubclass(type(obj), type):
        tables = [_DICT_OF(base) for base in _MRO_OF(obj)]
    else:
        tables = [_instance_dict(obj), *(_DICT_OF(base) for base in _MRO_OF(type(obj)))]
    return list({name for table in tables for name in list(table) if type(name) is str})


def _module_attribute(module: Any, name: str) -> Any:
    members = object.__getattribute__(module, "__dict__")
    if name in members:
        return members[name]
    # a submodule that is imported but not yet an attribute of its package
    return sys.modules.get(f"{members.get('__name__')}.{name}", MISSING)


def _in_mro(cls: type, name: str) -> Any:
    for base in _MRO_OF(cls):
        members = _DICT_OF(base)
        if name in members:
            return members[name]
    return MISSING


def _class_attribute(cls: type, name: str) -> Any:
    found = _in_mro(cls, name)
    if found is not MISSING:
        return _bound(found, None, cls)
    found = _in_mro(type(cls), name)
    return found if found is MISSING else _bound(found, cls, type(cls))


def _instance_attribute(obj: object, name: str) -> Any:
    cls = type(obj)
    found = _in_mro(cls, name)
    if type(found) in (property, SLOT, GETSET):
        return _bound(found, obj, cls)
    own = dict.get(_instance_dict(obj), name, MISSING)
    if own is not MISSING:
        return own
    return found if found is MISSING else _bound(found, obj, cls)


def _instance_dict(obj: object) -> dict[str, Any]:
    descriptor = _in_mro(type(obj), "__dict__")
    if type(descriptor) is not GETSET:
        return {}
    members = descriptor.__get__(obj)
    return members if isinstance(members, dict) else {}


def _bound(found: Any, obj: Any, cls: type) -> Any:
    if strict_mode.on and type(found) in (classmethod, GETSET):
        return found.__func__ if type(found) is classmethod else found
    if type(found) in _BINDING:
        return found.__get__(obj, cls)
    if type(found) in (SLOT, GETSET) and obj is not None:
        return found.__get__(obj, cls)
    return found
