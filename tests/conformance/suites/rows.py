"""The suites' rows of the table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance.suites.catalogue import SUITES, Suite
from conformance.suites.running import run
from conformance.suites.sides import SIDES
from conformance.table.row import Row


def rows() -> Iterator[Row]:
    """A row for each suite; its two halves run side by side."""
    for suite in SUITES:
        with tempfile.TemporaryDirectory(prefix="carme-suite-") as place:
            yield row(suite, Path(place))


def row(suite: Suite, place: Path) -> Row:
    """Both halves of one suite."""

    def half(side: str) -> dict[str, str]:
        directory = place / side
        directory.mkdir()
        return run(suite, side, directory)[0]

    with ThreadPoolExecutor(len(SIDES)) as threads:
        carme, ipykernel = threads.map(half, SIDES)
    return Row(suite.name, carme, ipykernel, suite.listed(), tuple(notes(suite)))


def notes(suite: Suite) -> Iterator[str]:
    """What is told of tests that do not pass under either kernel."""
    for each in suite.listed():
        if each.kind == "ignored":
            yield f"{each.name}: not run: {each.reason}"
        elif each.kind == "both":
            yield f"{each.name}: not under either kernel: {each.reason}"
