"""The output cache: Out, `_`, `__`, `___` and `_n`, limited in bytes.

Source: IPython's documentation, "Output caching system".
"""

import builtins
import os
import sys

from _carme.session.state import namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

DEFAULT = 256 * 1024 * 1024  # bytes, unless CARME_OUT_BYTES is set
UNDERSCORES = ("_", "__", "___")
MISSING = object()
PLAIN = frozenset((int, float, bool, str, bytes))
LARGE = 1024 * 1024  # bytes; a larger value is dropped with the last of the user's names for it


def size_of(value: object) -> int:
    """An estimate of the bytes of a value and its contents."""
    if type(value) in PLAIN:
        return sys.getsizeof(value)
    from _carme.session import object_size

    return object_size.size_of(value)


def limit() -> int:
    """How many bytes Out may hold; DEFAULT if CARME_OUT_BYTES is no number."""
    try:
        return int(os.environ["CARME_OUT_BYTES"])
    except (KeyError, ValueError):
        return DEFAULT


class OutputCache:
    """The cached values' estimated sizes."""

    sizes: Dict[int, int] = {}  # bytes by execution count, the oldest first
    total = 0
    last: Tuple[Any, ...] = ("", "", "")  # as `_`, `__`, `___` were set
    oversized: Optional[Tuple[int, Any]] = None  # execution count and value larger than limit()
    named: Dict[int, Any] = {}  # large values with user names, by execution count


def keep(count: int, value: object) -> None:
    """Stores a cell's result: Out[count], _count, _, __ and ___."""
    shift_underscores(value)
    out = namespace.get("Out")
    if not isinstance(out, dict):
        return
    forget(count)
    out[count] = namespace[f"_{count}"] = value
    OutputCache.sizes[count] = size = size_of(value)
    OutputCache.total += size
    if size > LARGE and is_named(value):
        OutputCache.named[count] = value
    if size > limit():
        if OutputCache.oversized is not None and OutputCache.oversized[1] is not value:
            forget_oversized()
        OutputCache.oversized = (count, value)
    while OutputCache.total > limit() and OutputCache.sizes:
        forget(next(iter(OutputCache.sizes)))


def end_cell(count: int) -> None:
    """Called when the cell with this execution count has ended.

    A value larger than limit() stays `_` for one more cell. A large value whose names the user has
    deleted is freed.
    """
    if OutputCache.oversized is not None and OutputCache.oversized[0] != count:
        forget_oversized()
    if OutputCache.named:
        forget_deleted()


def base_of(value: Any) -> Any:
    """The base of a numpy view, or the value itself."""
    if type(value).__module__ != "numpy":
        return value
    base = getattr(value, "base", None)
    return base if type(base) is type(value) else value


def is_named(value: object) -> bool:
    """Whether the user has a name for this value, or for the array that it is a view of."""
    source = base_of(value)
    return any(
        each is value or each is source
        for name, each in list(namespace.items())
        if not name.startswith("_")
    )


def forget_deleted() -> None:
    """Forgets large values whose user names were deleted and that only the shell refers to."""
    for count in list(OutputCache.named):
        if not is_named(OutputCache.named[count]) and is_only_cached(count):
            forget_value(OutputCache.named.pop(count))


def is_only_cached(count: int) -> bool:
    """Whether only the shell refers to this cell's value and to its base."""
    value = OutputCache.named[count]
    source = base_of(value)
    places = [*namespace["Out"].values(), *OutputCache.last]
    places += [
        namespace.get(name) for name in (*UNDERSCORES, *map("_{}".format, OutputCache.sizes))
    ]
    places += list(OutputCache.named.values())
    own = sum(each is value for each in places)
    # the other references: from `places`, the local names and getrefcount()'s argument
    if source is value:
        return sys.getrefcount(value) <= 2 * own + 3
    return sys.getrefcount(value) <= 2 * own + 2 and sys.getrefcount(source) <= 3


def forget_value(value: object) -> None:
    """Removes a value from Out and from `_`, `__`, `___`."""
    for count in [count for count, each in namespace["Out"].items() if each is value]:
        forget(count)
        namespace["Out"].pop(count, None)
    clear_underscores(value)
    if OutputCache.oversized is not None and OutputCache.oversized[1] is value:
        OutputCache.oversized = None


def forget_oversized() -> None:
    """Removes the value larger than limit() from `_`, `__`, `___`."""
    value = OutputCache.oversized and OutputCache.oversized[1]
    OutputCache.oversized = None
    clear_underscores(value)


def clear_underscores(value: object) -> None:
    """Removes a value from `_`, `__`, `___`."""
    for name in UNDERSCORES:
        if namespace.get(name, MISSING) is value:
            namespace[name] = ""
    OutputCache.last = tuple("" if each is value else each for each in OutputCache.last)


def shift_underscores(value: object) -> None:
    """Moves `_` to `__` and on, unless the user has bound one of them, or gettext uses `_`."""
    if "_" in vars(builtins) and namespace.get("_", MISSING) is OutputCache.last[0]:
        del namespace["_"]
    found = tuple(namespace.get(name, MISSING) for name in UNDERSCORES)
    if any(
        mine is not given for given, mine in zip(OutputCache.last, found) if mine is not MISSING
    ):
        return
    OutputCache.last = (value, *OutputCache.last[:2])
    if "_" not in vars(builtins):
        restore_underscores()


def restore_underscores() -> None:
    """Binds `_`, `__` and `___` to the last three values."""
    namespace.update(zip(UNDERSCORES, OutputCache.last))


def forget(count: int) -> None:
    """Removes one value: Out[count], and _count unless the user has bound it to another."""
    size = OutputCache.sizes.pop(count, None)
    if size is None:
        return
    OutputCache.total -= size
    OutputCache.named.pop(count, None)
    value = namespace["Out"].pop(count, MISSING)
    if namespace.get(f"_{count}", MISSING) is value:
        del namespace[f"_{count}"]


def clear() -> None:
    """Empties the cache."""
    for count in list(OutputCache.sizes):
        forget(count)
    for name, value in zip(UNDERSCORES, OutputCache.last):
        if namespace.get(name, MISSING) is value:
            namespace[name] = ""
    OutputCache.last = ("", "", "")
    OutputCache.oversized = None
