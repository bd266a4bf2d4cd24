"""Directories and the environment: %cd, %pwd, %ls, %env.

Source: IPython's documentation, IPython.core.magics.osm.
"""

import os

from _carme import shell
from _carme.magics import commands, options
from _carme.magics.table import UsageError, by_name, has_ipython, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List


SECRETS = ("key", "token", "secret")


class Visited:
    """Where the user was."""

    stack: List[str] = []  # of %pushd
    paths: List[Any] = []  # of %cd: `_dh`


def visited() -> List[Any]:
    """The directories that %cd has been in, as paths: `_dh`. The first is where it began."""
    if not Visited.paths:
        from pathlib import Path

        Visited.paths.append(Path(here()))
        shell.namespace["_dh"] = Visited.paths
    return Visited.paths


def here() -> str:
    """The current directory; "" where it has been deleted."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""


def pwd(line: str) -> str:
    """The current directory."""
    return os.getcwd()


def cd(line: str) -> None:
    """Changes the directory: a path, `-` for the last one, nothing for home; -q says nothing."""
    found, target = options.take(line, "q")
    been = visited()
    if target == "-":
        if len(been) < 2:
            raise UsageError("%cd -: No previous directory to change to.")
        target = str(been[-2])
    go(target.strip("\"'"))
    if "q" not in found:
        show(str(visited()[-1]))


def go(target: str) -> None:
    """Changes to it, or tells why not. UsageError: it may be a bookmark, which are IPython's."""
    before = here()
    path = os.path.expanduser(target or "~")
    if not os.path.isdir(path) and has_ipython():
        raise UsageError(f"%cd: no directory: {target!r}")
    try:
        os.chdir(path)
    except OSError as error:
        show(str(error))
        return
    if before != os.getcwd():
        from pathlib import Path

        visited().append(Path.cwd())


def pushd(line: str) -> List[str]:
    """Changes the directory and keeps this one for %popd."""
    left = os.getcwd().replace(os.path.expanduser("~"), "~")
    if line:
        cd(line)
    Visited.stack.insert(0, left)
    return dirs("")


def popd(line: str) -> None:
    """Goes back to where %pushd was called."""
    if not Visited.stack:
        raise UsageError("%popd on empty stack")
    target = Visited.stack.pop(0)
    cd(target)
    show(f"popd -> {target}")


def dirs(line: str) -> List[str]:
    """What %popd will go back to."""
    return Visited.stack


def env(line: str) -> Any:
    """All variables; one, `%env NAME`; or sets one, `%env NAME=VALUE` or `%env NAME VALUE`."""
    text = line.strip()
    if not text:
        return {name: shown(name, value) for name, value in os.environ.items()}
    if "=" in text or " " in text:
        return set_env(text)
    if text not in os.environ:
        raise UsageError(f"Environment does not have key: {text}")
    return os.environ[text]


def shown(name: str, value: str) -> str:
    """A value in the list of all; secrets are not shown."""
    return "<hidden>" if any(part in name.lower() for part in SECRETS) else value


def set_env(line: str) -> None:
    """`%set_env NAME VALUE` or `%set_env NAME=VALUE`."""
    name, sign, value = line.partition("=" if "=" in line else " ")
    name, value = name.strip(), value.strip()
    if not sign:
        raise UsageError("usage is 'set_env var=val'")
    if len(name.split()) > 1:
        raise UsageError(f"refusing to set env var with whitespace: {value!r}")
    os.environ[name] = value
    show(f"env: {name}={value}")


ALIASES: Dict[str, str] = {"ls": "ls -F --color=never", "ll": "ls -lF --color=never"}


@by_name
def listed(line: str, name: str) -> None:
    """What is in a directory."""
    commands.system(f"{ALIASES[name]} {line}", expand=False)


@by_name
def unix(line: str, name: str) -> None:
    """The command of the same name."""
    commands.system(f"{name} {line}", expand=False)
