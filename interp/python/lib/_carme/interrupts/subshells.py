"""Interrupts of what runs in subshells: no signal reaches their threads.

A call into C that does not return to Python ends first. Source: the C API's documentation,
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
    """Raises KeyboardInterrupt in user code; a loop that waits is told to do so."""
    frames = sys._current_frames()
    for ident in list(threads):
        if not any(loop(ident, frames.get(ident)) for loop in loops):
            _carme.interrupt_thread(threads, ident)
