"""Connection files for the program, and free ports."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

PORTS = ("shell_port", "control_port", "stdin_port", "iopub_port", "hb_port")
CHANNELS = tuple(name.removesuffix("_port") for name in PORTS)
Writer = Callable[..., Path]


def free_ports(family: int = socket.AF_INET, host: str = "127.0.0.1") -> list[int]:
    """Five ports on which nobody listens."""
    held = [socket.socket(family) for _ in PORTS]
    for each in held:
        each.bind((host, 0))
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports
