"""The two kernels that a suite meets under the name python3, both in the same Python."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from harness.kernels import ENVIRONMENTS, PROGRAM, clean_environment

CARME, IPYKERNEL = "carme", "ipykernel"
KERNELS = (CARME, IPYKERNEL)


def python(environment: str) -> Path:
    """An environment's interpreter."""
    return ENVIRONMENTS / environment / "bin" / "python"


def packages(environment: str) -> Path:
    """Where an environment's packages lie."""
    found = list((ENVIRONMENTS / environment / "lib").glob("python3*/site-packages"))
    assert len(found) == 1, f"build/env/{environment} is not what setup.sh makes"
    return found[0]


def install(kernel: str, environment: str, prefix: Path, name: str = "python3") -> None:
    """Puts a kernel's kernel.json where Jupyter looks below a prefix."""
    if kernel == CARME:
        command = [str(PROGRAM), "install", "--prefix", str(prefix), "--name", name]
        command += ["--python", str(python(environment))]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return
    where = prefix / "share" / "jupyter" / "kernels" / name
    where.mkdir(parents=True, exist_ok=True)
    (where / "kernel.json").write_text(json.dumps(reference(environment)))


def reference(environment: str) -> dict[str, object]:
    """
    kernel.json's content for ipykernel in the Python of an environment that has none.

    ipykernel comes from its own environment, behind the first one's packages: both kernels import
    the same files, and no environment has to be made twice.
    """
    path = [str(packages(environment)), str(packages("ipykernel"))]
    return {
        "argv": [str(python(environment)), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "env": {"PYTHONPATH": os.pathsep.join(path)},
    }


def variables(kernel: str, environment: str, directory: Path) -> dict[str, str]:
    """What a program is started with to find this kernel, and it alone, as python3."""
    install(kernel, environment, directory)
    ipython = directory / "ipython"
    (ipython / "profile_default").mkdir(parents=True)  # one test names it on the command line
    programs = python(environment).parent
    return {
        **clean_environment(directory / "home"),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_PATH": str(directory / "share" / "jupyter"),
        "IPYTHONDIR": str(ipython),
    }
