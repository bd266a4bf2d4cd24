"""The module _carme.magics.system.child_processes of a worker, which has no processes.

Each function that would start one refuses; what a caller asks before has an answer.
"""

import sys

from _carme.browser import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

start = run = output = follow = end = unsupported.no_process


def take_place() -> None:
    """From here on this is _carme.magics.system.child_processes."""
    sys.modules["_carme.magics.system.child_processes"] = sys.modules[__name__]


def descriptor(stream: Any, inherited: int) -> int:
    """What a child would write to."""
    return inherited


def writer(stream: Any) -> Callable[[str], Any]:
    """What writes a child's text."""
    write: Callable[[str], Any] = stream.write
    return write
