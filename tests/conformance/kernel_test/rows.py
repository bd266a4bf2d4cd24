"""jupyter_kernel_test's row of the table: each kernel in one Python, the one that has ipykernel."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.suites.kernels import CARME, IPYKERNEL
from conformance.table import listed, our_tests
from conformance.table.row import Row

LIST = Path(__file__).with_name("differing.txt")


def rows() -> Iterator[Row]:
    """The one row."""
    with tempfile.TemporaryDirectory(prefix="carme-kernel-test-") as parent:
        carme, ipykernel = (run_under(kernel, Path(parent)) for kernel in (CARME, IPYKERNEL))
    yield Row("jupyter_kernel_test", carme, ipykernel, listed.read(LIST, ("differs",)))


def run_under(kernel: str, parent: Path) -> dict[str, str]:
    """The outcomes under one kernel, by names without the Python's."""
    ended = our_tests.run_under(kernel, "conformance/test_kernel_test.py", parent)
    return {short(name): outcome for name, outcome in ended.items()}


def short(name: str) -> str:
    """`TestFilled_3.11-shared::test_x` of any module as `TestFilled::test_x`."""
    classname, _colons, test = name.rpartition("::")
    return f"{classname.partition('test_kernel_test.')[2].partition('_')[0]}::{test}"
