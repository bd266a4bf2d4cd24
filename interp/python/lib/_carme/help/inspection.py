"""What an object is, in the fields that IPython's `?` shows.

As there, __getattr__, __str__, __len__ and getdoc() of the object are called; their errors are
contained and their time is bounded. Properties at the end of the name are not.
Source: IPython's documentation, IPython.core.oinspect.
"""

from _carme.help import lookup
from _carme.session.lines import read
from _carme.syntax.highlight import RED, colour_code, paint
from _carme.syntax.lexer import Place, chain, opening_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union

    from _carme.syntax.lexer import Step, Token

    Namespace = Mapping[str, Any]
    Field = tuple[str, Union[str, None]]  # title, and text unless there is none

_MOST_CODE = 50_000  # characters before the cursor that are looked at
_LONGEST_FORM = 200  # characters of the string form, unless detail is asked for
_MOST_ITEMS = 100_000  # of a container (and what is in it) whose string form is made in full
_SOME_ITEMS = 60  # of any larger one, enough for the part that is shown
_PATIENCE = 1.0  # seconds for all of the user's code
_DOCUMENTATION = "__custom_documentations__"
_LONGEST_SIGNATURE = 75
_MOST_SUBCLASSES = 10


def inspect(
    code: str, cursor: int, detail_level: int, namespace: Namespace, documented: bool = False
) -> dict[str, Any]:
    """Return the content of inspect_reply for the name at the cursor (in code points).

    When that is none, it is the function in whose parentheses the cursor is. `detail_level` 1 adds
    the source. `documented`: all of the code is the name, and it is found, too, when its parent
    has words about attributes.
    """
    from _carme.interrupts.time_limit import Bounded, TooSlow

    reply: dict[str, Any] = {"status": "ok", "found": False, "data": {}, "metadata": {}}
    try:
        with Bounded(_PATIENCE):
            steps, value = at_cursor(code, min(max(cursor, 0), len(code)), namespace, documented)
            if steps:
                fields = _fields(Found(steps, value, namespace), detail_level)
                reply["data"] = {"text/plain": layout(fields)}
                reply["found"] = True
    except KeyboardInterrupt:
        raise
    except (Exception, TooSlow):
        pass
    return reply


class Found:
    """What is shown.

    Attributes:
        name: its spelling.
        value: the object; None where there is none, but words of its parent about it.
        is_builtin: whether it is found in the module builtins.
        words: what its parent's ``__custom_documentations__`` has for it, or None.
    """

    def __init__(self, steps: list[Step], value: Any, namespace: Namespace) -> None:
        self.name = spelled(steps)
        self.value = value
        self.is_builtin = steps[0][0] == "name" and steps[0][1] not in namespace
        words = _documentation(steps, namespace)
        found = None if words is None else words.get(steps[-1][1])
        self.words = found if isinstance(found, str) else None


def _documentation(steps: list[Step], namespace: Namespace) -> dict[str, str] | None:
    """Return what the object that has the last attribute says of its attributes, or None."""
    if len(steps) < 2 or steps[-1][0] != "attribute" or lookup.caution.on:
        return None
    parent = lookup.evaluated(steps[:-1], namespace)
    if parent is lookup.MISSING:
        return None
    words = getattr(parent, _DOCUMENTATION, None)
    return words if isinstance(words, dict) else None


def at_cursor(
    code: str, cursor: int, namespace: Namespace, documented: bool = False
) -> tuple[list[Step], Any]:
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
    if place.fragment or documented:
        last: list[Token] = [("name", place.fragment, place.start)] if place.fragment else []
        found = [*place.tokens, *last]
        candidates.append(chain(found, len(found)))
    elif place.previous() == "]":
        candidates.append(chain(place.tokens, opening_of(place.tokens, len(place.tokens) - 1)))
    opening = place.call()
    if opening is not None and not documented:
        candidates.append(chain(place.tokens, opening))
    find = lookup.resolve if lookup.caution.on else lookup.evaluated
    for steps in candidates:
        value = find(steps, namespace) if steps else lookup.MISSING
        if steps and value is not lookup.MISSING:
            return steps, value
        if documented and steps and _documentation(steps, namespace) is not None:
            return steps, None
    return [], None


def spelled(steps: list[Step]) -> str:
    """Return the steps as code."""
    form = {"name": "{}", "value": "{!r}", "attribute": ".{}", "item": "[{!r}]"}
    return "".join(form[kind].format(what) for kind, what in steps)


def _fields(found: Found, detail: int) -> list[Field]:
    if lookup.kind_of(found.value) == "class":
        return _class_fields(found, detail)
    if type(found.value) in lookup.SIMPLE_CALLABLES:
        return _function_fields(found, detail)
    return _object_fields(found, detail)


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


def _function_fields(found: Found, detail: int) -> list[Field]:
    value = found.value
    source = _source(value) if detail else None
    return [
        ("Signature", _signature(found.name, value)),
        ("Docstring", _words_beside(source, found)),
        ("Source", _painted(source)),
        ("File", _file(value)),
        ("Type", type(value).__name__),
    ]


