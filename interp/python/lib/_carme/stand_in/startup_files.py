"""Before the first cell: PYTHONSTARTUP, and the takeover by IPython if the profile has settings.

Source: IPython's documentation, "Introduction to IPython configuration"; Python's, PYTHONSTARTUP.
"""

import os
import sys

from _carme.errors import report
from _carme.session import state
from _carme.session.current import Current
from _carme.stand_in import installation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

NAMES = ("ipython_config", "ipython_kernel_config")
SETTINGS = tuple(f"{name}.{kind}" for name in NAMES for kind in ("py", "json"))


class Executed:
    """The startup file that was executed."""

    file: Optional[str] = None  # the path from PYTHONSTARTUP


def run(has_ipython: bool) -> None:
    """Takes over by IPython or runs PYTHONSTARTUP. has_ipython: it is installed."""
    if has_ipython and any(map(has_settings, installation.profile_directories())):
        Current.shell.take_over()
    if state.State.ipython is None:
        run_file(os.environ.get("PYTHONSTARTUP", ""))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def has_settings(folder: str) -> bool:
    """Whether a profile directory has settings or startup files."""
    if any(sets_anything(os.path.join(folder, name)) for name in SETTINGS):
        return True
    try:
        names = os.listdir(os.path.join(folder, "startup"))
    except OSError:
        return False
    return any(name.endswith((".py", ".ipy")) and not name.startswith(".") for name in names)


def sets_anything(path: str) -> bool:
    """Whether a configuration file has code: the one that IPython creates has only comments."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.partition("#")[0].strip() for line in file]
    except OSError:
        return False
    return any(line and not line.startswith(("c = get_config", "c=get_config")) for line in lines)


def run_file(given: str) -> None:
    """Runs a file in the cells' namespace, as IPython does; an error is shown."""
    path = find(given)
    if not path:
        return
    Executed.file = path
    space: Dict[str, Any] = state.namespace
    before, arguments = space.get("__file__"), sys.argv
    names = set(space)
    space["__file__"], sys.argv = given, [path]
    try:
        with open(path, "rb") as file:
            exec(compile(file.read(), path, "exec", 0, True), space)
    except BaseException as error:
        report.report(error, False)
    finally:
        sys.argv = arguments
        if space.pop("__file__", None) is not None and before is not None:
            space["__file__"] = before
        state.State.hidden.update({name: space[name] for name in space.keys() - names})


def find(given: str) -> str:
    """The file's path, with `~` and variables expanded; "" if there is no file."""
    path = os.path.abspath(os.path.expandvars(os.path.expanduser(given))) if given else ""
    if path and not os.path.isfile(path):
        sys.stderr.write(f"File not found: {given!r}\n")
        return ""
    return path
