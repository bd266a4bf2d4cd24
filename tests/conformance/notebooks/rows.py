"""The notebooks' rows of the table; ipykernel's records are made anew where it shows other things."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance.notebooks import recorded
from conformance.notebooks.executing import HERE, executed, names
from conformance.notebooks.views import View, differences, views
from conformance.suites.kernels import KERNELS
from conformance.table import listed
from conformance.table.listed import Listed
from conformance.table.row import Row

LIST = HERE / "differing.txt"


def known(name: str) -> tuple[Listed, ...]:
    """What the list says of a notebook."""
    lines = listed.read(LIST, ("differs",))
    return tuple(each for each in lines if each.name.startswith(f"{name}/"))


def both(name: str) -> list[dict[str, View]]:
    """The views under Carme and under ipykernel."""

    def run_under(kernel: str) -> dict[str, View]:
        with tempfile.TemporaryDirectory(prefix="carme-notebook-") as parent:
            return recorded.as_kept(views(executed(name, kernel, Path(parent))))

    with ThreadPoolExecutor(len(KERNELS)) as threads:
        return list(threads.map(run_under, KERNELS))


def rows() -> Iterator[Row]:
    """A row for each notebook."""
    for name in names():
        carme, ipykernel = both(name)
        notes: tuple[str, ...] = ()
        if recorded.load(name) != ipykernel:
            recorded.save(name, ipykernel)
            notes = (f"ipykernel's record has changed: {recorded.path(name).name}",)
        yield row(name, carme, ipykernel, notes)


def row(
    name: str, carme: dict[str, View], ipykernel: dict[str, View], notes: tuple[str, ...]
) -> Row:
    """Each cell is a test, which passes where it shows what ipykernel shows."""
    differ = {f"{name}/{each}" for each in differences(carme, ipykernel)}
    listed_ones = {each.name: each for each in known(name)}
    wrong = [
        *(f"{each}: no reason is listed" for each in sorted(differ - set(listed_ones))),
        *(f"{each}: listed, and does not differ" for each in sorted(set(listed_ones) - differ)),
    ]
    spoilt = {each.partition(" ")[0]: each for each in sorted(differ)}
    reasons = [
        Listed("aspects", cell, listed_ones[each].reason)
        for cell, each in spoilt.items()
        if each in listed_ones
    ]
    cells = [f"{name}/{cell}" for cell in {**ipykernel, **carme}]
    found = {cell: "failed" if cell in spoilt else "passed" for cell in cells}
    same = dict.fromkeys(cells, "passed")
    return Row(f"notebook {name}", found, same, tuple(reasons), notes, tuple(wrong))
