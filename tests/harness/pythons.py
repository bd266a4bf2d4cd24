"""Which Pythons this machine has, and how each is built."""

from __future__ import annotations

import functools
import glob
import json
import os
import shutil
import subprocess
from dataclasses import dataclass

OLDEST, NEWEST = (3, 8), (3, 14)
PROBE = """
import json, sys, sysconfig
with open("/proc/self/maps") as maps:
    shared = "/libpython3" in maps.read()
print(json.dumps([sys.executable, sys.version_info[:2], shared,
                  bool(sysconfig.get_config_var("Py_GIL_DISABLED"))]))
"""


@dataclass(frozen=True)
class Python:
    """An interpreter: its path, (major, minor), and whether it has its libpython in a file."""

    path: str
    version: tuple[int, int]
    shared: bool

    @property
    def label(self) -> str:
        """Such as 3.11-static: a name for test ids."""
        return f"{self.version[0]}.{self.version[1]}-{'shared' if self.shared else 'static'}"


def probe(path: str) -> Python | None:
    """The interpreter at `path`; None for one that does not run, or that Carme does not serve."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", PROBE], capture_output=True, text=True, timeout=20, check=True
        )
        _executable, version, shared, free_threaded = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if free_threaded or not OLDEST <= tuple(version) <= NEWEST:
        return None
    return Python(path, (version[0], version[1]), shared)


def candidates() -> list[str]:
    """Paths that may be Pythons: pyenv's versions, PATH, the system's."""
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    found = glob.glob(os.path.join(glob.escape(root), "versions", "3.*", "bin", "python3"))
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        found += [shutil.which(f"python3.{minor}") or "", f"/usr/bin/python3.{minor}"]
    found += ["/usr/bin/python3", "/usr/local/bin/python3", shutil.which("python3") or ""]
    # pyenv's shims are shell scripts that choose a Python by the working directory
    return [path for path in found if os.access(path, os.X_OK) and "/shims/" not in path]


@functools.lru_cache(maxsize=None)
def discover() -> tuple[Python, ...]:
    """
    The Pythons that Carme must serve here, oldest first, one per version and way of building.

    CARME_TEST_PYTHONS, a list of paths with colons between, takes the place of the search.
    """
    named = os.environ.get("CARME_TEST_PYTHONS")
    chosen: dict[tuple[tuple[int, int], bool], Python] = {}
    seen: set[str] = set()
    for path in named.split(":") if named else candidates():
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        python = probe(path)
        if python is None:
            if named:
                raise ValueError(f"CARME_TEST_PYTHONS: {path} is no Python 3.8 to 3.14")
            continue
        chosen.setdefault((python.version, python.shared), python)
    if not chosen:
        raise ValueError("no Python 3.8 to 3.14 found")
    return tuple(chosen[key] for key in sorted(chosen))


def representatives() -> tuple[Python, ...]:
    """The few that every test runs under: oldest, 3.11 and newest shared one, newest static one."""
    found = discover()
    shared = [python for python in found if python.shared]
    static = [python for python in found if not python.shared]
    wanted = shared[:1] + [p for p in shared if p.version == (3, 11)] + shared[-1:] + static[-1:]
    return tuple(python for python in found if python in wanted)
