"""Out and its kin: the values of cells' last expressions, bounded in bytes.

Source: IPython's documentation, "Output caching system".
"""

import os
import sys

from _carme.shell import namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

DEFAULT = 256 * 1024 * 1024  # bytes; CARME_OUT_BYTES says otherwise
UNDERSCORES = ("_", "__", "___")
MISSING = object()
PLAIN = frozenset((int, float, bool, str, bytes))


def size_of(value: object) -> int:
    """About how many bytes a value holds, with what is in it."""
    if type(value) in PLAIN:
        return sys.getsizeof(value)
    from _carme import sizes

    return sizes.size_of(value)


def limit() -> int:
    """How many bytes Out may hold. A value that is no number counts as the default."""
    try:
        return int(os.environ["CARME_OUT_BYTES"])
    except (KeyError, ValueError):
        return DEFAULT


class Kept:
    """What is kept, and how large it is thought to be."""

    sizes: Dict[int, int] = {}  # by the cell's number, the oldest first
    total = 0
    last: Tuple[Any, ...] = ("", "", "")  # as `_`, `__`, `___` were set
    huge: Optional[Tuple[int, Any]] = None  # cell and value that is larger than all of Out


def keep(count: int, value: object) -> None:
    """The value of the cell with this number: Out[count], _count, _, __ and ___."""
    shift(value)
    out = namespace.get("Out")
    if not isinstance(out, dict):
        return
    forget(count)
    out[count] = namespace[f"_{count}"] = value
    Kept.sizes[count] = size = size_of(value)
    Kept.total += size
    if size > limit():
        if Kept.huge is not None and Kept.huge[1] is not value:
            let_go()
        Kept.huge = (count, value)
    while Kept.total > limit() and Kept.sizes:
        forget(next(iter(Kept.sizes)))


def end_cell(count: int) -> None:
    """The cell with this number has ended.

    A value that is larger than all that Out may hold is `_` in the cell after its own and no
    longer: `del` frees what was shown.
    """
    if Kept.huge is not None and Kept.huge[0] != count:
        let_go()


def let_go() -> None:
    """The huge value is none of the last three any more."""
    value = Kept.huge and Kept.huge[1]
    Kept.huge = None
    for name in UNDERSCORES:
        if namespace.get(name, MISSING) is value:
            namespace[name] = ""
    Kept.last = tuple("" if each is value else each for each in Kept.last)


def shift(value: object) -> None:
    """The last three values, unless the user has taken one of the names."""
    found = tuple(namespace.get(name, MISSING) for name in UNDERSCORES)
    if any(mine is not given for given, mine in zip(Kept.last, found) if mine is not MISSING):
        return
    Kept.last = (value, *Kept.last[:2])
    namespace.update(zip(UNDERSCORES, Kept.last))


def restore() -> None:
    """The last three values are in the namespace again."""
    namespace.update(zip(UNDERSCORES, Kept.last))


def forget(count: int) -> None:
    """One value: in Out and as _count, unless the user has put something else there."""
    size = Kept.sizes.pop(count, None)
    if size is None:
        return
    Kept.total -= size
    value = namespace["Out"].pop(count, MISSING)
    if namespace.get(f"_{count}", MISSING) is value:
        del namespace[f"_{count}"]


def clear() -> None:
    """All of them."""
    for count in list(Kept.sizes):
        forget(count)
    for name, value in zip(UNDERSCORES, Kept.last):
        if namespace.get(name, MISSING) is value:
            namespace[name] = ""
    Kept.last = ("", "", "")
    Kept.huge = None
