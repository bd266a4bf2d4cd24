"""The end of the process by an error in C code, or by os._exit(): what was written is not lost.

Source: kernel/desktop/crash.h; the faulthandler module's documentation, "Fault handler state".
"""

import os
import posix

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

end = posix._exit


def watch() -> None:
    """Stacks are written to descriptor 2 before the process ends, output is sent."""
    import faulthandler

    faulthandler.enable(2)
    posix._exit = os._exit = _exit


def _exit(status: int) -> "NoReturn":
    """Exit to the system with specified status, without normal exit processing."""
    _carme.last_words()
    end(status)
