"""The suites' rows of the table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance.suites.catalogue import SUITES, Suite
from conformance.suites.kernels import KERNELS
from conformance.suites.running import run
from conformance.table.row import Row


def rows() -> Iterator[Row]:
    """A row for each suite; its two runs side by side."""
    for suite in SUITES:
        with tempfile.TemporaryDirectory(prefix="carme-suite-") as parent:
            yield row(suite, Path(parent))


def row(suite: Suite, parent: Path) -> Row:
    """One suite under both kernels."""

    def run_under(kernel: str) -> dict[str, str]:
        directory = parent / kernel
        directory.mkdir()
        return run(suite, kernel, directory)[0]

    with ThreadPoolExecutor(len(KERNELS)) as threads:
        carme, ipykernel = threads.map(run_under, KERNELS)
    return Row(suite.name, carme, ipykernel, suite.listed(), tuple(notes(suite)))


def notes(suite: Suite) -> Iterator[str]:
    """What is told of tests that do not pass under either kernel."""
    for each in suite.listed():
        if each.kind == "ignored":
            yield f"{each.name}: not run: {each.reason}"
        elif each.kind == "both":
            yield f"{each.name}: not under either kernel: {each.reason}"
