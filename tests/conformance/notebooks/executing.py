"""Executes a notebook with nbclient under one of the kernels, both in the Python of build/env/widgets."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from conformance.suites import kernels
from harness.kernels import clean_environment
from harness.ports import connection_ports

ENVIRONMENT = "widgets"
HERE = Path(__file__).parent
TIMEOUT = 120  # seconds for a cell


def names() -> list[str]:
    """The notebooks."""
    return sorted(path.stem for path in HERE.glob("*.ipynb"))


def executed(name: str, kernel: str, directory: Path) -> Any:
    """The notebook with its outputs; `directory`: an empty one, for all that belongs to the run."""
    notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    kernels.install(kernel, ENVIRONMENT, directory)
    kernelspecs = directory / "share" / "jupyter" / "kernels"
    work = directory / "carme-notebook-work"  # a name that normalized.py knows
    work.mkdir()
    manager = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(kernelspecs)]),
        cache_ports=False,
        **connection_ports(),
    )
    client = NotebookClient(
        notebook,
        km=manager,
        allow_errors=True,
        timeout=TIMEOUT,
        resources={"metadata": {"path": str(work)}},
    )
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return client.execute(env=variables(directory), **silent)


def variables(directory: Path) -> dict[str, str]:
    """What the kernel is started with."""
    programs = kernels.python(ENVIRONMENT).parent
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {
        **clean_environment(directory / "home"),
        "PATH": path,
        "IPYTHONDIR": str(directory / "ipython"),
    }
