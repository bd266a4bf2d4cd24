"""Mime bundles of objects: what IPython's display formatter gives by default.

An object describes itself through ``_repr_mimebundle_``, ``_repr_html_`` and their like, or shows
itself in ``_ipython_display_``; what is registered for its type comes first (formatters.py).
"""

import sys

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
# The name IPython asks for: libraries whose objects answer every name know to refuse this one.
_CANARY = "_ipython_canary_method_should_not_exist_"
# Types whose text is their repr: pretty is not even loaded for them.
_ATOMS = frozenset((int, float, complex, bool, str, bytes, type(None)))
_TEXTS = frozenset((str, bytes))
_SOME_TEXT = 100_000  # characters: below it no limit is looked up
_MOST_TEXT = 10_000_000  # characters of a str or bytes that are displayed
_TEXT_ONLY = _ATOMS | frozenset((list, tuple, dict, set, frozenset, range, type(len)))


def bundle(obj: object) -> Bundle:
    """Return (data by mime type, metadata by mime type) of `obj`.

    A method of `obj` that raises is reported, and the other representations are still given. Also
    a ``__repr__`` may raise: then there is no text/plain.
    """
    data: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    if "_carme.display.formatters" in sys.modules:
        _add_registered(obj, data, metadata)
    if type(obj) in _TEXTS and len(obj) > _SOME_TEXT:  # type: ignore[arg-type]
        return {"text/plain": _beginning(obj), **data}, metadata
    if type(obj) in _ATOMS:
        return {"text/plain": repr(obj), **data}, metadata
    from _carme.display.pretty import pretty

    if type(obj) in _TEXT_ONLY:
        done, text = _call(lambda: pretty(obj), {})
        return {**({"text/plain": text} if done else {}), **data}, metadata
    asked = _answers(obj)
    if asked:
        _add_mimebundle(obj, data, metadata)
    if "text/plain" not in data:
        done, text = _call(lambda: pretty(obj), {})
        if done:
            data["text/plain"] = text
    if asked:
        for mime, name, types in _METHODS:
            if mime not in data:
                _add_method(obj, mime, name, types, data, metadata)
    return data, metadata


def _beginning(text: Any) -> str:
    """The repr of a long str or bytes, cut where CARME_DISPLAY_MAX says, with a note."""
    import os

    most = os.environ.get("CARME_DISPLAY_MAX", "")
    limit = int(most) if most.isdigit() else _MOST_TEXT
    if len(text) <= limit:
        return repr(text)
    return (
        f"{text[:limit]!r}\n... the first {limit:,} of {len(text):,}; print() writes all of it, "
        "and the environment variable CARME_DISPLAY_MAX sets how much is displayed"
    )


def displays_itself(obj: object) -> bool:
    """Let `obj` show itself through ``_ipython_display_``; False if it has no such method.

    A method that raises is reported, and the answer is False.
    """
    if type(obj) in _TEXT_ONLY or not _answers(obj):
        return False
    method = _method(obj, "_ipython_display_")
    if method is None:
        return False
    return _call(method, {})[0]


class _Probe:
    def method(self) -> None:
        """Show the type of bound methods (the module types is not imported)."""


_METHOD_TYPE = type(_Probe().method)


def _answers(obj: object) -> bool:
    """Whether attributes of `obj` mean something: not for one that answers every name."""
    return _attribute(obj, _CANARY) is None


def _attribute(obj: object, name: str) -> Any:
    try:
        return getattr(obj, name, None)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def _method(obj: object, name: str) -> Callable[..., Any] | None:
    method = _attribute(obj, name)
    # The methods in a class's dictionary are for its instances.
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

    report.report_display(error)


def _warn(message: str) -> None:
    stream = sys.stderr
    if stream is not None:
        stream.write(message + "\n")


def _split(value: Any) -> tuple[Any, Any]:
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
    given, about = _split(value)
    if not isinstance(given, dict):
        _warn_type("_repr_mimebundle_", given, (dict,), obj)
        return
    data.update((key, item) for key, item in given.items() if _is_mime(key, item))
    if isinstance(about, dict):
        metadata.update(about)


def _add_registered(obj: object, data: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Take what printers make that somebody has registered for the type."""
    from _carme.display import formatters

    whole = formatters.whole_bundle(obj)
    if whole is not None:
        made = _call(lambda: whole(obj), {})[1]
        if made is not None:
            data.update(made[0])
            metadata.update(made[1])
    expected = {mime: types for mime, _, types in _METHODS}
    for mime, formatter in formatters.registered(obj):
        value, about = _split(_call(formatter, {"obj": obj})[1])
        types = expected.get(mime, (str,))
        if value is not None and not isinstance(value, types):
            _warn_type(mime, value, types, obj)
        elif value is not None:
            data[mime] = value
        if about is not None:
            metadata[mime] = about


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
    value, about = _split(_call(method, {})[1])
    if value is None:
        return
    if not isinstance(value, types):
        _warn_type(mime, value, types, obj)
        return
    data[mime] = value
    if about is not None:
        metadata[mime] = about


def _warn_type(what: str, value: object, expected: tuple[type, ...], obj: object) -> None:
    names = " or ".join(cls.__name__ for cls in expected)
    _warn(
        f"FormatterWarning: {what} formatter returned invalid type {type(value).__name__} "
        f"(expected {names}) for object of type {type(obj).__name__}"
    )
