"""IPython's own tests, run against the kernel under test: those that pass under ipykernel pass here."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.ipython.catalogue import SITUATIONS, differing, portable
from conformance.ipython.running import run
from harness.kernels import IS_CARME, KIND


@pytest.mark.timeout(900)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_own(situation: str, tmp_path: Path) -> None:
    """All but those that the list names."""
    found = run(KIND, tmp_path, SITUATIONS[situation])
    print((tmp_path / "log").read_text(errors="replace")[-20000:])
    wrong = {name for name in portable() if found.get(name) != "passed"}
    assert wrong == ({each.name for each in differing(situation)} if IS_CARME else set())
