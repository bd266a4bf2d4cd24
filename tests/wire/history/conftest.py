"""Fixtures: a home, and ipykernel in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.kernels import Kernel, reference
from wire.history.home import Home, Peer, Starter


@pytest.fixture
def home(tmp_path: Path, start: Starter) -> Home:
    return Home(tmp_path / "lives", start)


@pytest.fixture
def peer(tmp_path_factory: pytest.TempPathFactory, home: Home) -> Iterator[Kernel]:
    kernel = Peer(
        tmp_path_factory.mktemp("peer"),
        reference(),
        environment={"HOME": str(home.directory)},
    )
    yield kernel
    kernel.stop()
