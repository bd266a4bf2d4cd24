"""Our own tests, run under each kernel, for a row of the table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conformance.suites.running import PATIENCE, outcomes
from conformance.suites.sides import python
from harness.kernels import ROOT


def half(side: str, tests: str, place: Path) -> dict[str, str]:
    """
    The outcomes under one kernel, by their whole names.

    Each kernel is in one Python, the one that has ipykernel. `tests`: a file below tests/, or one
    of its tests; `place`: a directory for the report.
    """
    report = place / f"{side}.xml"
    words = ["-m", "pytest", "-c", "tests/pytest.ini", "-q", "-n2", f"--junit-xml={report}"]
    done = subprocess.run(
        [sys.executable, *words, f"tests/{tests}"],
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
        raise RuntimeError(f"{tests}, {side}: {done.stdout[-5000:]}{done.stderr}")
    return dict(outcomes(report))
