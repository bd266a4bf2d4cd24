"""Other projects' own tests, from their source distributions, pointed at the kernel under test."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.suites.catalogue import SUITES, Suite
from conformance.suites.running import run
from harness.kernels import KIND

names = pytest.mark.parametrize("suite", SUITES, ids=[each.name for each in SUITES])


@pytest.mark.timeout(420)
@names
def test_suite(suite: Suite, tmp_path: Path) -> None:
    """Each test passes, those that the list names do not, and none is missing."""
    outcomes, said = run(suite, KIND, tmp_path)
    print(said[-15000:])
    known = suite.named("both") | (suite.named("differs") if KIND == "carme" else set())
    assert {name for name, ended in outcomes.items() if ended == "failed"} == known
    assert len(outcomes) == suite.tests, "not the suite that was known"


def test_lists_speak_of_suites() -> None:
    """No line of a list belongs to no suite, or to two."""
    for suite in SUITES:
        assert suite.listed() or suite.project == "ipykernel"
