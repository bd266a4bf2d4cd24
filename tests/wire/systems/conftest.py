"""Fixtures for systems that users bring: kernels of build/env/systems, and what they talk to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.kernels import Kernel, Shared, one_python, systems_options
from harness.postgres import Postgres


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file share a kernel with what it has imported, so one worker runs them."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """The holder of the module's kernel."""
    holder = Shared(tmp_path_factory, one_python(), **systems_options())
    yield holder
    holder.drop()


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Kernel]]:
    """Starts kernels of one's own; they end with the test."""
    started: list[Kernel] = []

    def starter(**options: Any) -> Kernel:
        directory = tmp_path_factory.mktemp("systems")
        started.append(Kernel(directory, one_python(), **{**systems_options(), **options}))
        return started[-1]

    yield starter
    for each in started:
        each.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of this run's own."""
    server = Postgres()
    yield server
    server.remove()
