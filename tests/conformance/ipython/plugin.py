"""pytest's plugin that gives IPython's tests a shell which is a kernel: `-p` names it.

A test that has sent the kernel no request is left out of the report: it is none of a kernel.
"""

from __future__ import annotations

import atexit
import builtins
import os
import signal
from collections.abc import Callable, Generator, Iterator
from typing import Any

import IPython
import pytest
from IPython.core import getipython, inputtransformer2

from conformance.ipython.shell import KernelShell

REQUESTS = "requests"
HERE = os.getcwd()
shell = KernelShell()
atexit.register(shell.close)


class Transformers(inputtransformer2.TransformerManager):
    """The transformation of cells, and whether they are complete, as the kernel has them."""

    def transform_cell(self, cell: str) -> str:
        """A cell as Python."""
        return shell.transform_cell(cell)

    def check_complete(self, cell: str) -> tuple[str, int | None]:
        """Status, and the width of the next line's indentation."""
        found = shell.is_complete(cell)
        indent = found.get("indent")
        return found["status"], None if indent is None else len(indent)


def raise_signal(original: Callable[[int], None]) -> Callable[[int], None]:
    """As the original; an interrupt is for the kernel."""

    def send(number: int) -> None:
        if number == signal.SIGINT:
            shell.interrupt()
        else:
            original(number)

    return send


def get_ipython() -> KernelShell:
    """The shell."""
    return shell


def pytest_configure(config: pytest.Config) -> None:
    """The tests' modules take it when they are imported."""
    pytest.register_assert_rewrite("IPython.testing.tools")
    for module in (IPython, getipython):
        module.get_ipython = get_ipython
    inputtransformer2.TransformerManager = Transformers
    found: Any = builtins
    found.get_ipython = get_ipython
    found.ip = found._ip = shell
    from IPython.testing import tools

    tools.get_ipython = get_ipython
    signal.raise_signal = raise_signal(signal.raise_signal)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """A KeyboardInterrupt of the kernel's ends its test and not all of them."""
    try:
        return (yield)
    except KeyboardInterrupt:
        raise AssertionError("the kernel's cell was interrupted") from None


@pytest.fixture(autouse=True)
def requests(record_property: Any) -> Iterator[None]:
    """Counts the requests of a test; it leaves the directory as it was."""
    before = shell.client.requests
    yield
    os.chdir(HERE)
    record_property(REQUESTS, shell.client.requests - before)


@pytest.fixture(autouse=True, scope="module")
def fresh() -> Iterator[None]:
    """A kernel for each module."""
    yield
    shell.close()
