"""
ipykernel's own tests over the wire, from its source distribution, pointed at this kernel.

ipykernel-deselected.txt names those that are not asked, each with its reason. Nothing of ipykernel's
source is kept in this repository: pip fetches it into build/ when the tests run.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from harness.kernels import ENVIRONMENTS, IS_CARME, PROGRAM, ROOT
from harness.kernelspecs import Home

LIST = Path(__file__).with_name("ipykernel-deselected.txt")
CONFIGURATION = "[pytest]\nmarkers =\n    flaky: repeated by a plugin that is not here\n"
# how many tests there are in 7.4.0: a suite that shrinks unseen would prove nothing
TESTS = {"test_message_spec.py": 24, "test_kernel.py": 35}


def source() -> Path:
    """
    The source distribution, a tar file, of the ipykernel that is installed here.

    Several test processes may want it at once: each fetches its own, the last one stays.
    """
    version = importlib.metadata.version("ipykernel")
    kept = ROOT / "build" / f"ipykernel-{version}.tar.gz"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=kept.parent) as place:
            command = [
                sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                "--no-binary=ipykernel", f"--dest={place}", f"ipykernel=={version}",
            ]  # fmt: skip
            subprocess.run(command, check=True, timeout=200)
            os.replace(Path(place) / kept.name, kept)
    return kept


def deselected(name: str) -> list[str]:
    """The tests of a file that are not asked: pytest's ids."""
    lines = [line.strip() for line in LIST.read_text().splitlines()]
    rows = [line.partition("  # ") for line in lines if line and not line.startswith("#")]
    assert all(reason for _test, _hash, reason in rows), "a line without its reason"
    return [test for test, _hash, _reason in rows if test.startswith(name)]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the test modules as a package, and nothing of ipykernel's conftest."""
    directory = tmp_path_factory.mktemp("ipykernel-tests")
    (directory / "pytest.ini").write_text(CONFIGURATION)
    tests = directory / "tests"
    tests.mkdir()
    with tarfile.open(kept := source()) as archive:
        root = kept.name.removesuffix(".tar.gz")
        for name in ("__init__.py", "utils.py", *TESTS):
            member = archive.extractfile(f"{root}/tests/{name}")
            assert member, name
            (tests / name).write_bytes(member.read())
    return directory


@pytest.fixture(scope="module")
def environment(home: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """
    One in which jupyter_client's default kernel, python3, is the one under test.

    Its Python is one that has IPython and comm, because cells of the suite import them; it has no
    ipykernel.
    """
    share = tmp_path_factory.mktemp("share")
    if IS_CARME:
        home.run(
            str(PROGRAM), "install", "--prefix", str(share), "--name", "python3",
            "--python", str(ENVIRONMENTS / "widgets" / "bin" / "python"),
        )  # fmt: skip
    ipython = share / "ipython"
    (ipython / "profile_default").mkdir(parents=True)  # one test names it on the command line
    return {
        **home.environment,
        "JUPYTER_PATH": str(share / "share" / "jupyter"),
        "IPYTHONDIR": str(ipython),
    }


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", TESTS)
def test_suite(suite: Path, environment: dict[str, str], name: str) -> None:
    skipped = deselected(name)
    command = [
        str(ENVIRONMENTS / "client" / "bin" / "python"), "-m", "pytest", "-q", "-rfE", "--tb=short",
        "-p", "no:cacheprovider", f"tests/{name}",
        *(f"--deselect=tests/{test}" for test in skipped),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True)
    print(done.stdout[-15000:], done.stderr[-2000:])
    assert done.returncode == 0
    counts = {
        word: int(number)
        for number, word in re.findall(r"(\d+) (passed|skipped|deselected)", done.stdout)
    }
    assert counts.get("deselected", 0) == len(skipped), "a deselected test that does not exist"
    assert sum(counts.values()) == TESTS[name], f"{counts}: not the suite that was known"
