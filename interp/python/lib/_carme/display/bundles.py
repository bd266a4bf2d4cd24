"""Mime bundles of objects, as IPython's DisplayFormatter makes them by default.

An object has representations through ``_repr_mimebundle_``, ``_repr_html_`` and the like, or
displays itself in ``_ipython_display_``. Functions that are registered for its type come first.
"""

import sys

from _carme.errors.attributes import get

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Bundle = tuple[dict[str, Any], dict[str, Any]]

# Mime type, method, types its value may have. Bytes are left to the encoder, which writes base64.
_METHODS: tuple[tuple[str, str, tuple[type, ...]], ...] = (
    ("text/html", "_repr_html_", (str,)),
    ("text/markdown", "_repr_markdown_", (str,)),
    ("image/svg+xml", "_repr_svg_", (str,)),
    ("image/png", "_repr_png_", (bytes, str)),
    ("application/pdf", "_repr_pdf_", (bytes, str)),
    ("image/jpeg", "_repr_jpeg_", (bytes, str)),
    ("text/latex", "_repr_latex_", (str,)),
    ("application/json", "_repr_json_", (dict, list)),
    ("application/javascript", "_repr_javascript_", (str,)),
    ("application/vnd.dataresource+json", "_repr_data_resource_", (dict,)),  # pandas, if asked for
)
# As in IPython: an object that has this attribute has every attribute, and none means anything.
_CANARY = "_ipython_canary_method_should_not_exist_"
# Types whose text/plain is their repr: pretty is not even loaded for them.
_REPR_TYPES = frozenset((int, float, complex, bool, str, bytes, type(None)))
_STRING_TYPES = frozenset((str, bytes))
_LONG_STRING = 100_000  # characters, from which on CARME_DISPLAY_MAX is looked up
_DISPLAY_MAX = 10_000_000  # its default: the characters of a str or bytes that are displayed
_PLAIN_TYPES = _REPR_TYPES | frozenset((list, tuple, dict, set, frozenset, range, type(len)))


class Registered:
    """What is registered for types; formatters.py sets these functions of an object."""

    bundle_function: Any = None  # the function that makes its (data, metadata), or None
    formatters: Any = None  # its (mime type, formatter) pairs


def bundle(obj: object) -> Bundle:
    """Return (data by mime type, metadata by mime type) of `obj`.

    A method of `obj` that raises is reported, and the other representations are still made; if
    its ``__repr__`` raises, there is no text/plain.
    """
    data: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    if Registered.formatters is not None:
        _add_registered(obj, data, metadata)
    if type(obj) in _STRING_TYPES and len(obj) > _LONG_STRING:  # type: ignore[arg-type]
        return {"text/plain": _truncated_repr(obj), **data}, metadata
    if type(obj) in _REPR_TYPES:
        return {"text/plain": repr(obj), **data}, metadata
    from _carme.display.pretty import pretty

    if type(obj) in _PLAIN_TYPES:
        done, text = _call(lambda: pretty(obj), {})
        return {**({"text/plain": text} if done else {}), **data}, metadata
    has_methods = not _has_every_attribute(obj)
    if has_methods:
        _add_mimebundle(obj, data, metadata)
    if "text/plain" not in data:
        done, text = _call(lambda: pretty(obj), {})
        if done:
            data["text/plain"] = text
    if has_methods:
        for mime, name, types in _METHODS:
            if mime not in data:
                _add_method(obj, mime, name, types, data, metadata)
    return data, metadata


def _truncated_repr(text: Any) -> str:
    """The repr of the first CARME_DISPLAY_MAX characters of a long str or bytes, and a note."""
    import os

    setting = os.environ.get("CARME_DISPLAY_MAX", "")
    limit = int(setting) if setting.isdigit() else _DISPLAY_MAX
    if len(text) <= limit:
        return repr(text)
    return (
        f"{text[:limit]!r}\n... the first {limit:,} of {len(text):,}; print() writes all of it, "
        "and the environment variable CARME_DISPLAY_MAX sets how much is displayed"
    )


