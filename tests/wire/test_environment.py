"""A kernel's interpreter is the one that `python -c` starts: same paths, flags and encodings."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import kernels
from harness.kernels import Kernel
from harness.pythons import Python

pytestmark = pytest.mark.skipif(not kernels.IS_CARME, reason="ipykernel changes sys.path")

PROBE = """
import json, locale, site, sys
print(json.dumps({
    "flags": repr(sys.flags), "path": sys.path, "executable": sys.executable,
    "prefixes": [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix],
    "base": getattr(sys, "_base_executable", None), "xoptions": repr(sys._xoptions),
    "encodings": [sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()],
    "locale": [locale.getpreferredencoding(False), locale.setlocale(locale.LC_CTYPE)],
    "warnings": sys.warnoptions, "site": [site.ENABLE_USER_SITE, site.USER_SITE],
    "bytecode": [sys.dont_write_bytecode, sys.pycache_prefix],
    "pth": getattr(sys, "from_pth", None), "main": __name__,
}))
"""

VARIABLES: dict[str, dict[str, str]] = {
    "plain": {},
    "paths": {
        "PYTHONPATH": "/nowhere/a:/nowhere/b",
        "PYTHONWARNINGS": "ignore,error::UserWarning",
        "PYTHONPYCACHEPREFIX": "/nowhere/cache",
        "PYTHONNOUSERSITE": "1",
    },
    "ascii": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "utf8": {"LC_ALL": "C", "PYTHONUTF8": "1", "PYTHONOPTIMIZE": "1", "PYTHONSAFEPATH": "1"},
}


def plain_python(path: str, directory: Path, variables: dict[str, str]) -> dict[str, Any]:
    """What the probe tells in `python -c`."""
    env = kernels.clean_environment(directory / "home", **variables)
    command = [path, "-c", PROBE]
    done = subprocess.run(command, env=env, cwd=directory, capture_output=True, check=True)
    return dict(json.loads(done.stdout))


@pytest.mark.every_python
@pytest.mark.parametrize("inside", [False, True], ids=["itself", "venv"])
@pytest.mark.parametrize("variables", VARIABLES.values(), ids=VARIABLES.keys())
def test_same_as_python(
    start: Callable[..., Kernel],
    python: Python,
    tmp_path: Path,
    variables: dict[str, str],
    inside: bool,
) -> None:
    path = python.path
    if inside:
        venv = tmp_path / "venv"
        subprocess.run([path, "-m", "venv", "--without-pip", venv], check=True)
        path = str(venv / "bin" / "python")
        (packages,) = venv.glob("lib/python3*/site-packages")
        (packages / "more.pth").write_text("/usr\nimport sys; sys.from_pth = 1\n")
    kernel = start(path=path, environment=variables)
    cell = kernel.client().run(PROBE)
    assert cell.status == "ok", cell.traceback
    expected = plain_python(path, kernel.work, variables)
    assert json.loads(cell.stdout) == expected
    assert expected["pth"] == (1 if inside else None)
