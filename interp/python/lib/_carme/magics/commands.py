"""Commands of the system: `!cmd`, `x = !cmd`, %%bash, %%script.

What they write appears while they run. An interrupt ends them as it ends the cell.
Source: IPython's documentation, "System shell access"; IPython.core.magics.script.
"""

import sys

from _carme import shell
from _carme.magics import expansion, options
from _carme.magics.table import UsageError, by_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

GRACE = 2.0  # seconds that an interrupted command has to end


class Lines(list):  # type: ignore[type-arg]
    """Lines of output: a list of str.

    Attributes: l, the list itself; n and s, the text with newlines and with spaces between the
    lines; p, the paths that the lines name.
    """

    def __reduce__(self) -> Any:
        """A list, for processes that have no kernel."""
        return list, (list(self),)

    @property
    def l(self) -> List[str]:  # noqa: E743
        """The lines."""
        return list(self)

    @property
    def n(self) -> str:
        """The lines, one below the other."""
        return "\n".join(self)

    nlstr = n

    @property
    def s(self) -> str:
        """The lines, one behind the other."""
        return " ".join(self)

    spstr = s

    @property
    def p(self) -> List[Any]:
        """The lines that name something that exists, as paths."""
        from pathlib import Path

        return [Path(line) for line in self if Path(line).exists()]

    def grep(self, pattern: Any, prune: bool = False, field: Optional[int] = None) -> "Lines":
        """The lines that match a regular expression, or for which a function says so.

        prune: the others. field: only that word of each line is looked at.
        """
        import re

        matches = pattern if callable(pattern) else re.compile(pattern, re.IGNORECASE).search
        looked_at = [line if field is None else word(line, field) for line in self]
        return Lines(line for line, text in zip(self, looked_at) if bool(matches(text)) != prune)

    def fields(self, *places: int) -> Any:
        """Words of each line, by their places; without places lists of all words."""
        if not places:
            return [line.split() for line in self]
        rows = (" ".join(word(line, place) for place in places) for line in self if line.split())
        return Lines(row.strip() for row in rows)

    def sort(self, field: Optional[int] = None, nums: bool = False) -> "Lines":  # type: ignore[override]
        """The lines in order, of one word if a place is given; nums: by the numbers in it."""

        def key(line: str) -> Any:
            text = line if field is None else word(line, field)
            return int("".join(filter(str.isdigit, text)) or 0) if nums else text

        return Lines(sorted(self, key=key))


def word(line: str, place: int) -> str:
    """A word of the line; "" where it has not so many."""
    words = line.split()
    return words[place] if -len(words) <= place < len(words) else ""


def start(command: Any, **given: Any) -> Any:
    """A child that reads nothing and writes to the cell; `command` for $SHELL, or words."""
    import os
    import subprocess

    sys.stdout.flush()
    sys.stderr.flush()
    given.setdefault("stdin", subprocess.DEVNULL)
    if isinstance(command, str):
        command = [os.environ.get("SHELL") or "/bin/sh", "-c", command]
    return subprocess.Popen(command, **given)


def finish(child: Any, text: Optional[bytes] = None) -> Any:
    """Waits for it and returns what it has written to pipes. An interrupt ends it, too."""
    import subprocess

    try:
        return child.communicate(text)
    except BaseException:
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise


def system(command: str, expand: bool = True) -> None:
    """`!command`. Its exit status becomes `_exit_code`, -N for signal N as subprocess has it.

    expand: with the values of `{expression}` and `$name`.
    """
    child = start(expansion.expand(command) if expand else command)
    try:
        finish(child)
    finally:
        shell.namespace["_exit_code"] = child.returncode


def getoutput(command: str, split: bool = True) -> Any:
    """`x = !command`: what it writes, to stderr also, as Lines or as a str."""
    import subprocess

    child = start(
        expansion.expand(command),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        errors="replace",
    )
    text = finish(child)[0]
    return Lines(text.splitlines()) if split else text.rstrip("\n")


def sx(line: str, cell: Optional[str] = None) -> Any:
    """`%sx command`: as `x = !command`."""
    return getoutput(line if cell is None else f"{line}\n{cell}".strip("\n"))


OPTIONS = ("out", "err", "bg", "proc", "no-raise-error")


@by_name
def bash(line: str, cell: str, name: str) -> None:
    """The rest of the cell for a shell; the line has %%script's options and the shell's own."""
    run_script(name, line, cell)


named = bash


def script(line: str, cell: Optional[str] = None) -> None:
    """`%%script program arguments`: the rest of the cell is its input."""
    if cell is None:
        raise UsageError("%%script: a cell is wanted")
    run_script("", line, cell)


def run_script(program: str, line: str, cell: str) -> None:
    """Runs program and line, with --out NAME, --err NAME, --bg, --proc NAME, --no-raise-error."""
    found, rest = script_options(line)
    command = " ".join(filter(None, (program, rest)))
    if not command:
        raise UsageError("%%script: which program?")
    import subprocess

    pipes = {
        key: subprocess.PIPE
        for key, option in (("stdout", "out"), ("stderr", "err"))
        if option in found
    }
    try:
        child = start(options.words(command), stdin=subprocess.PIPE, **pipes)
    except FileNotFoundError as error:
        raise UsageError(
            f"%%{program or 'script'}: there is no program {error.filename!r}"
        ) from None
    if "proc" in found:
        shell.namespace[found["proc"]] = child
    if "bg" in found:
        feed(child, cell)
    else:
        conclude(child, cell, found)


def script_options(line: str) -> Any:
    """As options.take; the names of --out, --err and --proc may be words of their own."""
    words = line.split()
    found: Dict[str, str] = {}
    while words and words[0].startswith("--"):
        name, equals, value = words.pop(0)[2:].partition("=")
        if name not in OPTIONS:
            raise UsageError(f"option --{name} not recognized")
        if name in ("out", "err", "proc") and not equals:
            if not words:
                raise UsageError(f"option --{name} requires a name")
            value = words.pop(0)
        found[name] = value
    return found, " ".join(words)


def feed(child: Any, cell: str) -> None:
    """Gives a background child its input, without waiting for it to read."""
    from threading import Thread

    Thread(target=finish, args=(child, cell.encode()), daemon=True).start()


def conclude(child: Any, cell: str, found: Dict[str, str]) -> None:
    """Waits; CalledProcessError for another status than 0."""
    from subprocess import CalledProcessError

    out, err = finish(child, cell.encode())
    for option, text in (("out", out), ("err", err)):
        if option in found:
            shell.namespace[found[option]] = text.decode(errors="replace")
    shell.namespace["_exit_code"] = child.returncode
    if child.returncode and "no-raise-error" not in found:
        raise CalledProcessError(child.returncode, child.args, out, err)
