"""What an object is, in the fields that IPython's `?` shows.

User code is not run, except the repr of the object, whose errors are contained.
"""

from _carme import lookup
from _carme.highlight import RED, colour, paint
from _carme.lines import read
from _carme.scan import Place, chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union

    from _carme.scan import Step

    Namespace = Mapping[str, Any]
    Field = tuple[str, Union[str, None]]  # title, and text unless there is none

_MOST_CODE = 50_000  # characters before the cursor that are looked at
_LONGEST_FORM = 200  # characters of the string form, unless detail is asked for
_MOST_ITEMS = 1000  # of a container (and what is in it) whose string form is made in full
_SOME_ITEMS = 60  # of any larger one, enough for the part that is shown
_LONGEST_SIGNATURE = 75
_MOST_SUBCLASSES = 10


def inspect(code: str, cursor: int, detail_level: int, namespace: Namespace) -> dict[str, Any]:
    """Return the content of inspect_reply for the name at the cursor (in code points).

    When that is none, it is the function in whose parentheses the cursor is. `detail_level` 1 adds
    the source.
    """
    reply: dict[str, Any] = {"status": "ok", "found": False, "data": {}, "metadata": {}}
    try:
        steps, value = at_cursor(code, min(max(cursor, 0), len(code)), namespace)
        if steps:
            builtin = steps[0][0] == "name" and steps[0][1] not in namespace
            fields = _fields(spelled(steps), value, detail_level, builtin)
            reply["data"] = {"text/plain": layout(fields)}
            reply["found"] = True
    except KeyboardInterrupt:
        raise
    except BaseException:
        pass
    return reply


def at_cursor(code: str, cursor: int, namespace: Namespace) -> tuple[list[Step], Any]:
    """Return the steps to what is at the cursor, or to the function around it, and its value.

    No steps: there is none, or it has no value.
    """
    end = cursor
    while end < len(code) and (code[end] == "_" or code[end].isalnum()):
        end += 1
    place = Place(code[max(0, end - _MOST_CODE) : end])
    if place.comment:
        return [], None
    candidates = []
    if place.fragment:
        found = [*place.tokens, ("name", place.fragment, place.start)]
        candidates.append(chain(found, len(found)))
    opening = place.call()
    if opening is not None:
        candidates.append(chain(place.tokens, opening))
    for steps in candidates:
        value = lookup.resolve(steps, namespace) if steps else lookup.MISSING
        if steps and value is not lookup.MISSING:
            return steps, value
    return [], None


def spelled(steps: list[Step]) -> str:
    """Return the steps as code."""
    form = {"name": "{}", "value": "{!r}", "attribute": ".{}", "item": "[{!r}]"}
    return "".join(form[kind].format(what) for kind, what in steps)


def _fields(name: str, value: Any, detail: int, builtin: bool) -> list[Field]:
    if lookup.kind_of(value) == "class":
        return _class_fields(name, value, detail)
    if lookup.is_function(value):
        return _function_fields(name, value, detail)
    return _object_fields(name, value, detail, builtin)


def layout(fields: list[Field]) -> str:
    """Return the fields that there are, one below the other."""
    present = [(title, text) for title, text in fields if text is not None]
    width = max(len(title) for title, _ in present) + 1
    lines = []
    for title, text in present:
        pad = " " * (width - len(title) - 1)
        between = "\n" if "\n" in text else " "
        lines.append(paint(title + ":", RED) + pad + between + text)
    return "\n".join(lines)


def _function_fields(name: str, value: Any, detail: int) -> list[Field]:
    source = _source(value) if detail else None
    return [
        ("Signature", _signature(name, value)),
        ("Docstring", None if source else _docstring(value) or "<no docstring>"),
        ("Source", source),
        ("File", _file(value)),
        ("Type", type(value).__name__),
    ]


def _class_fields(name: str, value: Any, detail: int) -> list[Field]:
    source = _source(value) if detail else None
    init = lookup.attribute(value, "__init__")
    init_doc = _docstring(init)
    names = [cls.__name__ for cls in type.__subclasses__(value)]
    if len(names) >= _MOST_SUBCLASSES:
        names = [*names[:_MOST_SUBCLASSES], "..."]
    return [
        ("Init signature", _signature(name, value) or _signature(name, init)),
        ("Docstring", None if source else _docstring(value) or "<no docstring>"),
        ("Source", source),
        ("Init docstring", None if source or init_doc == _object_init_doc() else init_doc),
        ("File", _file(value)),
        ("Type", type(value).__name__),
        ("Subclasses", ", ".join(names)),
    ]


def _object_fields(name: str, value: Any, detail: int, builtin: bool) -> list[Field]:
    cls = type(value)
    described = value if lookup.kind_of(value) == "module" else cls
    source = _source(described) if detail else None
    call = lookup.attribute(cls, "__call__")
    called = call.__get__(value) if type(call) is lookup.Function else None
    fields = [
        ("Signature", _signature(name, called) if called else None),
        ("Type", cls.__name__),
        ("String form", _string_form(value, detail)),
        ("Namespace", "Python builtin" if builtin else None),
        ("Length", _length(value)),
        ("File", _file(described)),
        ("Source", source),
        ("Docstring", None if source else _docstring(value) or "<no docstring>"),
    ]
    if described is cls and cls.__module__ != "builtins":
        class_doc = _docstring(cls)
        init_doc = _docstring(lookup.attribute(cls, "__init__"))
        fields += [
            ("Class docstring", None if class_doc == _docstring(value) else class_doc),
            ("Init docstring", None if init_doc == _object_init_doc() else init_doc),
            ("Call docstring", _docstring(called) if called else None),
        ]
    return fields


