"""Cells of many subjects and what they give: tests/conformance/cells/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cells.files import CASES, Case, Run
from harness.client import Client


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_cells(client: Client, case: Case) -> None:
    """The kernel gives what is expected, each in the cell to which it belongs."""
    version = client.run("import sys; '%d.%d' % sys.version_info[:2]").data["text/plain"]
    if not case.fits(version.strip("'")):
        pytest.skip(f"for Python {case.python}")
    # a thread of an earlier case may still live, of which a fork would warn, as in a script
    client.run("import warnings; warnings.filterwarnings('ignore', '.*is multi-threaded')")
    client.run("%reset -f")
    run = Run(client, case)
    assert run.differences() == []


SCRIPTS = [case for case in CASES if case.is_script and case.fits("3.11")]


@pytest.mark.parametrize("case", SCRIPTS, ids=[case.id for case in SCRIPTS])
def test_plain_python_agrees(tmp_path: Path, case: Case) -> None:
    """What is said to be as in a script is what a script gives."""
    file = tmp_path / "script.py"
    file.write_text(case.script(), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-u", str(file)], capture_output=True, timeout=30, check=False
    )
    assert case.compared(ran.stdout.decode()) == case.all_stdout()
    assert all(text in ran.stderr.decode() for cell in case.cells for text in cell.stderr)


def test_there_are_many() -> None:
    """At least 150 cases, each with a name of its own."""
    assert len({case.id for case in CASES}) == len(CASES) >= 150
