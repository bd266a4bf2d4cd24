"""A kernel's interpreter is the one that `python -c` starts: same paths, flags and encodings."""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import kernels
from harness.cli import program
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


def relinked(python: Python, directory: Path) -> dict[str, Path]:
    """Copies of a shared interpreter that look for libpython by $ORIGIN, or by DT_RPATH."""
    content = Path(python.path).resolve().read_bytes()
    (library,) = Path(python.path).resolve().parents[1].glob("lib/libpython3.*.so.1.0")
    runpath = bytes(library.parent) + b"\0"
    origin, tag = b"$ORIGIN/../lib\0", struct.pack("@N", 0x1D)  # DT_RUNPATH
    if runpath not in content or content.count(tag) != 1 or len(origin) > len(runpath):
        pytest.skip(f"{python.path} does not name {library.parent} in one DT_RUNPATH")
    for name in ("bin", "lib"):
        (directory / name).mkdir()
    (directory / "lib" / library.name).symlink_to(library)
    return {
        "origin": program(
            directory / "bin" / "origin",
            content.replace(runpath, origin.ljust(len(runpath), b"\0")),
        ),
        "rpath": program(
            directory / "bin" / "rpath", content.replace(tag, struct.pack("@N", 0x0F))
        ),
    }


@pytest.mark.every_python
@pytest.mark.parametrize("way", ["origin", "rpath"])
def test_finds_libpython_as_the_loader_does(
    start: Callable[..., Kernel], python: Python, tmp_path: Path, way: str
) -> None:
    if not python.shared:
        pytest.skip("a static Python has no libpython to find")
    path = str(relinked(python, tmp_path)[way])
    kernel = start(path=path)
    assert json.loads(kernel.client().run(PROBE).stdout) == plain_python(path, kernel.work, {})
