"""What the last error keeps for %debug, pdb.pm() and traceback.print_last().

It keeps its frames, and these their variables, until the next error. What is large and has no other
owner is let go after the first cell that went well. Source: the sys module's documentation,
"sys.last_exc"; PEP 667.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Iterator, List, Optional, Set, Tuple

LARGE = 50_000_000  # bytes
OPTIMIZED, GENERATORS = 0x1, 0x20 | 0x80 | 0x200  # inspect.CO_OPTIMIZED; CO_GENERATOR and its kin
_MOST_CHAINED = 50
# of a variable's value: its frame and, before PEP 667, the dictionary that f_locals is
REFERENCES = 1 if sys.version_info >= (3, 13) else 2
OURS = 2  # in is_alone(): its variable and getrefcount's


class LetGo:
    """In the place of a variable's value."""

    def __init__(self, kind: str, size: int) -> None:
        """The value's type and bytes."""
        self.kind, self.size = kind, size

    def __repr__(self) -> str:
        size = self.size // 1_000_000
        return f"<{self.kind}, {size} MB: let go, only the failed call had it>"


class Large:
    """The large variables in the functions where the last error was: frame, name, bytes."""

    error: Any = None
    variables: List[Tuple[FrameType, str, int]] = []


def release_large_variables() -> bool:
    """Lets go of what only the last error keeps; whether large variables with other owners remain.

    Called at the end of each cell that went well, until there are none.
    """
    error = getattr(sys, "last_value", None)
    if Large.error is not error:
        Large.error, Large.variables = error, list(large(error))
    alone = [each for each in Large.variables if is_alone(*each[:2])]
    Large.variables = [each for each in Large.variables if each not in alone]
    for frame, name, size in alone:
        replace(frame, name, LetGo(type(frame.f_locals[name]).__name__, size))
    if not Large.variables:
        Large.error = None
    return bool(Large.variables)


def is_alone(frame: FrameType, name: str) -> bool:
    """Whether nothing but failed functions has the variable's value."""
    value = frame.f_locals[name]
    holders = sum(other.f_locals[each] is value for other, each, _ in Large.variables)
    return sys.getrefcount(value) <= holders * REFERENCES + OURS


def executing() -> Iterator[FrameType]:
    """The frames of all threads: a thread may go on in a function of whose error another tells."""
    for frame in sys._current_frames().values():
        top: Optional[FrameType] = frame
        while top is not None:
            yield top
            top = top.f_back


def frames_of(error: Optional[BaseException]) -> List[FrameType]:
    """Functions in the tracebacks of an error and of those that led to it."""
    found: List[FrameType] = []
    errors = [error]
    seen: Set[int] = set()
    while errors and len(seen) < _MOST_CHAINED:
        error = errors.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        errors += [error.__cause__, error.__context__]
        entry = error.__traceback__
        while entry is not None:
            flags = entry.tb_frame.f_code.co_flags
            if flags & OPTIMIZED and not flags & GENERATORS:
                found.append(entry.tb_frame)
            entry = entry.tb_next
    return found


def large(error: Optional[BaseException]) -> Iterator[Tuple[FrameType, str, int]]:
    """The variables that hold much, of functions that have ended."""
    from _carme.session import object_size

    running = set(executing())
    for frame in frames_of(error):
        for name in own_variables(frame) if frame not in running else ():
            size = object_size.size_of(frame.f_locals[name])
            if size >= LARGE:
                yield frame, name, size


def own_variables(frame: FrameType) -> List[str]:
    """Its names that no function within it shares."""
    code = frame.f_code
    shared: Set[str] = {*code.co_cellvars, *code.co_freevars}
    return [name for name in frame.f_locals if name not in shared]


def replace(frame: Any, name: str, value: object) -> None:
    """Sets a variable of a function that has ended."""
    frame.f_locals[name] = value
    if sys.version_info < (3, 13):
        import ctypes

        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
