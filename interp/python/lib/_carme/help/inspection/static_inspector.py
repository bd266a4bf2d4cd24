"""Inspection while a cell runs: no user code is run for it.

No property, __getattr__, __dir__ or __repr__ is called; fields that need one are left out. It is
called in another thread than the cell's, which may change what is read meanwhile.
"""

from _carme.help import guarded_eval, object_kinds
from _carme.help.inspection import inspector, object_at_cursor, static_signatures
from _carme.help.inspection.static_repr import CONTAINERS, static_repr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from _carme.help.inspection.inspector import Field


def inspect(code: str, cursor: int, detail: int, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of inspect_reply, as inspector.inspect() does."""
    reply: dict[str, Any] = {"status": "ok", "found": False, "data": {}, "metadata": {}}
    try:
        with guarded_eval.strict_mode:
            steps, value = object_at_cursor.find(code, min(max(cursor, 0), len(code)), namespace)
            if steps:
                fields = list(_fields(object_at_cursor.source_of(steps), value, detail))
                reply["data"] = {"text/plain": inspector.layout(fields)}
                reply["found"] = True
    except Exception:
        pass
    return reply


def _fields(name: str, value: Any, detail: int) -> Iterator[Field]:
    cls = type(value)
    is_class = object_kinds.kind_of(value) == "class"
    found = static_signatures.signature(value)
    title = "Init signature" if is_class else "Signature"
    yield title, None if found is None else f"{name}{found}"
    if not object_kinds.is_function(value) and not is_class:
        yield "Type", object_kinds.type_name(cls)
        yield "String form", static_repr(value)
        yield "Length", str(len(value)) if cls in (*CONTAINERS, str, bytes) else None
    source = _source(value) if detail else None
    yield "Docstring", None if source else _docstring(value) or "<no docstring>"
    yield "Source", source
    yield "File", _file(value)
    if object_kinds.is_function(value) or is_class:
        yield "Type", object_kinds.type_name(cls)


def _docstring(value: Any) -> str | None:
    text = guarded_eval.attribute(value, "__doc__")
    if object_kinds.is_function(value):
        text = value.__doc__
    if type(text) is not str:
        return None
    first, _, rest = text.expandtabs().partition("\n")
    lines = rest.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join([first.strip(), *(line[margin:].rstrip() for line in lines)]).strip("\n")


def _code_of(value: Any) -> Any:
    """Return the code object of a function or method, or None."""
    function: Any = (
        guarded_eval.attribute(value, "__func__") if type(value) is object_kinds.Method else value
    )
    return function.__code__ if type(function) is object_kinds.Function else None


def _file(value: Any) -> str | None:
    import os

    code = _code_of(value)
    path = code.co_filename if code is not None else None
    if object_kinds.kind_of(value) == "module":
        path = guarded_eval.attribute(value, "__file__")
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
