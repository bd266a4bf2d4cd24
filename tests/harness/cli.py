"""Runs the program `carme` to its end, as a user at a shell does."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness import kernels

# kernel/launch/exit_codes.h
FINE, FAILED, USAGE, CONNECTION, ADDRESS, NO_PYTHON, WRONG_PYTHON, LIBRARY = range(8)


@dataclass
class Done:
    """A process that has ended."""

    code: int
    out: str
    err: str

    def refused(self, code: int, *parts: str) -> None:
        """Asserts the exit code and one line on stderr that has all these parts."""
        assert self.code == code, self
        assert self.err.startswith("carme: "), self
        assert self.err.endswith("\n"), self
        assert self.err.count("\n") == 1, self
        for part in parts:
            assert part in self.err, self


class Carme:
    """Runs the program in a directory and HOME of its own."""

    def __init__(self, directory: Path, program: Path) -> None:
        self.directory, self.program = directory, program
        self.home = directory / "home"

    def __call__(self, *words: str | Path, **environment: str) -> Done:
        """Runs it to its end. An empty value takes a variable away."""
        env = {**kernels.clean_environment(self.home), **environment}
        for name in ("CARME_PYTHON", "CONDA_PREFIX"):
            env.setdefault(name, "")
        ran = subprocess.run(
            [self.program, *words],
            capture_output=True,
            text=True,
            errors="replace",
            env={name: value for name, value in env.items() if value},
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        return Done(ran.returncode, ran.stdout, ran.stderr)


def program(path: Path, content: bytes | str) -> Path:
    """An executable file."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o755)
    return path
