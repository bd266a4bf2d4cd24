"""What an object is, in the fields that IPython's `?` shows.

As in IPython, __getattr__, __str__, __len__ and getdoc() of the object are called; what they raise
is contained and their time is limited. A property at the end of the name is not evaluated.
Source: IPython's documentation, IPython.core.oinspect.
"""

from _carme.help import guarded_eval, object_kinds
from _carme.help.inspection import docstrings, object_at_cursor, object_sources, signatures
from _carme.help.inspection.string_form import string_form
from _carme.syntax.highlight import RED, colour_code, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union

    from _carme.syntax.cursor_context import Step

    Namespace = Mapping[str, Any]
    Field = tuple[str, Union[str, None]]  # title, and text unless there is none

_TIME_LIMIT = 1.0  # seconds for all of the user's code
_MOST_SUBCLASSES = 10


def inspect(
    code: str, cursor: int, detail_level: int, namespace: Namespace, is_name: bool = False
) -> dict[str, Any]:
    """Return the content of inspect_reply for the name at the cursor (in code points).

    Where no name is, for the function in whose parentheses the cursor is. `detail_level` 1 adds
    the source. `is_name`: `code` is one name, which its object's __custom_documentations__ may
    describe even if it has no value.
    """
    from _carme.interrupts.time_limit import TimeLimit, TimeLimitExceeded

    reply: dict[str, Any] = {"status": "ok", "found": False, "data": {}, "metadata": {}}
    try:
        with TimeLimit(_TIME_LIMIT):
            place = min(max(cursor, 0), len(code))
            steps, value = object_at_cursor.find(code, place, namespace, is_name)
            if steps:
                fields = _fields(Inspected(steps, value, namespace), detail_level)
                reply["data"] = {"text/plain": layout(fields)}
                reply["found"] = True
    except KeyboardInterrupt:
        raise
    except (Exception, TimeLimitExceeded):
        pass
    return reply


class Inspected:
    """The object whose fields are shown.

    Attributes:
        name: its source code.
        value: the object; None if only __custom_documentations__ describes it.
        is_builtin: whether it is found in the module builtins.
        custom_docstring: its text in __custom_documentations__ of its object, or None.
    """

    def __init__(self, steps: list[Step], value: Any, namespace: Namespace) -> None:
        self.name = object_at_cursor.source_of(steps)
        self.value = value
        self.is_builtin = steps[0][0] == "name" and steps[0][1] not in namespace
        known = object_at_cursor.custom_documentation(steps, namespace)
        text = None if known is None else known.get(steps[-1][1])
        self.custom_docstring = text if isinstance(text, str) else None

    def docstring(self) -> str:
        """What is shown as the docstring."""
        found = self.custom_docstring or docstrings.docstring(self.value)
        return found or "<no docstring>"


def _fields(found: Inspected, detail: int) -> list[Field]:
    if object_kinds.kind_of(found.value) == "class":
        return _class_fields(found, detail)
    if type(found.value) in object_kinds.SIMPLE_CALLABLES:
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


def _function_fields(found: Inspected, detail: int) -> list[Field]:
    value = found.value
    source = object_sources.source(value) if detail else None
    return [
        ("Signature", signatures.call_text(found.name, value)),
        ("Docstring", _docstring_beside(source, found)),
        ("Source", _coloured(source)),
        ("File", object_sources.shown_file(value)),
        ("Type", type(value).__name__),
    ]


def _class_fields(found: Inspected, detail: int) -> list[Field]:
    name, value = found.name, found.value
    source = object_sources.source(value) if detail else None
    init = guarded_eval.attribute(value, "__init__")
    names = [cls.__name__ for cls in type.__subclasses__(value)]
    if len(names) >= _MOST_SUBCLASSES:
        names = [*names[:_MOST_SUBCLASSES], "..."]
    return [
        ("Init signature", signatures.call_text(name, value) or signatures.call_text(name, init)),
        ("Docstring", _docstring_beside(source, found)),
        ("Source", _coloured(source)),
        ("Init docstring", None if source else docstrings.init_docstring(init)),
        ("File", object_sources.shown_file(value)),
        ("Type", type(value).__name__),
        ("Subclasses", ", ".join(names)),
    ]


def _object_fields(found: Inspected, detail: int) -> list[Field]:
    value, cls = found.value, type(found.value)
    described = value if object_kinds.kind_of(value) in ("module", "property", "function") else cls
    described = _wrapped(value) or described
    source = object_sources.source(described, found.name) if detail else None
    text = found.docstring()
    called = docstrings.attribute(value, "__call__")
    signature = call_signature = None
    if called is not object_kinds.MISSING:
        signature = signatures.call_text(found.name, value)
        call_signature = signatures.call_text(found.name, called)
    return [
        ("Signature", signature),
        ("Call signature", None if call_signature == signature else call_signature),
        ("Type", cls.__name__),
        ("String form", string_form(value, detail)),
        ("Namespace", "Python builtin" if found.is_builtin else None),
        ("Length", _length(value)),
        ("File", object_sources.shown_file(described)),
        ("Source", _coloured(source)),
        ("Docstring", None if source else text),
        ("Class docstring", docstrings.class_docstring(value, text)),
        ("Init docstring", docstrings.init_docstring(docstrings.attribute(value, "__init__"))),
        ("Call docstring", docstrings.call_docstring(called)),
    ]


def _docstring_beside(source: str | None, found: Inspected) -> str | None:
    """Return the docstring, unless the source that is shown has it."""
    text = found.docstring()
    return None if source is not None and docstrings.is_docstring_of(text, source) else text


def _coloured(source: str | None) -> str | None:
    return None if source is None else colour_code(source)


def _wrapped(value: Any) -> Any:
    """Return the function that a wrapper (of functools, say) stands for, or None."""
    found = guarded_eval.attribute(value, "__wrapped__")
    return found if type(found) is object_kinds.Function else None


def _length(value: Any) -> str | None:
    try:
        return str(len(value))
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
