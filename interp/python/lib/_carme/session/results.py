"""Out and its kin: the values of cells' last expressions, bounded in bytes.

Source: IPython's documentation, "Output caching system".
"""

import builtins
import os
import sys

from _carme.session.state import namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

DEFAULT = 256 * 1024 * 1024  # bytes; CARME_OUT_BYTES says otherwise
UNDERSCORES = ("_", "__", "___")
MISSING = object()
PLAIN = frozenset((int, float, bool, str, bytes))
LARGE = 1024 * 1024  # bytes from which on a value goes with the last of the user's names for it


def size_of(value: object) -> int:
    """About how many bytes a value holds, with what is in it."""
    if type(value) in PLAIN:
        return sys.getsizeof(value)
    from _carme.session import object_size

    return object_size.size_of(value)


def limit() -> int:
    """How many bytes Out may hold. A value that is no number counts as the default."""
    try:
        return int(os.environ["CARME_OUT_BYTES"])
    except (KeyError, ValueError):
        return DEFAULT


class OutputCache:
    """What is kept, and how large it is thought to be."""

    sizes: Dict[int, int] = {}  # by the cell's number, the oldest first
    total = 0
    last: Tuple[Any, ...] = ("", "", "")  # as `_`, `__`, `___` were set
    oversized: Optional[Tuple[int, Any]] = None  # cell and value that is larger than all of Out
    named: Dict[int, Any] = {}  # large values that the user has names for, by the cell's number


def keep(count: int, value: object) -> None:
    """The value of the cell with this number: Out[count], _count, _, __ and ___."""
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
    """The cell with this number has ended.

    A value that is larger than all that Out may hold is `_` in the cell after its own and no
    longer: `del` frees what was shown.
    """
    if OutputCache.oversized is not None and OutputCache.oversized[0] != count:
        forget_oversized()
    if OutputCache.named:
        forget_deleted()


def base_of(value: Any) -> Any:
    """The array whose memory an array that is a view of it shows; else the value."""
    if type(value).__module__ != "numpy":
        return value
    base = getattr(value, "base", None)
    return base if type(base) is type(value) else value


def is_named(value: object) -> bool:
    """Whether one of the user's names is this value, or the array that it is a view of."""
    source = base_of(value)
    return any(
        each is value or each is source
        for name, each in list(namespace.items())
        if not name.startswith("_")
    )


def forget_deleted() -> None:
    """Large values that had names of the user's, and are nobody's any more but the shell's."""
    for count in list(OutputCache.named):
        if not is_named(OutputCache.named[count]) and is_only_cached(count):
            forget_value(OutputCache.named.pop(count))


def is_only_cached(count: int) -> bool:
    """Whether nothing but the shell refers to the value of this cell, and to its source."""
    value = OutputCache.named[count]
    source = base_of(value)
    places = [*namespace["Out"].values(), *OutputCache.last]
    places += [
        namespace.get(name) for name in (*UNDERSCORES, *map("_{}".format, OutputCache.sizes))
    ]
    places += list(OutputCache.named.values())
    own = sum(each is value for each in places)
    # beside them: each place in `places`, the names here and the call's argument
    if source is value:
        return sys.getrefcount(value) <= 2 * own + 3
    return sys.getrefcount(value) <= 2 * own + 2 and sys.getrefcount(source) <= 3


def forget_value(value: object) -> None:
    """A value, wherever the shell keeps it."""
    for count in [count for count, each in namespace["Out"].items() if each is value]:
        forget(count)
        namespace["Out"].pop(count, None)
    clear_underscores(value)
    if OutputCache.oversized is not None and OutputCache.oversized[1] is value:
        OutputCache.oversized = None


def forget_oversized() -> None:
    """The huge value is none of the last three any more."""
    value = OutputCache.oversized and OutputCache.oversized[1]
    OutputCache.oversized = None
    clear_underscores(value)


def clear_underscores(value: object) -> None:
    """A value is none of the last three any more."""
    for name in UNDERSCORES:
        if namespace.get(name, MISSING) is value:
            namespace[name] = ""
    OutputCache.last = tuple("" if each is value else each for each in OutputCache.last)


def shift_underscores(value: object) -> None:
    """The last three values, unless the user has taken one of the names, or gettext has `_`."""
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
    """The last three values are in the namespace again."""
    namespace.update(zip(UNDERSCORES, OutputCache.last))


def forget(count: int) -> None:
    """One value: in Out and as _count, unless the user has put something else there."""
    size = OutputCache.sizes.pop(count, None)
    if size is None:
        return
    OutputCache.total -= size
    OutputCache.named.pop(count, None)
    value = namespace["Out"].pop(count, MISSING)
    if namespace.get(f"_{count}", MISSING) is value:
        del namespace[f"_{count}"]


def clear() -> None:
    """All of them."""
    for count in list(OutputCache.sizes):
        forget(count)
    for name, value in zip(UNDERSCORES, OutputCache.last):
        if namespace.get(name, MISSING) is value:
            namespace[name] = ""
    OutputCache.last = ("", "", "")
    OutputCache.oversized = None