def displays_itself(obj: object) -> bool:
    """Call ``_ipython_display_`` of `obj`. False if it has no such method.

    A method that raises is reported, and False is returned.
    """
    if type(obj) in _PLAIN_TYPES or _has_every_attribute(obj):
        return False
    method = _method(obj, "_ipython_display_")
    if method is None:
        return False
    return _call(method, {})[0]


class _Example:
    def method(self) -> None:
        """Its type is types.MethodType, without the import of types."""


_METHOD_TYPE = type(_Example().method)


def _has_every_attribute(obj: object) -> bool:
    """Whether `obj` makes attributes of any name, as a Mock does."""
    return get(obj, _CANARY) is not None


def _method(obj: object, name: str) -> Callable[..., Any] | None:
    method = get(obj, name)
    # Of a class: only class methods are its own; functions are methods of its instances.
    if method is None or isinstance(obj, type) and type(method) is not _METHOD_TYPE:
        return None
    return method if callable(method) else None


def _call(method: Callable[..., Any], kwargs: Mapping[str, Any]) -> tuple[bool, Any]:
    """Return (True, value), or (False, None) for a method that raised, once that is reported."""
    try:
        return True, method(**kwargs)
    except NotImplementedError:
        pass
    except Exception as error:
        _report(error)
    return False, None


def _report(error: BaseException) -> None:
    from _carme.errors import report

    report.report_display_error(error)


def _warn(message: str) -> None:
    stream = sys.stderr
    if stream is not None:
        stream.write(message + "\n")


def _data_and_metadata(value: Any) -> tuple[Any, Any]:
    """What a representation method has returned: data alone, or a pair."""
    if isinstance(value, tuple) and len(value) == 2:
        return value
    return value, None


def _add_mimebundle(obj: object, data: dict[str, Any], metadata: dict[str, Any]) -> None:
    method = _method(obj, "_repr_mimebundle_")
    if method is None:
        return
    _, value = _call(method, {"include": None, "exclude": None})
    if value is None:
        return
    bundled, notes = _data_and_metadata(value)
    if not isinstance(bundled, dict):
        _warn_type("_repr_mimebundle_", bundled, (dict,), obj)
        return
    data.update((key, item) for key, item in bundled.items() if _is_mime(key, item))
    if isinstance(notes, dict):
        metadata.update(notes)


def _add_registered(obj: object, data: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Add what the functions make that are registered for the type."""
    bundle_function = Registered.bundle_function(obj)
    if bundle_function is not None:
        made = _call(lambda: bundle_function(obj), {})[1]
        if made is not None:
            data.update(made[0])
            metadata.update(made[1])
    expected = {mime: types for mime, _, types in _METHODS}
    for mime, formatter in Registered.formatters(obj):
        value, notes = _data_and_metadata(_call(formatter, {"obj": obj})[1])
        types = expected.get(mime, (str,))
        if value is not None and not isinstance(value, types):
            _warn_type(mime, value, types, obj)
        elif value is not None:
            data[mime] = value
        if notes is not None:
            metadata[mime] = notes


def _is_mime(key: object, value: object) -> bool:
    return isinstance(key, str) and value is not None


def _add_method(
    obj: object,
    mime: str,
    name: str,
    types: tuple[type, ...],
    data: dict[str, Any],
    metadata: dict[str, Any],
) -> None:
    method = _method(obj, name)
    if method is None:
        return
    value, notes = _data_and_metadata(_call(method, {})[1])
    if value is None:
        return
    if not isinstance(value, types):
        _warn_type(mime, value, types, obj)
        return
    data[mime] = value
    if notes is not None:
        metadata[mime] = notes


def _warn_type(what: str, value: object, expected: tuple[type, ...], obj: object) -> None:
    names = " or ".join(cls.__name__ for cls in expected)
    _warn(
        f"FormatterWarning: {what} formatter returned invalid type {type(value).__name__} "
        f"(expected {names}) for object of type {type(obj).__name__}"
    )
