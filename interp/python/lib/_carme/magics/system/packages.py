"""%pip, %conda, %mamba, %micromamba, %uv, for the environment of the running Python.

Source: IPython's documentation, IPython.core.magics.packaging.
"""

import os
import re
import sys

from _carme.errors.usage import UsageError
from _carme.magics import options
from _carme.magics.function import show, takes_name
from _carme.magics.system import child_processes
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

CHANGES = frozenset(("install", "uninstall", "remove", "update", "upgrade", "sync", "create"))
# a requirement with a comparison that a shell would parse as a redirection
REQUIREMENT = re.compile(r"(?<!\S)[A-Za-z][\w.-]*(?:\[[\w.,-]*\])?[=~!<>]*[<>]=?\d\S*")
NO_CONDA = (
    "The python kernel does not appear to be a conda environment.  "
    "Please use ``%pip install`` instead."
)
OF_A_PREFIX = frozenset(("install", "list", "remove", "uninstall", "update", "upgrade", "run"))


def pip(line: str) -> None:
    """Runs pip of this Python; a shell parses the line."""
    import shlex

    run(f"{shlex.quote(sys.executable)} -m pip {with_quotes(line)}")


def with_quotes(line: str) -> str:
    """Quote requirements such as `name>=1.0`, which are no redirections."""
    import shlex

    return REQUIREMENT.sub(lambda found: shlex.quote(found[0]), line)


def uv(line: str) -> None:
    """Runs uv; `uv pip` in this Python's environment."""
    words = options.words(line)
    if words[:1] == ["pip"] and "--python" not in words:
        words[2:2] = ["--python", sys.executable]
    run([program("uv"), *words])


@takes_name
def conda(line: str, name: str) -> None:
    """Runs conda, mamba or micromamba, by default in this environment.

    ValueError: this Python's environment is not conda's.
    """
    if not os.path.exists(os.path.join(sys.prefix, "conda-meta", "history")):
        raise ValueError(NO_CONDA)
    words = options.words(line)
    names_one = any(word in ("-p", "-n", "--prefix", "--name") for word in words)
    if words[:1] and words[0] in OF_A_PREFIX and not names_one:
        words[1:1] = ["--prefix", sys.prefix]
    if words[:1] and words[0] in CHANGES and "--yes" not in words and "-y" not in words:
        words[1:1] = ["--yes"]
    run([program(name), *words])


def program(name: str) -> str:
    """The path of a program: on PATH, beside this Python, or beside CONDA_EXE."""
    import shutil

    places = [os.path.dirname(sys.executable), os.path.dirname(os.environ.get("CONDA_EXE", ""))]
    found: Optional[str] = shutil.which(name) or shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise UsageError(f"%{name}: the program {name} is not on PATH")
    return found


def run(command: Any) -> None:
    """Runs words or a shell command; modules that it installs can be imported."""
    import importlib

    state.namespace["_exit_code"] = child_processes.run(command)
    importlib.invalidate_caches()
    show("Note: you may need to restart the kernel to use updated packages.")
