"""Waits for what no message tells of: a file, a process that ends, a port."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from harness.client import TIMEOUT

T = TypeVar("T")


def until(look: Callable[[], T], what: str, timeout: float = TIMEOUT, pause: float = 0.01) -> T:
    """The first value of `look` that is true; AssertionError with `what` when there is none in time."""
    deadline = time.monotonic() + timeout
    while not (found := look()):
        assert time.monotonic() < deadline, f"not in {timeout:g} s: {what}"
        time.sleep(pause)  # nobody tells of it
    return found
