"""Docstrings of objects, as `?` shows them.

A user's __getattr__ and getdoc() are called; what they raise is contained.
Source: IPython's documentation, IPython.core.oinspect, getdoc.
"""

from _carme.help import object_kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def docstring(value: Any) -> str | None:
    """Return what the object's getdoc() or inspect.getdoc() has, or None."""
    import inspect

    if value is None or value is object_kinds.MISSING:
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


def class_docstring(value: Any, shown: str) -> str | None:
    """Return the docstring of the object's class; None: it is shown, or a builtin type's."""
    types = (object_kinds.Module, object_kinds.Method, object_kinds.Function, property)
    return _unless(docstring(type(value)), shown, *map(docstring, types))


def init_docstring(init: Any) -> str | None:
    """Return the docstring of an __init__, unless it is that of `object`."""
    return _unless(docstring(init), docstring(object.__init__))


def call_docstring(call: Any) -> str | None:
    """Return the docstring of a __call__, unless it is that of functions."""
    return _unless(docstring(call), docstring(attribute(object_kinds.Function, "__call__")))


def _unless(text: str | None, *known: str | None) -> str | None:
    return None if text in known else text


def is_docstring_of(text: str, source: str) -> bool:
    """Whether the text is the docstring in a source of one statement."""
    import ast
    from textwrap import dedent

    try:
        (node,) = ast.parse(dedent(source)).body
        return ast.get_docstring(node) == text  # type: ignore[arg-type]
    except Exception:
        return False


def attribute(value: Any, name: str) -> Any:
    """Return getattr(value, name), or MISSING if that raises or is None."""
    try:
        found = getattr(value, name, None)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return object_kinds.MISSING
    return object_kinds.MISSING if found is None else found
