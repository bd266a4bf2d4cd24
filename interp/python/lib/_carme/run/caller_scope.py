"""The names that a magic or command sees: the caller's local names, and the cells' namespace.

The caller is the nearest frame of code outside this package. Source: IPython's documentation,
InteractiveShell.var_expand and needs_local_scope.
"""

import sys

from _carme.session.state import namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Dict, List, MutableMapping, Optional

PACKAGE = "_carme"


def caller(up: int = 0) -> Optional[FrameType]:
    """The frame that called the magic, or the one `up` frames above it; None: there is none."""
    frame: Optional[FrameType] = sys._getframe(1)
    while frame is not None and is_own(frame):
        frame = frame.f_back
    while frame is not None and up > 0:
        frame, up = frame.f_back, up - 1
    return frame


def is_own(frame: FrameType) -> bool:
    """Whether the frame runs code of this package."""
    name = frame.f_globals.get("__name__")
    return isinstance(name, str) and name.partition(".")[0] == PACKAGE


def local_names() -> Optional[MutableMapping[str, Any]]:
    """The local names of the caller; None: it is a cell."""
    frame = caller()
    return None if frame is None or frame.f_locals is namespace else frame.f_locals


def local_scope() -> MutableMapping[str, Any]:
    """The local names of the caller; a cell's are the namespace."""
    local = local_names()
    return namespace if local is None else local


def without_locals(function: Any, *values: Any) -> Any:
    """Calls the function from two frames without local names.

    IPython's run_cell_magic expands the line with the names two frames above its own.
    """
    from functools import partial

    return eval("(lambda: (lambda: call())())()", {"call": partial(function, *values)})


def depth() -> int:
    """The number of frames up to the caller, as _stack_depth of run_line_magic() counts them."""
    frame: Optional[FrameType] = sys._getframe(1)
    count = 1
    while frame is not None and is_own(frame):
        frame = frame.f_back
        count += 1
    return 1 if frame is None else count


def names(up: int = 0) -> Dict[str, Any]:
    """The names that the caller sees: a cell's namespace itself, else a copy with local names.

    It has the globals of a program that %run runs as `__main__`. up: frames above the caller.
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
    """Runs code with the caller's names, and returns what it binds to the name `result`.

    The other names that it binds become the caller's, as far as PEP 667 allows.
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
