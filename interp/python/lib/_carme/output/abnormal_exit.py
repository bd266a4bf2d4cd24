"""Output is not lost when the process ends by a fatal error in C code, or by os._exit().

Source: kernel/desktop/crash.h; the faulthandler module's documentation, "Fault handler state".
"""

import os
import posix

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

posix_exit = posix._exit


def install() -> None:
    """Enables faulthandler on descriptor 2; os._exit() sends the output first."""
    import faulthandler

    faulthandler.enable(2)
    posix._exit = os._exit = _exit


def _exit(status: int) -> "NoReturn":
    """Exit to the system with specified status, without normal exit processing."""
    _carme.flush_before_exit()
    posix_exit(status)
