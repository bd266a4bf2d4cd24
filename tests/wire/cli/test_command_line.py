"""How a kernel starts, and what it says when it can not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import kernels
from harness.cli import CONNECTION, Carme
from harness.kernels import Kernel


@pytest.mark.parametrize(
    "words", [["file.py"], ["file.py", "-f", "x"], ["--strange", "-v", "a b", "--python=9"]]
)
def test_words_behind_the_known_ones_are_the_cells(
    start: Callable[..., Kernel], words: list[str]
) -> None:
    """`jupyter run --kernel carme file.py` gives the file's name to the kernel, too."""
    if not kernels.IS_CARME and "-f" in words:
        pytest.skip("ipykernel takes this for its connection file")
    client = start(arguments=words).client()
    assert client.run(f"import sys\nsys.argv[-{len(words)}:]").result == repr(words)
    if kernels.IS_CARME:
        assert client.run("sys.argv[0], len(sys.argv)").result == f"('-c', {len(words) + 1})"


@pytest.mark.one_python
@pytest.mark.skipif(not kernels.IS_CARME, reason="tests the program carme")
def test_words_are_read_until_the_first_unknown_one(tmp_path: Path) -> None:
    carme = Carme(tmp_path, kernels.PROGRAM)
    carme("kernel", "-f", "nowhere.json", "file.py").refused(CONNECTION, "nowhere.json")
    carme("kernel", "file.py", "-f", "nowhere.json").refused(2, "unexpected argument", "file.py")
