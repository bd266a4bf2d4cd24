"""Kernels as Jupyter finds them by name: installed for a user whose home is a temporary directory."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from harness.kernels import (
    ENVIRONMENTS,
    IS_CARME,
    PROGRAM,
    clean_environment,
    few_pythons,
    reference,
)

CLIENT = ENVIRONMENTS / "client" / "bin"
DATA = str(ENVIRONMENTS / "data" / "bin" / "python")
REFERENCE = "reference"  # ipykernel, whatever is under test


def own_name(label: str) -> str:
    """The name of the kernel under test in a Python: "data" or a Python's label."""
    return f"under-test-{label}" if IS_CARME else REFERENCE


class Home:
    """A user's home with kernels in it, and the environment to start programs in."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            **clean_environment(directory),
            "PATH": f"{CLIENT}{os.pathsep}{os.environ['PATH']}",
            "PYTHONWARNINGS": "ignore::DeprecationWarning",
        }

    def run(self, *command: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Runs a program as this user; AssertionError with what it said when it fails."""
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done

    def jupyter(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs jupyter."""
        return self.run(str(CLIENT / "jupyter"), *words)

    def install(self) -> None:
        """The kernel under test for each Python of few_pythons and for DATA, and the reference."""
        self.write(REFERENCE, [reference().path, "-m", "ipykernel_launcher"])
        if not IS_CARME:
            return
        self.jupyter("kernelspec", "install", str(PROGRAM.parent / "kernelspec/carme"), "--user")
        pythons = {"data": DATA, **{python.label: python.path for python in few_pythons()}}
        for label, path in pythons.items():
            name = own_name(label)
            self.run(str(PROGRAM), "install", "--user", "--python", path, "--name", name)

    def write(self, name: str, argv: list[str]) -> None:
        """A kernel.json of another kernel."""
        where = self.directory / ".local" / "share" / "jupyter" / "kernels" / name
        where.mkdir(parents=True)
        spec = {
            "argv": [*argv, "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
        }
        (where / "kernel.json").write_text(json.dumps(spec))
