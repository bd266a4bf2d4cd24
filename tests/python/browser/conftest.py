"""
Tests of the worker's kernel, run by this machine's Python: a coroutine with the argument `page`.

Each runs in a process of its own, since a process has one kernel. `make lite-native` builds the
module; with SAN=address,undefined it runs under the sanitizers.
"""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest
from page import PLACE, TIMEOUT


@pytest.fixture
def page():
    """Stands for the one that the test's process makes."""


def environment():
    """The child's; a module under a sanitizer needs its runtime before all else."""
    result = {**os.environ, "PYTHONWARNINGS": "error::RuntimeWarning"}
    if "address" in PLACE.parent.name:
        compiler = PLACE.parent.name.partition("-")[0]
        runtime = subprocess.check_output([compiler, "-print-file-name=libasan.so"], text=True)
        result.update(
            LD_PRELOAD=runtime.strip(), PYTHONMALLOC="malloc", ASAN_OPTIONS="detect_leaks=0"
        )
    return result


def pytest_pyfunc_call(pyfuncitem):
    """Runs a coroutine; other functions are pytest's."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    if not (PLACE / "_carme.abi3.so").exists():
        pytest.skip(f"{PLACE}: `make lite-native` has not been run")
    program = Path(__file__).with_name("run.py")
    done = subprocess.run(
        [sys.executable, program, pyfuncitem.path, pyfuncitem.name],
        env=environment(), capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.fail(done.stderr[-4000:], pytrace=False)
    return True
