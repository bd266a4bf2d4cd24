"""Signatures read from code objects, without running user code.

Source: The Python Language Reference, "The standard type hierarchy", code objects and functions.
"""

from _carme.help import guarded_eval, object_kinds
from _carme.help.inspection.static_repr import static_repr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_VARARGS, _VARKEYWORDS = 0x04, 0x08  # inspect.CO_VARARGS, CO_VARKEYWORDS


class Parameter:
    """One parameter, with the attributes of inspect.Parameter."""

    POSITIONAL_ONLY, POSITIONAL_OR_KEYWORD, VAR_POSITIONAL, KEYWORD_ONLY, VAR_KEYWORD = range(5)
    __slots__ = ("default", "kind", "name")

    def __init__(self, name: str, kind: int, default: str = "") -> None:
        self.name = name
        self.kind = kind
        self.default = default

    def __str__(self) -> str:
        sign = {self.VAR_POSITIONAL: "*", self.VAR_KEYWORD: "**"}.get(self.kind, "")
        return sign + self.name + (f"={self.default}" if self.default else "")


class Signature:
    """A function's parameters, with the attributes of inspect.Signature; no annotations."""

    empty = return_annotation = None

    def __init__(self, found: list[Parameter]) -> None:
        self.parameters = {each.name: each for each in found}

    def __str__(self) -> str:
        return "(" + ", ".join(_parts(list(self.parameters.values()))) + ")"


class TextSignature(Signature):
    """The __text_signature__ of a function that is written in C."""

    def __init__(self, text: str) -> None:
        super().__init__([])
        self.text = text

    def __str__(self) -> str:
        return self.text


def _parts(found: list[Parameter]) -> Iterator[str]:
    """Yield the parameters as source, "/" and "*" among them."""
    starred = False
    for index, each in enumerate(found):
        if each.kind == each.KEYWORD_ONLY and not starred:
            yield "*"
        starred = starred or each.kind in (each.VAR_POSITIONAL, each.KEYWORD_ONLY)
        yield str(each)
        after = found[index + 1].kind if index + 1 < len(found) else None
        if each.kind == each.POSITIONAL_ONLY and after != each.kind:
            yield "/"


def signature(function: Any) -> Signature | None:
    """Return the signature of a function, method or class, or None."""
    bound = type(function) is object_kinds.Method
    if bound:
        function = function.__func__
    if object_kinds.kind_of(function) == "class":
        bound, function = True, guarded_eval.attribute(function, "__init__")
    if type(function) is object_kinds.Function:
        found = list(_parameters(function))
        return Signature(found[1:] if bound else found)
    if object_kinds.is_function(function):
        text = getattr(function, "__text_signature__", None)
        if type(text) is str:
            return TextSignature(text.replace("($self, /, ", "(").replace("($self, /)", "()"))
    return None


def _parameters(function: Any) -> Iterator[Parameter]:
    code = function.__code__
    count, names = code.co_argcount, code.co_varnames
    defaults = function.__defaults__ or ()
    for index in range(count):
        place = index - count + len(defaults)
        kind = index >= code.co_posonlyargcount  # POSITIONAL_ONLY is 0
        yield Parameter(names[index], int(kind), _default(defaults[place]) if place >= 0 else "")
    end = count + code.co_kwonlyargcount
    if code.co_flags & _VARARGS:
        yield Parameter(names[end], Parameter.VAR_POSITIONAL)
    given = function.__kwdefaults__ or {}
    for name in names[count:end]:
        default = _default(given[name]) if name in given else ""
        yield Parameter(name, Parameter.KEYWORD_ONLY, default)
    if code.co_flags & _VARKEYWORDS:
        end += bool(code.co_flags & _VARARGS)
        yield Parameter(names[end], Parameter.VAR_KEYWORD)


def _default(value: Any) -> str:
    """Return a default value as source; an ellipsis where its repr would run user code."""
    text = static_repr(value)
    return "..." if text is None else text
