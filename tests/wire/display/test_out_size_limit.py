"""Out is bounded in bytes: what is in lists, instances, arrays and tables counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = [pytest.mark.one_python, pytest.mark.skipif(not IS_CARME, reason="ours")]
LARGE = """
import numpy as np, pandas as pd
class Holder:
    def __init__(self, value):
        self.value = value
    def __sizeof__(self):
        raise ValueError
    def __repr__(self):
        return 'holder'
def text(n):
    return chr(97 + n % 26) * 10_000 + str(n)
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, python) -> Iterator[Kernel]:
    """One kernel that keeps a megabyte."""
    kernel = Kernel(
        tmp_path_factory.mktemp("sizes"),
        python,
        path=str(ENVIRONMENTS / "widgets" / "bin" / "python"),
        environment={"CARME_OUT_BYTES": "1000000"},
    )
    kernel.client().run(LARGE)
    yield kernel
    kernel.stop()


@pytest.fixture
def client(shared: Kernel) -> Iterator[Client]:
    """A client of it."""
    yield shared.client()


def is_kept(client: Client, code: str) -> bool:
    """Whether the value of a cell is still in Out when the cell is over."""
    count = client.run(code).count
    return client.run(f"print({count} in Out)").stdout == "True\n"


@pytest.mark.parametrize(
    "code",
    [
        "[np.zeros(200_000)]",
        "{'a': {'b': [b'x' * 2_000_000]}}",
        "Holder(Holder(np.zeros(200_000)))",
        "[text(n) for n in range(1000)]",
        "pd.DataFrame({'a': [text(n) for n in range(1000)]}).astype(object)",
        "pd.Series([text(n) for n in range(1000)], dtype=object)",
        "pd.Series(range(200_000))",
        "np.zeros(200_000)[:3]",
        "np.array([text(n) for n in range(1000)], dtype=object)",
        "set(range(200_000))",
    ],
)
def test_large(client: Client, code: str) -> None:
    assert not is_kept(client, code)


@pytest.mark.parametrize(
    "code",
    [
        "[[1, 2], 'x', Holder(3)]",
        "[text(0)] * 20_000",
        "a = []\na.append(a)\na",
        "pd.DataFrame({'a': ['x', 'y'], 'b': [1, 2]})",
        "np.zeros(1000)",
        "Holder",
        "np",
        "[np, pd, Holder]",
    ],
)
def test_small(client: Client, code: str) -> None:
    assert is_kept(client, code)


def test_a_large_value_takes_no_more_steps(client: Client) -> None:
    client.run(
        "from _carme.session import object_size\nlarge = [[str(n)] * 3 for n in range(10**6)]"
    )
    client.run("walk = object_size.Walk()\nwalk.size(large)")
    assert client.run("len(walk.seen) < 10_000").result == "True"
