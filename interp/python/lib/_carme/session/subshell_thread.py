"""A subshell's thread, as the module threading shows it.

The kernel makes the thread, and no module of Python's knows of it until it asks for itself.
Source: the module threading, current_thread().
"""

import sys
from _thread import get_ident

from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def enter(name: str) -> None:
    """Called by a subshell's thread when it begins."""
    state.cell.subshell = name
    update_name()


def update_name() -> None:
    """The module threading lists this thread, if it is a subshell's and the module is there."""
    threading: Any = sys.modules.get("threading")
    if state.cell.subshell and hasattr(threading, "_main_thread"):
        thread = threading.current_thread()
        if thread.name != state.cell.subshell:
            thread.name = state.cell.subshell


def leave() -> None:
    """Called by a thread that ends: before Python 3.13 the list would keep it."""
    threading: Any = sys.modules.get("threading")
    if hasattr(threading, "_active"):
        threading._active.pop(get_ident(), None)
