"""The name of a subshell's thread in the module threading.

The kernel starts the thread in C; threading lists it once the thread calls current_thread().
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
    """Lists this thread in threading by its name, if it is a subshell's."""
    threading: Any = sys.modules.get("threading")
    if state.cell.subshell and hasattr(threading, "_main_thread"):
        thread = threading.current_thread()
        if thread.name != state.cell.subshell:
            thread.name = state.cell.subshell


def leave() -> None:
    """Called by a thread that ends: before Python 3.13 threading would list it for ever."""
    threading: Any = sys.modules.get("threading")
    if hasattr(threading, "_active"):
        threading._active.pop(get_ident(), None)
