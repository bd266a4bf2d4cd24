"""Directories and environment variables: %cd, %pwd, %ls, %env.

Source: IPython's documentation, IPython.core.magics.osm.
"""

import os

from _carme.errors.usage import UsageError
from _carme.magics import options
from _carme.magics.function import show, takes_name
from _carme.magics.system import commands
from _carme.session import initial_names, state
from _carme.session.current import has_ipython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional


class Stack:
    """The directory stack of %pushd."""

    directories: List[str] = []


SECRETS = ("key", "token", "secret")


def pwd(line: str) -> str:
    """Returns the current directory. UsageError: it was deleted."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        text = "CWD no longer exists - please use %cd to change directory."
        raise UsageError(text) from None


def cd(line: str) -> None:
    """Changes the current directory: a path, nothing for home, `-` for the previous one.

    -N: to _dh[N]. --TEXT: to the last of _dh that contains the text. -q: prints nothing.
    """
    text = line.strip()
    found: Dict[str, str] = {}
    if text[:1] == "-" and (text[1:].isdigit() or text[:2] == "--"):
        target = from_history(text)
        if target is None:
            return
    else:
        found, rest = options.take(line, "q")
        target = previous() if rest == "-" else " ".join(options.words(rest))
    change_directory(target)
    if "q" not in found and state.namespace.get("_dh"):
        show(str(state.namespace["_dh"][-1]))


def previous() -> str:
    """The previous directory of %cd."""
    visited = state.namespace.get("_dh", ())
    if len(visited) < 2:
        raise UsageError("%cd -: No previous directory to change to.")
    return str(visited[-2])


def from_history(text: str) -> Optional[str]:
    """The directory in `_dh` that `-N` or `--TEXT` selects; else prints why, and returns None."""
    visited = [str(each) for each in state.namespace.get("_dh", ())]
    if text[1:].isdigit():
        if int(text[1:]) < len(visited):
            return visited[int(text[1:])]
        show("The requested directory does not exist in history.")
        return None
    found = [each for each in reversed(visited) if text[2:] in each and os.path.isdir(each)]
    by_name = [each for each in found if text[2:] in os.path.basename(each)]
    if not found:
        show("No matching entry in directory history")
    return next(iter(by_name + found), None)


def change_directory(target: str) -> None:
    """Changes to a directory and appends it to `_dh`. An error is printed.

    UsageError instead if IPython is installed: it may be one of its bookmarks.
    """
    from pathlib import Path

    try:
        os.chdir(os.path.expanduser(target or "~"))
    except OSError as error:
        if has_ipython():
            raise UsageError(str(error)) from None
        show(str(error))
        return
    visited = initial_names.directory_history(state.namespace)
    if isinstance(visited, list):
        visited.append(Path.cwd())


def pushd(line: str) -> List[str]:
    """Changes the directory and pushes the current one on the stack."""
    here = pwd("").replace(os.path.expanduser("~"), "~")
    if line.strip():
        cd(line)
    Stack.directories.insert(0, here)
    return dirs("")


def popd(line: str) -> None:
    """Changes to the directory on top of the stack."""
    if not Stack.directories:
        raise UsageError("%popd on empty stack")
    target = Stack.directories.pop(0)
    cd(target)
    show(f"popd -> {target}")


def dirs(line: str) -> List[str]:
    """Returns the directory stack."""
    return Stack.directories


def dhist(line: str) -> None:
    """Prints the directory history, `_dh`."""
    if line.strip():
        raise UsageError("%dhist takes no argument")
    show("Directory history (kept in _dh)")
    for index, directory in enumerate(state.namespace.get("_dh", ())):
        show(f"{index}: {directory}")


def env(line: str) -> Any:
    """Returns all variables or one, `%env NAME`; or sets one, `%env NAME=VALUE`."""
    text = line.strip()
    if not text:
        return {name: hide_secret(name, value) for name, value in os.environ.items()}
    if "=" in text or " " in text:
        return set_env(text)
    if text not in os.environ:
        raise UsageError(f"Environment does not have key: {text}")
    return os.environ[text]


def hide_secret(name: str, value: str) -> str:
    """The value of a variable; "<hidden>" for a secret."""
    return "<hidden>" if any(part in name.lower() for part in SECRETS) else value


def set_env(line: str) -> None:
    """Sets a variable: `%set_env NAME VALUE`, `%set_env NAME=VALUE`."""
    name, mark, value = line.strip().partition("=" if "=" in line else " ")
    name, value = name.strip(), value.strip()
    if not mark:
        raise UsageError("usage is 'set_env var=val'")
    if len(name.split()) > 1:
        raise UsageError(f"refusing to set env var with whitespace: '{value}'")
    os.environ[name] = value
    show(f"env: {name}={value}")


ALIASES: Dict[str, str] = {"ls": "ls -F --color=never", "ll": "ls -F -o --color=never"}


@takes_name
def list_directory(line: str, name: str) -> None:
    """Lists a directory."""
    commands.system(f"{ALIASES[name]} {line}", expand=False)


@takes_name
def command(line: str, name: str) -> None:
    """Runs the command of the same name."""
    commands.system(f"{name} {line}", expand=False)
