"""Source distributions: pip fetches them into build/; nothing of them is kept in this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.kernels import ROOT


def fetched(project: str, version: str) -> Path:
    """
    The tar file of a version.

    Several test processes may want it at once: each fetches its own, the last one stays.
    """
    kept = ROOT / "build" / f"{project}-{version}.tar.gz"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=kept.parent) as parent:
            command = [
                sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                f"--no-binary={project}", f"--dest={parent}", f"{project}=={version}",
            ]  # fmt: skip
            subprocess.run(command, check=True, timeout=200)
            os.replace(Path(parent) / kept.name, kept)
    return kept


def unpacked(project: str, version: str, directory: Path) -> Path:
    """A fresh copy of the source tree under `directory`: tests write into it."""
    shutil.unpack_archive(fetched(project, version), directory)
    return directory / f"{project}-{version}"
