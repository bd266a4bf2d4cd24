"""The repr of objects that are made of builtin types alone: no user code is run for it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SCALARS = (str, bytes, int, float, complex, bool, type(None), type(Ellipsis))
CONTAINERS = (list, tuple, set, frozenset, dict)
_MOST_ITEMS = 1000
_LONGEST = 200  # characters


def static_repr(value: Any) -> str | None:
    """Return the shortened repr of objects of builtin types only, or None."""
    if _count(value, 0) > _MOST_ITEMS:
        return None
    text = repr(value)
    if len(text) <= _LONGEST:
        return text
    half = (_LONGEST - 5) // 2
    return text[:half] + " <...> " + text[-half:]


def _count(value: Any, counted: int) -> int:
    """Return `counted` and the parts of the value; _MOST_ITEMS + 1 for too many or other types."""
    cls = type(value)
    if cls in _SCALARS:
        return counted + (len(value) // 100 if cls in (str, bytes) else 0) + 1
    if cls not in CONTAINERS or len(value) > _MOST_ITEMS:
        return _MOST_ITEMS + 1
    parts = [*value, *value.values()] if cls is dict else list(value)
    for part in parts:
        if counted > _MOST_ITEMS:
            break
        counted = _count(part, counted)
    return counted + 1
