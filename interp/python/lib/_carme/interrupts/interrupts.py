"""Interrupts of what runs in subshells: no signal reaches their threads.

A call into C that does not return to Python ends first. Source: the C API's documentation,
PyThreadState_SetAsyncExc; asyncio's runners.py.
"""

import sys

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, NoReturn, Optional, Set


def interrupt(threads: "Set[int]") -> None:
    """Raises KeyboardInterrupt in user code, and wakes a loop that waits."""
    loops: Any = sys.modules.get("_carme.concurrency.loop")
    loops = loops if hasattr(loops, "awaiting") else None  # a subshell is importing it
    frames = sys._current_frames()
    for ident in list(threads):
        frame = frames.get(ident)
        loop = loop_of(frame) if loops is not None and loops.is_loops(frame) else None
        if loop is None:
            _carme.interrupt_thread(threads, ident)
        else:
            is_cells = loop is loops.awaiting.get(ident)
            loop.call_soon_threadsafe(loops.cancel_cell if is_cells else fail)


def loop_of(frame: "Optional[FrameType]") -> "Any":
    """The loop that this frame belongs to, or None."""
    while frame is not None and frame.f_code.co_name != "run_forever":
        frame = frame.f_back
    return frame.f_locals.get("self") if frame is not None else None


def fail() -> "NoReturn":
    """What a signal does to a loop that a cell runs by itself."""
    raise KeyboardInterrupt
