"""What Out keeps."""

from __future__ import annotations

import pytest

from harness.client import Client


@pytest.mark.parametrize(
    "made",
    [
        "(each for each in ())",
        "(lambda: (yield))()",
        "memoryview(b'1')",
        "type('B', (bytes,), {})(b'1')",
    ],
)
def test_small_values_of_any_type_are_kept(client: Client, made: str) -> None:
    """The size of a generator can not be told by object.__sizeof__."""
    count = client.run(made).count
    assert client.run(f"{count} in Out").result == "True"


def test_a_coroutine_is_kept_without_a_warning(client: Client) -> None:
    """It was let go of two cells later, never awaited."""
    count = client.run("async def later(): return 5\nlater()").count
    for _ in range(4):
        assert client.run("await later()").stderr == ""
    assert client.run(f"await Out[{count}]").result == "5"
