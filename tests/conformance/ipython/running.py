"""Runs IPython's tests against one kernel, and tells how those ended that sent it a request."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree

from conformance.ipython.catalogue import FILES, VERSION
from conformance.suites import kernels, sources
from conformance.suites.running import ENDS, ENVIRONMENT
from harness.kernels import ROOT

TIMEOUT = 500  # seconds for a file
TIMEOUT_EACH = 90  # seconds for a test
REQUESTS = "requests"  # plugin.py's
CONFIGURATION = """[pytest]
asyncio_default_fixture_loop_scope = function
"""


def working_directory(directory: Path) -> Path:
    """A directory with the tests in it and nothing else of the source distribution."""
    made = directory / "run"
    made.mkdir()
    tree = sources.unpacked("ipython", VERSION, directory)
    (tree / "tests").rename(made / "tests")
    (made / "tests" / "conftest.py").unlink()  # starts a shell in the tests' process
    (made / "pytest.ini").write_text(CONFIGURATION)
    return made


def command(file: str, report: Path) -> list[str]:
    """pytest's words."""
    return [
        str(kernels.python(ENVIRONMENT)), "-m", "pytest", "-q", "--tb=short", "--color=no",
        "-p", "no:cacheprovider", "-p", "conformance.ipython.plugin", f"--timeout={TIMEOUT_EACH}",
        f"--junit-xml={report}", "-o", "junit_family=xunit1", f"tests/{file}",
    ]  # fmt: skip


def run(
    kernel: str, directory: Path, first: str = "", files: tuple[str, ...] = FILES
) -> dict[str, str]:
    """
    Each test's outcome by its name (module::test).

    `first`: a cell that each kernel runs before the tests'. What pytest says is in `log` in the
    directory.
    """
    environment = kernels.variables(kernel, ENVIRONMENT, directory)
    environment.update(PYTHONPATH=str(ROOT / "tests"), CARME_FIRST_CELL=first)
    where, found = working_directory(directory), {}
    with open(directory / "log", "wb") as log:
        for file in files:
            report = directory / f"{file}.xml"
            subprocess.run(
                command(file, report),
                cwd=where,
                env=environment,
                stdout=log,
                stderr=log,
                timeout=TIMEOUT,
            )
            found.update(outcomes(report))
    return found


def outcomes(report: Path) -> dict[str, str]:
    """The tests of a report that have sent the kernel a request."""
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        requests = [
            each.get("value") for each in case.iter("property") if each.get("name") == REQUESTS
        ]
        if requests and requests != ["0"]:
            ended = [ENDS[part.tag] for part in case if part.tag in ENDS]
            module = str(case.get("classname")).removeprefix("tests.")
            found[f"{module}::{case.get('name')}"] = ended[0] if ended else "passed"
    return found
