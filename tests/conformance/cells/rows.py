"""The cells' rows of the table, one for each subject."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.cells.files import CASES
from conformance.suites.kernels import CARME, IPYKERNEL
from conformance.table import our_tests
from conformance.table.listed import Listed
from conformance.table.row import Row


def rows() -> Iterator[Row]:
    """Each subject in its file; a difference's reason is the basis of what is expected."""
    with tempfile.TemporaryDirectory(prefix="carme-cells-") as parent:
        carme, ipykernel = (run_under(kernel, Path(parent)) for kernel in (CARME, IPYKERNEL))
    for subject in sorted({case.subject for case in CASES}):
        ours, theirs = select(carme, subject), select(ipykernel, subject)
        yield Row(f"cells: {subject}", ours, theirs, reasons(subject, ours, theirs))


def run_under(kernel: str, parent: Path) -> dict[str, str]:
    """The outcomes under one kernel, by the cases' names."""
    ended = our_tests.run_under(kernel, "conformance/test_cells.py::test_cells", parent)
    return {short(name): outcome for name, outcome in ended.items()}


def short(name: str) -> str:
    """`…test_cells[3.11-shared-asyncio: run]` as `asyncio: run`."""
    inside = name.partition("[")[2].removesuffix("]")
    return next((case.id for case in CASES if inside.endswith("-" + case.id)), name)


def select(outcomes: dict[str, str], subject: str) -> dict[str, str]:
    """Those of one subject."""
    return {name: ended for name, ended in outcomes.items() if name.startswith(subject + ": ")}


def reasons(subject: str, carme: dict[str, str], ipykernel: dict[str, str]) -> tuple[Listed, ...]:
    """What is told of the cases that ipykernel alone fails."""
    return tuple(
        Listed("differs", case.id, f"basis: {case.basis}")
        for case in CASES
        if case.subject == subject
        and (carme.get(case.id), ipykernel.get(case.id)) == ("passed", "failed")
    )
