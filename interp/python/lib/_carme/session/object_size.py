"""An estimate of the memory that an object holds, in a bounded number of steps.

Containers and instances are walked; a large container is sampled. Arrays and tables report their
own size; texts in the columns of a table are sampled.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_MOST_STEPS = 4000  # objects visited for one value
_SAMPLE = 500  # items of one container
_DEEPEST = 20
_ATOMS = frozenset((int, float, complex, bool, str, bytes, bytearray, type(None), range))
_CONTAINERS = (list, tuple, dict, set, frozenset)
_VARIABLE: tuple[Any, ...] = (*_CONTAINERS, str, bytes, bytearray, int)
_ARRAYS = frozenset(("numpy", "torch", "pyarrow", "xarray", "cupy", "jaxlib"))  # have nbytes
_INSTANCE = 48  # bytes of an object of unknown size
_NO_WALK = (type, type(sys), type(lambda: None), type(len))


class Walk:
    """The objects counted so far for one value, and how many more may be visited."""

    def __init__(self) -> None:
        """Starts with no object counted."""
        self.left = _MOST_STEPS
        self.seen: set[int] = set()

    def size(self, value: Any, depth: int = 0) -> int:
        """Return the bytes of a value and its contents, without objects counted before."""
        if id(value) in self.seen or self.left <= 0:
            return 0
        self.left -= 1
        self.seen.add(id(value))
        cls = type(value)
        if cls in _ATOMS:
            return sys.getsizeof(value)
        known = _told(value, cls)
        if known is not None:
            return known
        if issubclass(cls, _NO_WALK):
            return _INSTANCE
        own = _own(value, cls)
        if depth >= _DEEPEST:
            return own
        if issubclass(cls, dict):
            own += self.items(dict.keys(value), dict.__len__(value), depth)
            own += self.items(dict.values(value), dict.__len__(value), depth)
        elif issubclass(cls, (list, tuple)):
            own += self.items(_spread(value), len(value), depth)
        elif issubclass(cls, (set, frozenset)):
            own += self.items(value, len(value), depth)
        return own + self.members(value, depth)

    def items(self, items: Iterable[Any], count: int, depth: int) -> int:
        """Return the bytes of a container's items, by a sample of them."""
        taken = [item for _, item in zip(range(min(_SAMPLE, max(self.left, 1))), items)]
        total = sum(self.size(item, depth + 1) for item in taken)
        # A few objects that occur many times are not multiplied.
        if len(taken) < count and 2 * len({id(item) for item in taken}) > len(taken):
            return total * count // len(taken)
        return total

    def members(self, value: Any, depth: int) -> int:
        """Return the bytes of an instance's attributes."""
        try:
            attributes = object.__getattribute__(value, "__dict__")
        except AttributeError:
            return 0
        return self.size(attributes, depth + 1) if type(attributes) is dict else 0


def size_of(value: object) -> int:
    """Return an estimate of a value's bytes. No method of the user's classes is called."""
    try:
        return Walk().size(value)
    except Exception:
        return 0


def _own(value: Any, cls: type) -> int:
    """Return the bytes of an object alone, as its builtin type computes them.

    object.__sizeof__ is not used: it reads a length that generators and coroutines do not have.
    """
    for known in _VARIABLE:
        if issubclass(cls, known):
            return int(known.__sizeof__(value))
    return max(_INSTANCE, cls.__basicsize__)


def _spread(items: Any) -> Any:
    """Items evenly spread over a list or tuple."""
    base = list if issubclass(type(items), list) else tuple
    return base.__getitem__(items, slice(None, None, max(1, len(items) // _SAMPLE)))


def _told(value: Any, cls: type) -> int | None:
    """Return the size that an array or table reports; None for other objects."""
    root = str(cls.__module__).partition(".")[0]
    if root == "pandas":
        return _table(value)
    if root == "polars" and hasattr(cls, "estimated_size"):
        return int(value.estimated_size())
    if root not in _ARRAYS or not hasattr(cls, "nbytes"):
        return None
    size = int(value.nbytes)
    base: Any = getattr(value, "base", None)
    is_view = type(base) is cls
    if is_view:  # it keeps its whole base alive
        size = max(size, int(base.nbytes))
    if str(getattr(value, "dtype", "")) == "object":
        size += _sampled(value.flat, value.size)
    return size


def _table(value: Any) -> int | None:
    """Return the bytes of a DataFrame, Series or Index."""
    if not hasattr(type(value), "memory_usage"):
        return None
    wide = value.ndim == 2
    columns = [value.iloc[:, n] for n in range(value.shape[1])[:_SAMPLE]] if wide else [value]
    used = value.memory_usage()
    size = int(used.sum() if wide else used)
    for column in columns:
        if str(column.dtype) in ("object", "str", "string") and len(column):
            step = max(1, len(column) // _SAMPLE)
            size += _sampled(column.array[::step], len(column))
    return size


def _sampled(items: Iterable[Any], count: int) -> int:
    """Return the bytes of `count` objects, by a sample of them."""
    return Walk().items(items, count, 0)
