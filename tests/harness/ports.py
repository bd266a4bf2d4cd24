"""Ports for kernels and servers: below those that the system gives to outgoing connections, a range per worker.

jupyter_client's own choice is a port that is free at that moment; another test may have it when the
kernel listens.
"""

from __future__ import annotations

import itertools
import os
import socket

FIRST, COUNT, WORKERS = 10_000, 1_000, 20


def numbers() -> itertools.cycle[int]:
    """This worker's ports, beginning where no earlier run has ended just now."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    start = FIRST + worker * COUNT
    ports = list(range(start, start + COUNT))
    turn = os.getpid() % COUNT
    return itertools.cycle(ports[turn:] + ports[:turn])


NUMBERS = numbers()


def is_free(port: int) -> bool:
    """Whether nothing listens there."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """One for a server that is no kernel."""
    return next(port for port in NUMBERS if is_free(port))


def connection_ports() -> dict[str, int]:
    """The five ports of a kernel, by the names of the connection file."""
    names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
    return {name: free_port() for name in names}
