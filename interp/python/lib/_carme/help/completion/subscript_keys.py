"""Completions of the keys of a live object in a subscript, also of tuples as keys.

Source: IPython's documentation, ``_ipython_key_completions_``; pandas', DataFrame.loc.
"""

from _carme.help import guarded_eval, object_kinds
from _carme.syntax.cursor_context import CursorContext, literal_value, primary_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Union

    from _carme.syntax.lexer import Token

    Namespace = Mapping[str, Any]

_MOST_KEYS = 2000
_TIME_LIMIT = 1.0  # seconds for the user's code that returns them
_PLAIN = (str, bytes, int, float, bool)  # comparing these runs no user code
_ANY: Any = object()  # an element `:`, or a key that does not fit


def keys(context: CursorContext, namespace: Namespace) -> list[Any]:
    """Return at most 2,000 keys that fit in the subscript around the cursor.

    Behind the first elements of a tuple, ``table["a", ``, these are the next elements.
    """
    opening, written = _subscript(context)
    steps = primary_steps(context.tokens, opening) if opening > 0 and written is not None else None
    value = guarded_eval.evaluate_guarded(steps, namespace) if steps else object_kinds.MISSING
    if value is object_kinds.MISSING or written is None:
        return []
    from _carme.interrupts.time_limit import TimeLimit

    try:
        with TimeLimit(_TIME_LIMIT):
            found = [key for _, key in zip(range(_MOST_KEYS), _keys_of(value, len(written)))]
        if not _is_by_axis(value):
            found = [_next_element(key, written) for key in found]
        return list({(type(key), key): key for key in found if key is not _ANY}.values())
    except KeyboardInterrupt:
        raise
    except BaseException:
        return []


def _subscript(context: CursorContext) -> tuple[int, Union[list[Any], None]]:
    """Return the index of the subscript's bracket and its elements; None: not all are constant."""
    if not is_subscript(context):
        return -1, None
    first = context.brackets[-1]
    opening = first if context.tokens[first][1] == "[" else first - 1
    return opening, _elements(context.tokens[first + 1 :])


def is_subscript(context: CursorContext) -> bool:
    """Whether the cursor is in a subscript `x[` or `x[(`, or in a list display."""
    if not context.brackets:
        return False
    last = context.brackets[-1]
    if context.tokens[last][1] == "(":
        return context.brackets[-2:-1] == [last - 1] and context.tokens[last - 1][1] == "["
    return context.tokens[last][1] == "["


def _elements(inside: list[Token]) -> Union[list[Any], None]:
    """Return the values of the literals in `"a", 1,`; None if anything else is there."""
    written: list[Any] = []
    element: list[Token] = []
    for token in inside:
        if token[1] != ",":
            element.append(token)
            continue
        value = (_ANY,) if [text for _, text, _ in element] == [":"] else literal_value(element)
        if value is None:
            return None
        written.append(value[0])
        element = []
    return None if element else written


def _next_element(key: Any, written: list[Any]) -> Any:
    """Return the key, or the element of a tuple that follows `written`; _ANY if neither fits."""
    if type(key) is not tuple:
        return _ANY if written else key
    if len(key) <= len(written) or list(key[: len(written)]) != written:
        return _ANY
    return key[len(written)]


def _is_by_axis(value: Any) -> bool:
    """Whether it is the `.loc` or `.at` of a pandas object."""
    return guarded_eval.is_trusted(value) and type(value).__name__ in ("_LocIndexer", "_AtIndexer")


def _keys_of(value: Any, axis: int) -> Iterable[Any]:
    cls = type(value)
    if guarded_eval.strict_mode.on:
        return [key for key in dict.keys(value) if type(key) in _PLAIN] if cls is dict else ()
    if _is_by_axis(value):
        axes = value.obj.axes
        return axes[axis] if axis < len(axes) else ()
    own = guarded_eval.attribute(cls, "_ipython_key_completions_")
    if object_kinds.is_function(own):
        return list(value._ipython_key_completions_())
    if issubclass(cls, dict):
        return list(dict.keys(value))
    names = guarded_eval.attribute(cls, "keys")
    if object_kinds.is_function(names) and hasattr(cls, "__getitem__"):
        return list(value.keys())
    return getattr(getattr(value, "dtype", None), "names", None) or ()
