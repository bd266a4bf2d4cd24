"""Fixtures for all tests that talk to a kernel: which Python, a shared kernel, clients, new kernels."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import kernels
from harness.client import Client
from harness.gate import Gate
from harness.kernels import Kernel, Shared
from harness.pythons import Python

PASSED = pytest.StashKey[bool]()


def pytest_sessionstart() -> None:
    """Nothing to test is one clear line, not a hundred failures.

    A shell's background job ignores SIGINT, and so would the Pythons that kernels are compared with.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    kernels.main_check()


def pytest_report_header() -> str:
    """What is tested, under what."""
    found = " ".join(python.label for python in kernels.every_python())
    few = " ".join(python.label for python in kernels.few_pythons())
    return f"kernel: {kernels.KIND}; Pythons: {found}; all tests under: {few}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that wants a Python runs under several, as its marks say."""
    if "python" not in metafunc.fixturenames:
        return
    if metafunc.definition.get_closest_marker("every_python"):
        chosen = kernels.every_python()
    elif metafunc.definition.get_closest_marker("one_python"):
        chosen = (kernels.one_python(),)
    else:
        chosen = kernels.few_pythons()
    metafunc.parametrize("python", chosen, ids=[p.label for p in chosen], scope="module")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Carme must do better may fail under the reference."""
    for item in items:
        mark = item.get_closest_marker("better")
        if mark and not kernels.IS_CARME:
            item.add_marker(pytest.mark.xfail(reason=mark.args[0], strict=False))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Lets fixtures know whether their test has passed."""
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


Starter = Callable[..., Kernel]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, python: Python) -> Iterator[Shared]:
    """The holder of the module's kernel."""
    holder = Shared(tmp_path_factory, python)
    yield holder
    holder.drop()


@pytest.fixture
def kernel(shared: Shared, request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """
    A kernel that other tests have used and will use.

    After each test that passed it must be alive, answer and compute: a test that spoils its kernel
    fails.
    """
    running = shared.get()
    yield running
    if not request.node.stash.get(PASSED, False):
        shared.drop()
        return
    try:
        last = running.client()
        last.is_well()
    except BaseException:
        shared.drop()
        raise
    for client in running.clients:
        client.close()
    running.clients.clear()


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """A connected client of the shared kernel."""
    return kernel.client()


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory, python: Python) -> Iterator[Starter]:
    """Starts kernels of one's own; they end with the test. Takes Kernel's options."""
    started: list[Kernel] = []

    def starter(**options: Any) -> Kernel:
        python_wanted = options.pop("python", python)
        started.append(Kernel(tmp_path_factory.mktemp("kernel"), python_wanted, **options))
        return started[-1]

    yield starter
    for each in started:
        each.stop()


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file for a kernel to find; its path."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """What a cell waits for until the test opens it."""
    return Gate(tmp_path / "gate")
