"""The kernel's wakeup descriptor, hidden from libraries that set one of their own.

Source: kernel/desktop/interrupt_escalation.h; the signal module's documentation, "set_wakeup_fd".
"""

import sys
from _signal import set_wakeup_fd

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


set_kernels_fd = set_wakeup_fd  # the original, which user code does not see


class Kernel:
    """The kernel's own descriptor."""

    fd = -1  # the numbers of signals are written to it


def install(fd: int, stacks_signal: int) -> None:
    """Reports signals to the kernel, and that their handlers have run."""
    import faulthandler

    Kernel.fd = fd
    set_wakeup_fd(fd, warn_on_full_buffer=False)
    faulthandler.register(stacks_signal, 2)
    for name in ("_signal", "signal"):
        if name in sys.modules:
            module: Any = sys.modules[name]
            module.default_int_handler = _carme.interrupted
            module.set_wakeup_fd = set_users_fd


def set_users_fd(fd: int, *, warn_on_full_buffer: bool = True) -> int:
    """signal.set_wakeup_fd() for user code: without one of its own the kernel's is set, and hidden.

    trio warns if another descriptor was set; asyncio resets it to -1.
    """
    if fd == -1:
        before = set_wakeup_fd(Kernel.fd, warn_on_full_buffer=False)
    else:
        before = set_wakeup_fd(fd, warn_on_full_buffer=warn_on_full_buffer)
    return -1 if before == Kernel.fd else before
