"""The names that a magic or a command sees: those of the function that calls it, over the cells'.

The caller is the nearest frame of code that is not this package's, however many of its own calls
are between. Source: IPython's documentation, InteractiveShell.var_expand and needs_local_scope.
"""

import sys

from _carme.session.state import namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Dict, List, MutableMapping, Optional

PACKAGE = "_carme"


def caller(up: int = 0) -> Optional[FrameType]:
    """The frame that has called the magic, or one `up` above; None: nobody's code has."""
    frame: Optional[FrameType] = sys._getframe(1)
    while frame is not None and is_own(frame):
        frame = frame.f_back
    while frame is not None and up > 0:
        frame, up = frame.f_back, up - 1
    return frame


def is_own(frame: FrameType) -> bool:
    """Whether it is code of this package."""
    name = frame.f_globals.get("__name__")
    return isinstance(name, str) and name.partition(".")[0] == PACKAGE


def local_names() -> Optional[MutableMapping[str, Any]]:
    """The names of the function, class or program that calls; None: it is a cell itself."""
    frame = caller()
    return None if frame is None or frame.f_locals is namespace else frame.f_locals


def local_scope() -> MutableMapping[str, Any]:
    """The caller's own names; those of a cell are the namespace."""
    local = local_names()
    return namespace if local is None else local


def without_locals(function: Any, *values: Any) -> Any:
    """Calls it from frames that have no names: IPython takes its caller's caller's for the user's.

    Source: IPython's run_cell_magic, which expands the line two frames above its own.
    """
    from functools import partial

    return eval("(lambda: (lambda: call())())()", {"call": partial(function, *values)})


def depth() -> int:
    """How far the caller is above this function's, as run_line_magic's _stack_depth counts."""
    frame: Optional[FrameType] = sys._getframe(1)
    count = 1
    while frame is not None and is_own(frame):
        frame = frame.f_back
        count += 1
    return 1 if frame is None else count


def names(up: int = 0) -> Dict[str, Any]:
    """The cells' namespace itself for a caller that is a cell, else a copy with the caller's names.

    The globals of a program that runs as `__main__` are seen as well. up: how many frames above
    the caller is looked.
    """
    frame = caller(up)
    if frame is None or frame.f_locals is namespace:
        return namespace
    seen = dict(namespace)
    if frame.f_globals is not namespace and frame.f_globals.get("__name__") == "__main__":
        seen.update(frame.f_globals)
    seen.update(frame.f_locals)
    return seen


def run(pieces: List[CodeType], local: MutableMapping[str, Any], result: str) -> Any:
    """Runs code with the caller's names, and returns the value that it gives to the name `result`.

    What else it binds is the caller's as far as Python lets others bind a function's names
    (PEP 667).
    """
    before = dict(local)
    after, seen = dict(before), names()
    try:
        for piece in pieces:
            exec(piece, seen, after)
        return after.get(result)
    finally:
        after.pop(result, None)
        changed = [name for name, value in after.items() if before.get(name, after) is not value]
        local.update({name: after[name] for name in changed})
