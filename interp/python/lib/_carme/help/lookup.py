"""Values of names, attributes and subscripts of live objects, without running user code.

Properties, __getattr__ and __getitem__ of user classes are not called. Libraries whose objects are
little use otherwise (see _TRUSTED) are the exception.
"""

import builtins
import sys
from _thread import _local as ThreadLocal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from _carme.syntax.lexer import Step

# Their attributes and subscripts compute without side effects, and are properties throughout.
_TRUSTED = frozenset(("numpy", "pandas", "polars", "xarray"))
_PATIENCE = 1.0  # seconds for a __dir__ of the user's


class _Missing:
    """The type of MISSING."""


class Caution(ThreadLocal):
    """In its block this thread reads beside a cell that runs: what is trusted is so no longer."""

    on = False

    def __enter__(self) -> None:
        self.on = True

    def __exit__(self, *error: object) -> None:
        self.on = False


class _Probe:
    __slots__ = ("slot",)

    def method(self) -> None:
        """Show what the types of functions and methods are (the module types is not imported)."""


MISSING: Any = _Missing()
caution = Caution()
Module = type(sys)
Function = type(_Probe.method)
Method = type(_Probe().method)
Builtin = type(len)
_SLOT = type(_Probe.__dict__["slot"])
_GETSET = type(Function.__dict__["__code__"])
_C_METHODS = (type(str.join), type(object.__init__), type(dict.__dict__["fromkeys"]))
# Descriptors that are functions of C, or that only bind.
_BINDING = frozenset((Function, classmethod, staticmethod, *_C_METHODS))
_FUNCTIONS = (Function, Method, Builtin, *_C_METHODS, type("".__add__))
# What IPython takes for a function when it describes it.
SIMPLE_CALLABLES = (Function, Method, Builtin, type(str.join))
_DICT_OF = type.__dict__["__dict__"].__get__
_MRO_OF = type.__dict__["__mro__"].__get__
type_name = type.__dict__["__name__"].__get__


def resolve(steps: Sequence[Step], namespace: Mapping[str, Any]) -> Any:
    """Return the value of a chain of steps (see scan.chain), or MISSING.

    A property at the end is given as the property object itself.
    """
    value = MISSING
    for number, (kind, what) in enumerate(steps, 1):
        if kind == "value":
            value = what
        elif kind == "name":
            value = named(what, namespace)
        elif kind == "item":
            value = item(value, what)
        else:
            value = attribute(value, what)
            if number < len(steps) and issubclass(type(value), property):
                return MISSING
        if value is MISSING:
            return MISSING
    return value


def evaluated(steps: Sequence[Step], namespace: Mapping[str, Any]) -> Any:
    """Return the value of a chain of steps, or MISSING, as the interpreter finds it.

    A property of a class at the end is given as the property object itself.
    """
    value = MISSING
    try:
        for number, (kind, what) in enumerate(steps, 1):
            if kind == "value":
                value = what
            elif kind == "name":
                value = named(what, namespace)
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


def named(name: str, namespace: Mapping[str, Any]) -> Any:
    """Return the value of a global or builtin name, or MISSING."""
    if name in namespace:
        return namespace[name]
    return vars(builtins).get(name, MISSING)


def attribute(obj: Any, name: str) -> Any:
    """Return an attribute, as far as it is known without user code, or MISSING."""
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


def described(obj: object, name: str) -> Any:
    """Return an attribute for its kind and signature: of a trusted object, what its class has."""
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
    """Whether attributes and subscripts of `obj` may be evaluated: see _TRUSTED."""
    cls = type(obj)
    if caution.on or issubclass(cls, (Module, type)):
        return False
    module = _DICT_OF(cls).get("__module__")
    return isinstance(module, str) and module.partition(".")[0] in _TRUSTED


def names_of(obj: object) -> list[str]:
    """Return the names dir() gives for `obj` and, when that fails, for its class."""
    if caution.on:
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
    """Return dir(), which may be the user's code and then is given up after some time."""
    if type(_in_mro(type(obj), "__dir__")) is not Function:
        return dir(obj)
    from _carme.interrupts.time_limit import Bounded

    with Bounded(_PATIENCE):
        return dir(obj)


def _stored_names(obj: Any) -> list[str]:
    """Return the names in the object's dictionary and in those of its classes."""
    if issubclass(type(obj), Module):
        tables: list[Any] = [object.__getattribute__(obj, "__dict__")]
    elif issubclass(type(obj), type):
        tables = [_DICT_OF(base) for base in _MRO_OF(obj)]
    else:
        tables = [_instance_dict(obj), *(_DICT_OF(base) for base in _MRO_OF(type(obj)))]
    return list({name for table in tables for name in list(table) if type(name) is str})


def kind_of(value: object) -> str:
    """Return module, class, function, property or instance, as completion metadata names it."""
    cls = type(value)  # isinstance() would ask a class that user code may set
    if issubclass(cls, Module):
        return "module"
    if issubclass(cls, property):
        return "property"
    if issubclass(cls, type):
        return "class"
    return "function" if issubclass(cls, _FUNCTIONS) else "instance"


def is_function(value: object) -> bool:
    """Whether `value` is a function or method (not an object with a __call__ of its own)."""
    return issubclass(type(value), _FUNCTIONS)


def _module_attribute(module: Any, name: str) -> Any:
    members = object.__getattribute__(module, "__dict__")
    if name in members:
        return members[name]
    # A submodule that is imported but not yet bound.
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
    if type(found) in (property, _SLOT, _GETSET):
        return _bound(found, obj, cls)
    own = dict.get(_instance_dict(obj), name, MISSING)
    if own is not MISSING:
        return own
    return found if found is MISSING else _bound(found, obj, cls)


def _instance_dict(obj: object) -> dict[str, Any]:
    descriptor = _in_mro(type(obj), "__dict__")
    if type(descriptor) is not _GETSET:
        return {}
    members = descriptor.__get__(obj)
    return members if isinstance(members, dict) else {}


def _bound(found: Any, obj: Any, cls: type) -> Any:
    if caution.on and type(found) in (classmethod, _GETSET):
        return found.__func__ if type(found) is classmethod else found
    if type(found) in _BINDING:
        return found.__get__(obj, cls)
    if type(found) in (_SLOT, _GETSET) and obj is not None:
        return found.__get__(obj, cls)
    return found
