"""Directories and the environment: %cd, %pwd, %ls, %env.

Source: IPython's documentation, IPython.core.magics.osm.
"""

import os

from _carme.magics import commands, expansion
from _carme.magics.table import UsageError, by_name, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List


class Visited:
    """Where the user was."""

    before: List[str] = []  # the directories that %cd has left
    stack: List[str] = []  # of %pushd


SECRETS = ("key", "token", "secret")


def pwd(line: str) -> str:
    """The current directory."""
    return os.getcwd()


def cd(line: str) -> None:
    """Changes the directory: a path, `-` for the last one, nothing for home; -q says nothing."""
    quiet = line == "-q" or line.startswith("-q ")
    target = line[2:].strip() if quiet else line.strip()
    go(target.strip("\"'"))
    if not quiet:
        show(os.getcwd())


def go(target: str) -> None:
    """Changes to it. UsageError where it is none."""
    if target == "-":
        if not Visited.before:
            raise UsageError("%cd -: no directory was left yet")
        target = Visited.before[-1]
    here = os.getcwd()
    try:
        os.chdir(os.path.expanduser(target or "~"))
    except OSError as error:
        raise UsageError(f"%cd: {error.strerror}: {target!r}") from None
    Visited.before.append(here)


def pushd(line: str) -> List[str]:
    """Changes the directory and keeps this one for %popd."""
    here = os.getcwd()
    if line.strip():
        go(line.strip().strip("\"'"))
    Visited.stack.insert(0, here)
    return dirs("")


def popd(line: str) -> None:
    """Goes back to where %pushd was called."""
    if not Visited.stack:
        raise UsageError("%popd on an empty stack")
    go(Visited.stack.pop(0))
    show(os.getcwd())


def dirs(line: str) -> List[str]:
    """What %popd will go back to."""
    return list(Visited.stack)


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
    """`%set_env NAME VALUE`."""
    name, _, value = line.strip().partition("=" if "=" in line.split(" ")[0] else " ")
    name, value = name.strip(), expansion.expand(value.strip())
    if not name or not value or " " in name:
        raise UsageError("usage: %set_env NAME VALUE or %set_env NAME=VALUE")
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
