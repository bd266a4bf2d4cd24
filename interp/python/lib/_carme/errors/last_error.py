"""Releases large objects that only the last error keeps alive.

sys.last_exc, which %debug, pdb.pm() and traceback.print_last() need, keeps its frames and their
variables until the next error. Large ones without another owner are released after a cell that
raised nothing. Source: the sys module's documentation, "sys.last_exc"; PEP 667.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Iterator, List, Optional, Set, Tuple

MIN_SIZE = 50_000_000  # bytes
OPTIMIZED = 0x1  # inspect.CO_OPTIMIZED: a function
GENERATORS = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_MAX_CHAINED = 50
# to a variable's value: from its frame and, before PEP 667, from the dictionary f_locals
REFERENCES = 1 if sys.version_info >= (3, 13) else 2
OWN_REFERENCES = 2  # in has_no_other_owner(): its variable, getrefcount's argument


class Released:
    """Takes the place of a released value."""

    def __init__(self, kind: str, size: int) -> None:
        """The value's type and its size in bytes."""
        self.kind, self.size = kind, size

    def __repr__(self) -> str:
        size = self.size // 1_000_000
        return f"<{self.kind}, {size} MB: let go, only the failed call had it>"


class Candidates:
    """The large variables in the frames of `error`: (frame, name, bytes)."""

    error: Any = None
    variables: List[Tuple[FrameType, str, int]] = []


def release_large_variables() -> bool:
    """Releases large objects that only the last error keeps; whether others have an owner still.

    Called at the end of each cell that raised nothing, until it returns False.
    """
    error = getattr(sys, "last_value", None)
    if Candidates.error is not error:
        Candidates.error, Candidates.variables = error, list(large_variables(error))
    freed = [each for each in Candidates.variables if has_no_other_owner(*each[:2])]
    Candidates.variables = [each for each in Candidates.variables if each not in freed]
    for frame, name, size in freed:
        set_variable(frame, name, Released(type(frame.f_locals[name]).__name__, size))
    if not Candidates.variables:
        Candidates.error = None
    return bool(Candidates.variables)


def has_no_other_owner(frame: FrameType, name: str) -> bool:
    """Whether only variables of these frames refer to the variable's value."""
    value = frame.f_locals[name]
    holders = sum(other.f_locals[each] is value for other, each, _ in Candidates.variables)
    return sys.getrefcount(value) <= holders * REFERENCES + OWN_REFERENCES


def running_frames() -> Iterator[FrameType]:
    """The frames of all threads; a traceback may have one of a function that still runs."""
    for frame in sys._current_frames().values():
        top: Optional[FrameType] = frame
        while top is not None:
            yield top
            top = top.f_back


def frames_of(error: Optional[BaseException]) -> List[FrameType]:
    """The frames of functions in the tracebacks of an error, its causes and contexts."""
    found: List[FrameType] = []
    errors = [error]
    seen: Set[int] = set()
    while errors and len(seen) < _MAX_CHAINED:
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


def large_variables(error: Optional[BaseException]) -> Iterator[Tuple[FrameType, str, int]]:
    """The variables of MIN_SIZE or more, of functions that have ended."""
    from _carme.session import object_size

    running = set(running_frames())
    for frame in frames_of(error):
        for name in unshared_variables(frame) if frame not in running else ():
            size = object_size.size_of(frame.f_locals[name])
            if size >= MIN_SIZE:
                yield frame, name, size


def unshared_variables(frame: FrameType) -> List[str]:
    """The names of its variables that no nested function refers to."""
    code = frame.f_code
    shared: Set[str] = {*code.co_cellvars, *code.co_freevars}
    return [name for name in frame.f_locals if name not in shared]


def set_variable(frame: Any, name: str, value: object) -> None:
    """Sets a variable of a function that has ended."""
    frame.f_locals[name] = value
    if sys.version_info < (3, 13):
        import ctypes

        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
