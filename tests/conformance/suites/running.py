"""Runs a suite against one kernel and tells how each of its tests ended."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree

from conformance.suites import kernels, sources
from conformance.suites.catalogue import Suite

ENVIRONMENT = "suites"
CONFIGURATION = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
# an option of pytest-cov's, which some tests ask for
COVERAGE = 'def pytest_addoption(parser):\n    parser.addoption("--cov", default=None)\n'
ENDS = {"failure": "failed", "error": "failed", "skipped": "skipped"}
TIMEOUT = 400  # seconds for a suite
TIMEOUT_EACH = 60  # seconds for a test


def working_directory(suite: Suite, directory: Path) -> Path:
    """The directory to run in: the source tree, or what the suite keeps of it."""
    tree = sources.unpacked(suite.project, suite.version, directory)
    if suite.kept is None:
        return tree
    made = directory / "kept"
    (made / "tests").mkdir(parents=True)
    (made / "pytest.ini").write_text(CONFIGURATION)
    (made / "tests" / "__init__.py").touch()
    for name in suite.kept:
        (tree / "tests" / name).rename(made / "tests" / name)
    (made / "conftest.py").write_text(COVERAGE)
    return made


def command(suite: Suite, report: Path) -> list[str]:
    """pytest's words."""
    ignored = sorted(suite.named("ignored"))
    return [
        str(kernels.python(ENVIRONMENT)), "-m", "pytest", "-q", "--tb=short", "--color=no",
        "-p", "no:cacheprovider", f"--timeout={TIMEOUT_EACH}", f"--junit-xml={report}",
        *suite.options, *(f"--ignore={path}" for path in ignored), suite.path,
    ]  # fmt: skip


def run(suite: Suite, kernel: str, directory: Path) -> tuple[dict[str, str], str]:
    """
    Each test's outcome by its name (module::test, dots for slashes), and what pytest said.

    RuntimeError when it was not even able to run them.
    """
    report = directory / "report.xml"
    environment = kernels.variables(kernel, ENVIRONMENT, directory)
    done = subprocess.run(
        command(suite, report),
        cwd=working_directory(suite, directory),
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{suite.name}, {kernel}: {done.stdout[-5000:]}{done.stderr[-2000:]}")
    return outcomes(report), done.stdout


def outcomes(report: Path) -> dict[str, str]:
    """The tests of a report in JUnit's form."""
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        ended = [ENDS[part.tag] for part in case if part.tag in ENDS]
        found[f"{case.get('classname')}::{case.get('name')}"] = ended[0] if ended else "passed"
    return found
