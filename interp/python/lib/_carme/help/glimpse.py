"""What can be told of an object while a cell runs: nothing of the user's code is called for it.

No property, no __getattr__, __dir__ or __repr__; what would need one is left out. The aside thread
of the kernel asks; what is read may change meanwhile.
Source: The Python Language Reference, "The standard type hierarchy", code objects and functions.
"""

from _carme.help import inspection, lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from _carme.help.inspection import Field

_SCALARS = (str, bytes, int, float, complex, bool, type(None), type(Ellipsis))
_CONTAINERS = (list, tuple, set, frozenset, dict)
_MOST_ITEMS = 1000
_LONGEST_FORM = 200
VARARGS, VARKEYWORDS = 0x04, 0x08  # inspect.CO_VARARGS, CO_VARKEYWORDS


class Parameter:
    """One parameter, in the form of inspect.Parameter."""

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
    """A function's parameters, in the form of inspect.Signature, less the annotations."""

    empty = return_annotation = None

    def __init__(self, found: list[Parameter]) -> None:
        self.parameters = {each.name: each for each in found}

    def __str__(self) -> str:
        return "(" + ", ".join(_written(list(self.parameters.values()))) + ")"


class Text(Signature):
    """The signature of a function of C, as it gives it."""

    def __init__(self, text: str) -> None:
        super().__init__([])
        self.text = text

    def __str__(self) -> str:
        return self.text


def _written(found: list[Parameter]) -> Iterator[str]:
    """Yield the parts between the commas, "/" and "*" among them."""
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
    """Return the parameters of a function, method or class; None when they are not known."""
    bound = type(function) is lookup.Method
    if bound:
        function = function.__func__
    if lookup.kind_of(function) == "class":
        bound, function = True, lookup.attribute(function, "__init__")
    if type(function) is lookup.Function:
        found = list(_parameters(function))
        return Signature(found[1:] if bound else found)
    if lookup.is_function(function):
        text = getattr(function, "__text_signature__", None)
        if type(text) is str:
            return Text(text.replace("($self, /, ", "(").replace("($self, /)", "()"))
    return None


def _parameters(function: Any) -> Iterator[Parameter]:
    code = function.__code__
    count, names = code.co_argcount, code.co_varnames
    defaults = function.__defaults__ or ()
    for index in range(count):
        place = index - count + len(defaults)
        kind = index >= code.co_posonlyargcount  # POSITIONAL_ONLY is 0
        yield Parameter(names[index], int(kind), form(defaults[place]) if place >= 0 else "")
    end = count + code.co_kwonlyargcount
    if code.co_flags & VARARGS:
        yield Parameter(names[end], Parameter.VAR_POSITIONAL)
    given = function.__kwdefaults__ or {}
    for name in names[count:end]:
        default = form(given[name]) if name in given else ""
        yield Parameter(name, Parameter.KEYWORD_ONLY, default)
    if code.co_flags & VARKEYWORDS:
        end += bool(code.co_flags & VARARGS)
        yield Parameter(names[end], Parameter.VAR_KEYWORD)


def form(value: Any) -> str:
    """Return the repr of what Python itself knows to write, else an ellipsis."""
    text = _form(value)
    return "..." if text is None else text


def _form(value: Any) -> str | None:
    if _count(value, 0) > _MOST_ITEMS:
        return None
    text = repr(value)
    if len(text) <= _LONGEST_FORM:
        return text
    half = (_LONGEST_FORM - 5) // 2
    return text[:half] + " <...> " + text[-half:]


def _count(value: Any, counted: int) -> int:
    """Return `counted` and the parts of a value of builtin types, or _MOST_ITEMS + 1: too many."""
    cls = type(value)
    if cls in _SCALARS:
        return counted + (len(value) // 100 if cls in (str, bytes) else 0) + 1
    if cls not in _CONTAINERS or len(value) > _MOST_ITEMS:
        return _MOST_ITEMS + 1
    parts = [*value, *value.values()] if cls is dict else list(value)
    for part in parts:
        if counted > _MOST_ITEMS:
            break
        counted = _count(part, counted)
    return counted + 1


def inspect(code: str, cursor: int, detail: int, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of inspect_reply, as inspection.inspect() does."""
    reply: dict[str, Any] = {"status": "ok", "found": False, "data": {}, "metadata": {}}
    try:
        with lookup.caution:
            steps, value = inspection.at_cursor(code, min(max(cursor, 0), len(code)), namespace)
            if steps:
                fields = list(_fields(inspection.spelled(steps), value, detail))
                reply["data"] = {"text/plain": inspection.layout(fields)}
                reply["found"] = True
    except Exception:
        pass
    return reply


def _fields(name: str, value: Any, detail: int) -> Iterator[Field]:
    cls = type(value)
    is_class = lookup.kind_of(value) == "class"
    found = signature(value)
    title = "Init signature" if is_class else "Signature"
    yield title, None if found is None else f"{name}{found}"
    if not lookup.is_function(value) and not is_class:
        yield "Type", lookup.type_name(cls)
        yield "String form", _form(value)
        yield "Length", str(len(value)) if cls in (*_CONTAINERS, str, bytes) else None
    source = _source(value) if detail else None
    yield "Docstring", None if source else _docstring(value) or "<no docstring>"
    yield "Source", source
    yield "File", _file(value)
    if lookup.is_function(value) or is_class:
        yield "Type", lookup.type_name(cls)


def _docstring(value: Any) -> str | None:
    text = lookup.attribute(value, "__doc__")
    if lookup.is_function(value):
        text = value.__doc__
    if type(text) is not str:
        return None
    first, _, rest = text.expandtabs().partition("\n")
    lines = rest.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join([first.strip(), *(line[margin:].rstrip() for line in lines)]).strip("\n")


def _code_of(value: Any) -> Any:
    """Return the code object of a function or method, or None."""
    function: Any = lookup.attribute(value, "__func__") if type(value) is lookup.Method else value
    return function.__code__ if type(function) is lookup.Function else None


def _file(value: Any) -> str | None:
    import os

    code = _code_of(value)
    path = code.co_filename if code is not None else None
    if lookup.kind_of(value) == "module":
        path = lookup.attribute(value, "__file__")
    return path if type(path) is str and os.path.isfile(path) else None


def _source(value: Any) -> str | None:
    code = _code_of(value)
    if code is None:
        return None
    import linecache
    from inspect import getblock

    from _carme.syntax.highlight import colour

    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    return "\n".join(colour("".join(getblock(lines)).rstrip())) if lines else None