def _class_fields(found: Found, detail: int) -> list[Field]:
    name, value = found.name, found.value
    source = _source(value) if detail else None
    init = lookup.attribute(value, "__init__")
    init_doc = _docstring(init)
    names = [cls.__name__ for cls in type.__subclasses__(value)]
    if len(names) >= _MOST_SUBCLASSES:
        names = [*names[:_MOST_SUBCLASSES], "..."]
    return [
        ("Init signature", _signature(name, value) or _signature(name, init)),
        ("Docstring", _words_beside(source, found)),
        ("Source", _painted(source)),
        ("Init docstring", None if source or init_doc == _object_init_doc() else init_doc),
        ("File", _file(value)),
        ("Type", type(value).__name__),
        ("Subclasses", ", ".join(names)),
    ]


def _object_fields(found: Found, detail: int) -> list[Field]:
    value, cls = found.value, type(found.value)
    described = value if lookup.kind_of(value) in ("module", "property", "function") else cls
    described = _wrapped(value) or described
    source = _source(described, found.name) if detail else None
    words = found.words or _docstring(value) or "<no docstring>"
    called = _attribute(value, "__call__")
    signature = _signature(found.name, value) if called is not None else None
    call_signature = _signature(found.name, called) if called is not None else None
    return [
        ("Signature", signature),
        ("Call signature", None if call_signature == signature else call_signature),
        ("Type", cls.__name__),
        ("String form", _string_form(value, detail)),
        ("Namespace", "Python builtin" if found.is_builtin else None),
        ("Length", _length(value)),
        ("File", _file(described)),
        ("Source", _painted(source)),
        ("Docstring", None if source else words),
        ("Class docstring", _unless(_docstring(cls), words, *_kinds_docs())),
        ("Init docstring", _unless(_method_doc(value, "__init__"), _object_init_doc())),
        (
            "Call docstring",
            _unless(_method_doc(value, "__call__"), _method_doc(lookup.Function, "__call__")),
        ),
    ]


def _words_beside(source: str | None, found: Found) -> str | None:
    """Return the docstring, unless it is in the source that is shown."""
    words = found.words or _docstring(found.value) or "<no docstring>"
    if source is None:
        return words
    import ast
    from textwrap import dedent

    try:
        (node,) = ast.parse(dedent(source)).body
        return None if ast.get_docstring(node) == words else words  # type: ignore[arg-type]
    except Exception:
        return words


def _unless(text: str | None, *known: str | None) -> str | None:
    return None if text in known else text


def _kinds_docs() -> list[str | None]:
    """Return what is said of modules, functions and properties in general."""
    return [_docstring(each) for each in (lookup.Module, lookup.Method, lookup.Function, property)]


def _attribute(value: Any, name: str) -> Any:
    """Return an attribute as the object gives it, or None."""
    try:
        return getattr(value, name, None)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def _method_doc(value: Any, name: str) -> str | None:
    method = _attribute(value, name)
    return None if method is None else _docstring(method)


def _wrapped(value: Any) -> Any:
    """Return the function that a wrapper (of functools, say) stands for, or None."""
    found = lookup.attribute(value, "__wrapped__")
    return found if type(found) is lookup.Function else None


def _object_init_doc() -> str | None:
    return _docstring(object.__init__)


def _docstring(value: Any) -> str | None:
    import inspect

    if value is None or value is lookup.MISSING:
        return inspect.getdoc(value) if value is None else None
    try:
        text = value.getdoc()
        if isinstance(text, str):
            return inspect.cleandoc(text)
    except KeyboardInterrupt:
        raise
    except BaseException:
        pass
    try:
        return inspect.getdoc(value)
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
    if type(value) in (bytes, bytearray) and len(value) > _MOST_ITEMS:
        return repr(value[:_MOST_ITEMS])
    if _count(value, 0) <= _MOST_ITEMS:
        return str(value)
    from _carme.display.pretty import Printer

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


def _source(value: Any, name: str = "") -> str | None:
    import inspect

    try:
        if lookup.kind_of(value) == "property":
            text = _property_source(value, name)
        elif lookup.kind_of(value) == "class" and value.__module__ == "__main__":
            text = _class_source(value)
        else:
            _publish_own_source(_code_file(value))
            text = inspect.getsource(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    return text.strip("\n").rstrip()


def _painted(source: str | None) -> str | None:
    return None if source is None else colour_code(source)


def _property_source(value: property, name: str) -> str:
    """Return the source of a property's functions, each below its name."""
    import inspect
    from textwrap import dedent

    parts = []
    for part in ("fget", "fset", "fdel"):
        function = getattr(value, part)
        if function is not None:
            parts.append(f"# {name}.{part}")
            parts.append(dedent(inspect.getsource(function)))
    return "\n".join(parts)


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
    return colour_code(f"{name}({inside})" + (f" -> {result}" if result else ""))


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
