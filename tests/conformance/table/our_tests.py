"""Our own tests, run under each kernel, for a row of the table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conformance.suites.kernels import python
from conformance.suites.running import TIMEOUT, outcomes
from harness.kernels import ROOT


def run_under(kernel: str, tests: str, parent: Path) -> dict[str, str]:
    """
    The outcomes under one kernel, by their whole names.

    Each kernel is in one Python, the one that has ipykernel. `tests`: a file below tests/, or one
    of its tests; `parent`: a directory for the report.
    """
    report = parent / f"{kernel}.xml"
    words = ["-m", "pytest", "-c", "tests/pytest.ini", "-q", "-n2", f"--junit-xml={report}"]
    done = subprocess.run(
        [sys.executable, *words, f"tests/{tests}"],
        cwd=ROOT,
        env={
            **os.environ,
            "CARME_TEST_KERNEL": kernel,
            "CARME_TEST_PYTHONS": str(python("ipykernel")),
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{tests}, {kernel}: {done.stdout[-5000:]}{done.stderr}")
    return dict(outcomes(report))
