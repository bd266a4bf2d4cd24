"""The rows of IPython's tests in the table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance.ipython.catalogue import SITUATIONS, VERSION, differing, portable
from conformance.ipython.running import run
from conformance.suites.kernels import CARME, IPYKERNEL
from conformance.table.row import Row


def rows() -> Iterator[Row]:
    """A row for each situation; ipykernel has one, with IPython's shell from its start."""
    with tempfile.TemporaryDirectory(prefix="carme-ipython-") as parent:
        runs = [(CARME, first) for first in SITUATIONS.values()] + [(IPYKERNEL, "")]

        def run_under(number: int) -> dict[str, str]:
            directory = Path(parent) / str(number)
            directory.mkdir()
            kernel, first = runs[number]
            return run(kernel, directory, first)

        with ThreadPoolExecutor(2) as threads:
            *ours, theirs = threads.map(run_under, range(len(runs)))
    for situation, found in zip(SITUATIONS, ours):
        yield row(situation, found, theirs)


def row(situation: str, found: dict[str, str], theirs: dict[str, str]) -> Row:
    """The tests that pass under ipykernel; others need more of a shell than a kernel shows."""
    passed = {name: ended for name, ended in theirs.items() if ended == "passed"}
    gone = tuple(f"{each}: listed as portable, fails" for each in sorted(portable() - set(passed)))
    return Row(
        f"IPython {VERSION}'s own, {situation}",
        {name: ended for name, ended in found.items() if name in passed},
        passed,
        differing(situation),
        more_problems=gone,
    )
