"""The kinds of objects, told by their types alone: no user code is run.

Source: The Python Language Reference, "The standard type hierarchy"; the module types.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Missing:
    """The type of MISSING."""


class _Probe:
    __slots__ = ("slot",)

    def method(self) -> None:
        """Give the types of functions and methods, so that the module types is not imported."""


MISSING: Any = _Missing()
Module = type(sys)
Function = type(_Probe.method)
Method = type(_Probe().method)
Builtin = type(len)
SLOT = type(_Probe.__dict__["slot"])
GETSET = type(Function.__dict__["__code__"])
C_METHODS = (type(str.join), type(object.__init__), type(dict.__dict__["fromkeys"]))
_FUNCTIONS = (Function, Method, Builtin, *C_METHODS, type("".__add__))
# what IPython describes as a function
SIMPLE_CALLABLES = (Function, Method, Builtin, type(str.join))
type_name = type.__dict__["__name__"].__get__


def kind_of(value: object) -> str:
    """Return module, class, function, property or instance, as completion metadata names it."""
    cls = type(value)  # isinstance() would call a user's __class__ property
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
