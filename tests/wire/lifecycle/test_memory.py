"""Memory that cells have freed."""

from __future__ import annotations

import psutil
import pytest

from harness.client import Client
from harness.kernels import Kernel
from harness.until import until

LITTLE = 30 * 1024 * 1024


@pytest.mark.better("malloc keeps it for the process")
def test_a_resting_kernel_gives_back_what_was_freed(client: Client, kernel: Kernel) -> None:
    """Also what lies below a block that lives on."""
    process = psutil.Process(kernel.pid)
    before = process.memory_info().rss
    client.run("blocks = [bytes(50_000) for _ in range(4000)]")
    assert process.memory_info().rss > before + 150_000_000
    client.run("del blocks[:-1]")
    until(lambda: process.memory_info().rss <= before + LITTLE, "it gives the memory back")
    assert client.run("len(blocks[0])").result == "50000"
