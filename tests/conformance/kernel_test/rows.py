"""jupyter_kernel_test's row of the table: each kernel in one Python, the one that has ipykernel."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.suites.running import PATIENCE, outcomes
from conformance.suites.sides import CARME, IPYKERNEL, python
from conformance.table import listed
from conformance.table.row import Row
from harness.kernels import ROOT

LIST = Path(__file__).with_name("differing.txt")


def rows() -> Iterator[Row]:
    """The one row."""
    with tempfile.TemporaryDirectory(prefix="carme-kernel-test-") as place:
        carme, ipykernel = (half(side, Path(place)) for side in (CARME, IPYKERNEL))
    yield Row("jupyter_kernel_test", carme, ipykernel, listed.read(LIST, ("differs",)))


def half(side: str, place: Path) -> dict[str, str]:
    """The outcomes under one kernel, by names without the Python's."""
    report = place / f"{side}.xml"
    words = ["-m", "pytest", "-c", "tests/pytest.ini", "-q", f"--junit-xml={report}"]
    command = [sys.executable, *words, "tests/conformance/test_kernel_test.py"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={
            **os.environ,
            "CARME_TEST_KERNEL": side,
            "CARME_TEST_PYTHONS": str(python("ipykernel")),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"jupyter_kernel_test, {side}: {done.stdout[-5000:]}{done.stderr}")
    return {short(name): ended for name, ended in outcomes(report).items()}


def short(name: str) -> str:
    """`TestFilled_3.11-shared::test_x` of any module as `TestFilled::test_x`."""
    classname, _colons, test = name.rpartition("::")
    return f"{classname.partition('test_kernel_test.')[2].partition('_')[0]}::{test}"
