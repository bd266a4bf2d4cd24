"""Converts the content of messages to types that JSON has.

First as json.dumps with jupyter_client's ``json_default`` does; if that raises, all of it as its
``json_clean`` does. Scalars that neither knows, such as ``numpy.bool_`` and arrays without
dimensions, become int, float or bool.
Source: jupyter_client.jsonutil; The Python Standard Library, "json", JSONEncoder.
"""

import sys
from _collections_abc import Iterable
from math import isfinite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Convert = Callable[[Any], Any]

_EXACT_TYPES = frozenset((str, int, bool, type(None)))
_EXACT_TYPES_AND_FLOAT = _EXACT_TYPES | {float}
_KEYWORD_KEYS = {True: "true", False: "false", None: "null"}
_SCALARS = (bool, int, float)
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: a class statement, which may define __iter__


def plain(content: Any) -> Any:
    """Return `content` as dicts with str keys, lists, str, int, finite float, bool and None.

    Raises:
        TypeError: something in it cannot be converted.
        ValueError: two keys of a dict have the same str().
        Exception: what the iteration over an object raises.
    """
    conversion = _Conversion()
    try:
        return conversion.as_json_default(content)
    except (TypeError, ValueError) as error:
        cleaned = conversion.as_json_clean(content)
        _warn(error)
        return cleaned


def _warn(error: Exception) -> None:
    """Warn that the content is sent in an approximate form."""
    import warnings

    text = f"JSON can not hold what is sent ({error}): the nearest that it can hold is sent"
    warnings.warn(text, stacklevel=2)


class _Conversion:
    """The conversion of one content. The items of iterators are kept for the second attempt."""

    def __init__(self) -> None:
        self.iterated: dict[int, tuple[Any, list[Any]]] = {}

    def as_json_default(self, value: Any) -> Any:
        """Return what json.dumps with json_default writes; it raises the same exceptions."""
        if value is None or isinstance(value, (str, int)):
            return value
        if isinstance(value, float):
            return _finite(value)
        if isinstance(value, (list, tuple)):
            return _convert_items(value, self.as_json_default)
        if isinstance(value, dict):
            return {_key(key): self.as_json_default(each) for key, each in value.items()}
        if isinstance(value, (bytes, *_date_types())):
            return _text_of(value)
        if isinstance(value, Iterable):
            return self.from_iterable(value, self.as_json_default)
        return self.as_json_default(_number(value))

    def as_json_clean(self, value: Any) -> Any:
        """Return what json_clean and then json.dumps with json_default make of it."""
        if value is None or isinstance(value, (str, int)):
            return value
        if isinstance(value, float):
            return value if isfinite(value) else repr(value)
        if isinstance(value, (list, tuple)):
            return _convert_items(value, self.as_json_clean)
        if isinstance(value, dict):
            return self.clean_dict(value)
        if isinstance(value, bytes):
            return _text_of(value)
        if isinstance(value, _date_types()):
            return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
        if isinstance(value, Iterable):
            return self.from_iterable(value, self.as_json_clean)
        number = _number(value)
        return number if isfinite(number) else repr(value)

    def clean_dict(self, value: dict[Any, Any]) -> dict[str, Any]:
        """Return the dict with the str() of its keys."""
        cleaned = {str(key): self.as_json_clean(each) for key, each in value.items()}
        if len(cleaned) != len(value):
            raise ValueError("dict can not be JSON: two of its keys are the same text")
        return cleaned

    def from_iterable(self, value: Any, convert: Convert) -> Any:
        """Return the items of an iterable, or the scalar of an array without dimensions."""
        numbers = _numbers(value)
        if numbers is not None:
            return convert(numbers)
        kept = self.iterated.get(id(value))
        if kept is None:
            try:
                iterator = iter(value)
            except TypeError:
                return convert(_item(value))
            kept = value, list(iterator)
            if iterator is value:
                self.iterated[id(value)] = kept
        return _convert_items(kept[1], convert)


def _finite(value: float) -> float:
    if not isfinite(value):
        raise ValueError(f"Out of range float values are not JSON compliant: {value!r}")
    return value


def _convert_items(values: Any, convert: Convert) -> list[Any]:
    """Return the converted items; items of exact JSON types are not converted one by one."""
    items = list(values)
    types = set(map(type, items))
    if types <= _EXACT_TYPES or (types <= _EXACT_TYPES_AND_FLOAT and _all_finite(items)):
        return items
    return [convert(each) for each in items]


def _all_finite(items: list[Any]) -> bool:
    return all([isfinite(each) for each in items if type(each) is float])


def _key(key: Any) -> str:
    """Return a key of a dict as json.dumps writes it."""
    if isinstance(key, str):
        return key
    if key is None or key is True or key is False:
        return _KEYWORD_KEYS[key]
    if isinstance(key, float):
        return float.__repr__(_finite(key))
    if isinstance(key, int):
        return int.__repr__(key)
    raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")


def _date_types() -> tuple[Any, ...]:
    """datetime.date, once that module is imported: before, no object is one."""
    module = sys.modules.get("datetime")
    return () if module is None else (module.date,)


def _text_of(value: Any) -> str:
    """Return the str of json_default for bytes, a date or a datetime (naive: in local time)."""
    if isinstance(value, bytes):
        from binascii import b2a_base64

        return b2a_base64(value, newline=False).decode("ascii")
    if isinstance(value, sys.modules["datetime"].datetime):
        if not value.tzinfo:
            value = value.replace(tzinfo=_local_zone(value))
        return str(value.isoformat()).replace("+00:00", "Z")
    return str(value.isoformat())


def _local_zone(value: Any) -> Any:
    """Return the local tzinfo at a naive datetime."""
    from datetime import datetime, timedelta, timezone

    try:
        return datetime(*value.timetuple()[:6]).astimezone().tzinfo
    except (OSError, OverflowError, TypeError, ValueError):
        import time

        return timezone(timedelta(seconds=-time.timezone))


def _numbers(value: Any) -> Any:
    """Return the numbers of a builtin or extension type's buffer, as nested lists; else None."""
    if type(value).__flags__ & _HEAP_TYPE:
        return None
    try:
        with memoryview(value) as view:
            return view.tolist() if view.format != "c" else None
    except (TypeError, ValueError, NotImplementedError, BufferError):
        return None


def _number(value: Any) -> Any:
    """Return the int, float or bool of a number of another type."""
    from numbers import Integral, Real

    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    return _item(value)


def _item(value: Any) -> Any:
    """Return the scalar of an array without dimensions, or of a type with such a buffer."""
    found = _call_item(value) if isinstance(value, Iterable) else _numbers(value)
    if type(found) not in _SCALARS:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return found


def _call_item(value: Any) -> Any:
    """Return the value of item(), a method of arrays; None if it is not equal to the array."""
    try:
        found = value.item()
        return found if bool(found == value) else None
    except Exception:
        return None
