"""time.sleep in a browser's worker: the host waits, and an interrupt can end the wait.

Source: the time module's documentation; PEP 475.
"""

import sys
import time
from _signal import SIGINT
from _signal import getsignal as get_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from _carme.browser.worker_api import Host


def install(host: Host) -> None:
    """Replaces time.sleep."""

    def sleep(seconds: Any, /) -> None:
        left = seconds.__index__() if hasattr(seconds, "__index__") else float(seconds)
        if left != left:
            raise ValueError("Invalid value NaN (not a number)")
        if left < 0:
            raise ValueError("sleep length must be non-negative")
        end = time.monotonic() + left
        while host.sleep(left):
            call_handler(sys._getframe(1))
            left = max(end - time.monotonic(), 0)

    sleep.__doc__ = time.sleep.__doc__
    time.sleep = sleep


def call_handler(frame: Any) -> None:
    """Calls the handler of SIGINT; the default one raises KeyboardInterrupt."""
    handler = get_signal(SIGINT)
    if callable(handler):
        handler(SIGINT, frame)
