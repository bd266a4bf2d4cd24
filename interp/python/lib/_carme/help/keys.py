"""Keys of a live object for the subscript that is being written, tuples' and tables' too.

Source: IPython's documentation, ``_ipython_key_completions_``; pandas', DataFrame.loc.
"""

from _carme.help import lookup
from _carme.syntax.lexer import Place, chain, constant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Union

    from _carme.syntax.lexer import Token

    Namespace = Mapping[str, Any]

_MOST_KEYS = 2000
_PATIENCE = 1.0  # seconds for the user's code that gives them
_PLAIN = (str, bytes, int, float, bool)  # whose comparison is Python's own
_ANY: Any = object()  # a slice of everything stands here


def keys(place: Place, namespace: Namespace) -> list[Any]:
    """Return what may be written next in the subscript around the cursor, at most 2,000 keys.

    In front of the cursor may be the first elements of a tuple: ``table["a", ``.
    """
    opening, written = _subscript(place)
    steps = chain(place.tokens, opening) if opening > 0 and written is not None else None
    value = lookup.resolve(steps, namespace) if steps else lookup.MISSING
    if value is lookup.MISSING or written is None:
        return []
    from _carme.interrupts.time_limit import Bounded

    try:
        with Bounded(_PATIENCE):
            found = [key for _, key in zip(range(_MOST_KEYS), _keys_of(value, len(written)))]
        if not _is_by_axis(value):
            found = [_rest(key, written) for key in found]
        return list({(type(key), key): key for key in found if key is not _ANY}.values())
    except KeyboardInterrupt:
        raise
    except BaseException:
        return []


def _subscript(place: Place) -> tuple[int, Union[list[Any], None]]:
    """Return (index of the subscript's bracket, elements before the cursor or None: computed)."""
    if not is_subscript(place):
        return -1, None
    first = place.brackets[-1]
    opening = first if place.tokens[first][1] == "[" else first - 1
    return opening, _elements(place.tokens[first + 1 :])


def is_subscript(place: Place) -> bool:
    """Whether the innermost bracket is one of `x[` (or a list's), or of a tuple: `x[(`."""
    if not place.brackets:
        return False
    last = place.brackets[-1]
    if place.tokens[last][1] == "(":
        return place.brackets[-2:-1] == [last - 1] and place.tokens[last - 1][1] == "["
    return place.tokens[last][1] == "["


def _elements(inside: list[Token]) -> Union[list[Any], None]:
    """Return the constants of `"a", 1,`; None when there is anything else."""
    written: list[Any] = []
    element: list[Token] = []
    for token in inside:
        if token[1] != ",":
            element.append(token)
            continue
        value = (_ANY,) if [text for _, text, _ in element] == [":"] else constant(element)
        if value is None:
            return None
        written.append(value[0])
        element = []
    return None if element else written


def _rest(key: Any, written: list[Any]) -> Any:
    """Return the element of a tuple that comes next, or the key itself; _ANY if it is no such."""
    if type(key) is not tuple:
        return _ANY if written else key
    if len(key) <= len(written) or list(key[: len(written)]) != written:
        return _ANY
    return key[len(written)]


def _is_by_axis(value: Any) -> bool:
    """Whether it is a table's `.loc` or `.at`."""
    return lookup.is_trusted(value) and type(value).__name__ in ("_LocIndexer", "_AtIndexer")


def _keys_of(value: Any, axis: int) -> Iterable[Any]:
    cls = type(value)
    if lookup.caution.on:
        return [key for key in dict.keys(value) if type(key) in _PLAIN] if cls is dict else ()
    if _is_by_axis(value):
        axes = value.obj.axes
        return axes[axis] if axis < len(axes) else ()
    own = lookup.attribute(cls, "_ipython_key_completions_")
    if lookup.is_function(own):
        return list(value._ipython_key_completions_())
    if issubclass(cls, dict):
        return list(dict.keys(value))
    names = lookup.attribute(cls, "keys")
    if lookup.is_function(names) and hasattr(cls, "__getitem__"):
        return list(value.keys())
    return getattr(getattr(value, "dtype", None), "names", None) or ()
