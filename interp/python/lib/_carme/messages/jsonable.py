"""What JSON has no form for, made of what it has one for: content that is not plain Python data.

First as jupyter_client's ``json_default`` lets the standard library write it; when that raises,
the whole content as its ``json_clean`` makes it. Numbers that neither knows, such as
``numpy.bool_`` and arrays without dimensions, are the numbers that they hold.
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

_PLAIN = frozenset((str, int, bool, type(None)))
_PLAIN_AND_FLOAT = _PLAIN | {float}
_KEYS = {True: "true", False: "false", None: "null"}
_SCALARS = (bool, int, float)
_MADE_BY_CLASS_STATEMENT = 1 << 9  # Py_TPFLAGS_HEAPTYPE: iterating may be the class's own


def plain(content: Any) -> Any:
    """Return `content` as dicts with str keys, lists, str, int, finite float, bool and None.

    Raises:
        TypeError: something in it has no form in JSON.
        ValueError: two keys of a dict are the same text.
        Exception: what iterating over an object of the user's raises.
    """
    conversion = _Conversion()
    try:
        return conversion.packed(content)
    except (TypeError, ValueError) as error:
        cleaned = conversion.cleaned(content)
        _warn(error)
        return cleaned


def _warn(error: Exception) -> None:
    """Tell that the content is sent, though not as it is."""
    import warnings

    text = f"JSON can not hold what is sent ({error}): the nearest that it can hold is sent"
    warnings.warn(text, stacklevel=2)


class _Conversion:
    """One content. What an iterator has given is kept: it gives it once only."""

    def __init__(self) -> None:
        self.given: dict[int, tuple[Any, list[Any]]] = {}

    def packed(self, value: Any) -> Any:
        """Return what json.dumps with json_default writes; TypeError, ValueError: it raises."""
        if value is None or isinstance(value, (str, int)):
            return value
        if isinstance(value, float):
            return _finite(value)
        if isinstance(value, (list, tuple)):
            return _items(value, self.packed)
        if isinstance(value, dict):
            return {_key(key): self.packed(each) for key, each in value.items()}
        if isinstance(value, (bytes, *_date_types())):
            return _text_of(value)
        if isinstance(value, Iterable):
            return self.iterated(value, self.packed)
        return self.packed(_number(value))

    def cleaned(self, value: Any) -> Any:
        """Return what json_clean makes of it, or what json.dumps with json_default then writes."""
        if value is None or isinstance(value, (str, int)):
            return value
        if isinstance(value, float):
            return value if isfinite(value) else repr(value)
        if isinstance(value, (list, tuple)):
            return _items(value, self.cleaned)
        if isinstance(value, dict):
            return self.cleaned_dict(value)
        if isinstance(value, bytes):
            return _text_of(value)
        if isinstance(value, _date_types()):
            return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
        if isinstance(value, Iterable):
            return self.iterated(value, self.cleaned)
        number = _number(value)
        return number if isfinite(number) else repr(value)

    def cleaned_dict(self, value: dict[Any, Any]) -> dict[str, Any]:
        """Return the dict with the str() of its keys."""
        found = {str(key): self.cleaned(each) for key, each in value.items()}
        if len(found) != len(value):
            raise ValueError("dict can not be JSON: two of its keys are the same text")
        return found

    def iterated(self, value: Any, convert: Convert) -> Any:
        """Return the items of anything iterable; the number of an array without dimensions."""
        numbers = _numbers(value)
        if numbers is not None:
            return convert(numbers)
        kept = self.given.get(id(value))
        if kept is None:
            try:
                iterator = iter(value)
            except TypeError:
                return convert(_item(value))
            kept = value, list(iterator)
            if iterator is value:
                self.given[id(value)] = kept
        return _items(kept[1], convert)


def _finite(value: float) -> float:
    if not isfinite(value):
        raise ValueError(f"Out of range float values are not JSON compliant: {value!r}")
    return value


def _items(values: Any, convert: Convert) -> list[Any]:
    """Return the converted items of a list or tuple; one of plain items is not looked through."""
    items = list(values)
    kinds = set(map(type, items))
    if kinds <= _PLAIN or (kinds <= _PLAIN_AND_FLOAT and _all_finite(items)):
        return items
    return [convert(each) for each in items]


def _all_finite(items: list[Any]) -> bool:
    return all([isfinite(each) for each in items if type(each) is float])


def _key(key: Any) -> str:
    """Return a dict's key as json.dumps writes it."""
    if isinstance(key, str):
        return key
    if key is None or key is True or key is False:
        return _KEYS[key]
    if isinstance(key, float):
        return float.__repr__(_finite(key))
    if isinstance(key, int):
        return int.__repr__(key)
    raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")


def _date_types() -> tuple[Any, ...]:
    """datetime.date and its kind; nothing is one before the module is there."""
    module = sys.modules.get("datetime")
    return () if module is None else (module.date,)


def _text_of(value: Any) -> str:
    """Return the text that json_default makes of bytes, a date or a time (naive: local)."""
    if isinstance(value, bytes):
        from binascii import b2a_base64

        return b2a_base64(value, newline=False).decode("ascii")
    if isinstance(value, sys.modules["datetime"].datetime):
        if not value.tzinfo:
            value = value.replace(tzinfo=_local_zone(value))
        return str(value.isoformat()).replace("+00:00", "Z")
    return str(value.isoformat())


def _local_zone(value: Any) -> Any:
    """Return the tzinfo of the machine at a naive time."""
    from datetime import datetime, timedelta, timezone

    try:
        return datetime(*value.timetuple()[:6]).astimezone().tzinfo
    except (OSError, OverflowError, TypeError, ValueError):
        import time

        return timezone(timedelta(seconds=-time.timezone))


def _numbers(value: Any) -> Any:
    """Return what a native buffer of numbers holds, nested by dimension; None: it is no such."""
    if type(value).__flags__ & _MADE_BY_CLASS_STATEMENT:
        return None
    try:
        with memoryview(value) as view:
            return view.tolist() if view.format != "c" else None
    except (TypeError, ValueError, NotImplementedError, BufferError):
        return None


def _number(value: Any) -> Any:
    """Return the int, float or bool that an object is."""
    from numbers import Integral, Real

    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    return _item(value)


def _item(value: Any) -> Any:
    """Return the number of an array without dimensions, or of a scalar that is laid out as one."""
    found = _asked(value) if isinstance(value, Iterable) else _numbers(value)
    if type(found) not in _SCALARS:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return found


def _asked(value: Any) -> Any:
    """Return what item() says, the way of array libraries; None: it is not the same number."""
    try:
        found = value.item()
        return found if bool(found == value) else None
    except Exception:
        return None
