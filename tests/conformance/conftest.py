"""A home with the kernels in it; this process itself looks for kernels there, as the suites do."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from harness.kernelspecs import Home


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The home, and os.environ made to lead there."""
    made = Home(tmp_path_factory.mktemp("user") / "home")
    made.install()
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(made.environment):
            patch.delenv(name)
        for name, value in made.environment.items():
            patch.setenv(name, value)
        yield made
