"""Interrupts of subshells, whose threads get no signals.

A running call of a C function ends first. Source: the C API's documentation,
PyThreadState_SetAsyncExc; asyncio's runners.py.
"""

import sys

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Callable, Iterable, Optional, Set

    Loop = Callable[[int, Optional[FrameType]], bool]


def interrupt(threads: "Set[int]", loops: "Iterable[Loop]") -> None:
    """Raises KeyboardInterrupt in the threads, or has the loop that a thread waits in raise it."""
    frames = sys._current_frames()
    for ident in list(threads):
        if not any(loop(ident, frames.get(ident)) for loop in loops):
            _carme.interrupt_thread(threads, ident)
