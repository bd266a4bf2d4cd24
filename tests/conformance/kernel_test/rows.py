"""jupyter_kernel_test's row of the table: each kernel in one Python, the one that has ipykernel."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.suites.sides import CARME, IPYKERNEL
from conformance.table import listed, own
from conformance.table.row import Row

LIST = Path(__file__).with_name("differing.txt")


def rows() -> Iterator[Row]:
    """The one row."""
    with tempfile.TemporaryDirectory(prefix="carme-kernel-test-") as place:
        carme, ipykernel = (half(side, Path(place)) for side in (CARME, IPYKERNEL))
    yield Row("jupyter_kernel_test", carme, ipykernel, listed.read(LIST, ("differs",)))


def half(side: str, place: Path) -> dict[str, str]:
    """The outcomes under one kernel, by names without the Python's."""
    ended = own.half(side, "conformance/test_kernel_test.py", place)
    return {short(name): outcome for name, outcome in ended.items()}


def short(name: str) -> str:
    """`TestFilled_3.11-shared::test_x` of any module as `TestFilled::test_x`."""
    classname, _colons, test = name.rpartition("::")
    return f"{classname.partition('test_kernel_test.')[2].partition('_')[0]}::{test}"