def _object_init_doc() -> str | None:
    return _docstring(object.__init__)


def _docstring(value: Any) -> str | None:
    import inspect

    if value is lookup.MISSING:
        return None
    kind = lookup.kind_of(value)
    try:
        if kind in ("class", "function", "module"):
            return inspect.getdoc(value)
        text = lookup.attribute(value, "__doc__")
        return inspect.cleandoc(text) if isinstance(text, str) else None
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def _string_form(value: Any, detail: int) -> str | None:
    try:
        text = _text_of(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    if detail or len(text) <= _LONGEST_FORM:
        return text
    half = (_LONGEST_FORM - 5) // 2
    text = text[:half] + " <...> " + text[-half:]
    return "\n           ".join(line.strip() for line in text.split("\n"))


def _text_of(value: Any) -> str:
    if type(value) is str:
        return str(value)
    if type(value) in (bytes, bytearray):
        return repr(value[:_MOST_ITEMS])
    if _count(value, 0) <= _MOST_ITEMS:
        return "".join(repr(value))
    from _carme.pretty import Printer

    printer = Printer(max_width=1 << 30, max_seq_length=_SOME_ITEMS)
    printer.pretty(value)
    printer.flush()
    return printer.value()


def _count(value: Any, counted: int) -> int:
    """Return `counted` and the items in builtin containers; stops counting at _MOST_ITEMS."""
    if type(value) not in (list, tuple, dict, set, frozenset):
        return counted + 1
    counted += len(value)
    for item in value.values() if type(value) is dict else value:
        if counted > _MOST_ITEMS:
            break
        counted = _count(item, counted)
    return counted


def _length(value: Any) -> str | None:
    """Return len(value), unless that is user code."""
    method = lookup.attribute(type(value), "__len__")
    native = lookup.is_function(method) and type(method) is not lookup.Function
    if not native and not lookup.is_trusted(value):
        return None
    try:
        return str(len(value))
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def _code_file(value: Any) -> str:
    """Return the file of a function, class or module; a cell is named "<...>".

    Raises:
        TypeError, OSError: there is none, or it is not known.
    """
    import inspect
    import sys

    if lookup.kind_of(value) == "class" and value.__module__ == "__main__":
        for member in vars(value).values():
            if type(member) is lookup.Function:
                return str(member.__code__.co_filename)
        raise TypeError(value)
    path = inspect.getfile(inspect.unwrap(value) if lookup.is_function(value) else value)
    if path.startswith("<frozen "):
        return str(sys.modules[value.__module__].__file__)
    return path


def _file(value: Any) -> str | None:
    import os

    try:
        path = _code_file(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    if path.startswith("<"):
        return None
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


def _source(value: Any) -> str | None:
    import inspect

    try:
        if lookup.kind_of(value) == "class" and value.__module__ == "__main__":
            text = _class_source(value)
        else:
            _publish_own_source(_code_file(value))
            text = inspect.getsource(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    return "\n".join(colour(text.strip("\n").rstrip()))


def _publish_own_source(path: str) -> None:
    """Give linecache the source of a module of the kernel itself, `<carme NAME>`."""
    import linecache

    import _carme

    source = _carme.source(path[7:-1]) if path.startswith("<carme ") else None
    if source is not None:
        text = source.decode()
        linecache.cache[path] = (len(text), None, read(text), path)


def _class_source(cls: type) -> str:
    """Return the source of a class made in a cell, which inspect looks for in __main__'s file."""
    import inspect
    import linecache

    lines = linecache.getlines(_code_file(cls))
    found = [
        index
        for index, line in enumerate(lines)
        if line.replace("(", " ").replace(":", " ").split()[:2] == ["class", cls.__name__]
    ]
    return "".join(inspect.getblock(lines[found[-1] :]))


def _signature(name: str, value: Any) -> str | None:
    """Return the coloured call of `value`, a parameter on each line when it is long."""
    import inspect
    import sys

    try:
        if sys.version_info >= (3, 14):
            from annotationlib import Format

            found = inspect.signature(value, annotation_format=Format.STRING)
        else:
            found = inspect.signature(value)
        parts = _parameters(found)
        result = "" if found.return_annotation is found.empty else str(found).rpartition(") -> ")[2]
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    if len(name) + sum(len(part) + 2 for part in parts) > _LONGEST_SIGNATURE:
        inside = "\n" + "".join(f"    {part},\n" for part in parts)
    else:
        inside = ", ".join(parts)
    return "\n".join(colour(f"{name}({inside})" + (f" -> {result}" if result else "")))


def _parameters(signature: Any) -> list[str]:
    parts = []
    starred = False
    before = None
    for parameter in signature.parameters.values():
        if before == parameter.POSITIONAL_ONLY != parameter.kind:
            parts.append("/")
        if parameter.kind == parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
        starred = starred or parameter.kind in (parameter.VAR_POSITIONAL, parameter.KEYWORD_ONLY)
        parts.append(str(parameter))
        before = parameter.kind
    if parts and before == parameter.POSITIONAL_ONLY:
        parts.append("/")
    return parts
