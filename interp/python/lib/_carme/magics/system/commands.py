"""Commands of the system: `!cmd`, `x = !cmd`, %sx, %sc.

Their output is shown while they run. An interrupt ends the command and the cell.
Source: IPython's documentation, "System shell access"; IPython.core.magics.osm.
"""

from _carme.magics import options, variable_expansion
from _carme.magics.function import show
from _carme.magics.system import child_processes
from _carme.run import caller_scope
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional


class Lines(list):  # type: ignore[type-arg]
    """Lines of output: a list of str.

    Attributes: l, the list itself; n and s, the text with newlines and with spaces between the
    lines; p, the paths that the lines name.
    """

    def __reduce__(self) -> Any:
        """Pickled as a list, for processes without this module."""
        return list, (list(self),)

    @property
    def l(self) -> List[str]:  # noqa: E743
        """The lines."""
        return list(self)

    @property
    def n(self) -> str:
        """The lines, joined by newlines."""
        return "\n".join(self)

    nlstr = n

    @property
    def s(self) -> str:
        """The lines, joined by spaces."""
        return " ".join(self)

    spstr = s

    @property
    def p(self) -> List[Any]:
        """The lines that are existing paths, as Path objects."""
        from pathlib import Path

        return [Path(line) for line in self if Path(line).exists()]

    def grep(self, pattern: Any, prune: bool = False, field: Optional[int] = None) -> "Lines":
        """The lines that match a regular expression, or for which a function returns true.

        prune: the lines that do not match. field: matches only this word of each line.
        """
        import re

        matches = pattern if callable(pattern) else re.compile(pattern, re.IGNORECASE).search
        looked_at = [line if field is None else word(line, field) for line in self]
        return Lines(line for line, text in zip(self, looked_at) if bool(matches(text)) != prune)

    def fields(self, *places: int) -> Any:
        """The words of each line at these places; without places, lists of all words."""
        if not places:
            return [line.split() for line in self]
        rows = (" ".join(word(line, place) for place in places) for line in self if line.split())
        return Lines(row.strip() for row in rows)

    def sort(self, field: Optional[int] = None, nums: bool = False) -> "Lines":  # type: ignore[override]
        """The sorted lines. field: by this word. nums: by the digits in the text."""

        def key(line: str) -> Any:
            text = line if field is None else word(line, field)
            return int("".join(filter(str.isdigit, text)) or 0) if nums else text

        return Lines(sorted(self, key=key))


def word(line: str, place: int) -> str:
    """A word of the line; "" if there is none at this place."""
    words = line.split()
    return words[place] if -len(words) <= place < len(words) else ""


class Text(str):
    """Output as one text. Attributes as those of Lines."""

    def __reduce__(self) -> Any:
        """Pickled as a str, for processes without this module."""
        return str, (str(self),)

    @property
    def l(self) -> List[str]:  # noqa: E743
        """The lines."""
        return self.split("\n")

    list = l

    @property
    def n(self) -> str:
        """The text itself."""
        return self

    nlstr = n

    @property
    def s(self) -> str:
        """The lines, joined by spaces."""
        return self.replace("\n", " ")

    spstr = s

    @property
    def p(self) -> List[Any]:
        """The lines that are existing paths, as Path objects."""
        return Lines(self.l).p

    paths = p


def system(command: str, expand: bool = True) -> None:
    """`!command`. Binds `_exit_code` to its exit status, -N for signal N as in subprocess.

    expand: expands `{expression}` and `$name`.
    """
    text = variable_expansion.expand(command) if expand else command
    state.namespace["_exit_code"] = child_processes.run(text)


def getoutput(command: str, split: bool = True, depth: int = 0) -> Any:
    """`x = !command`: its stdout and stderr, as Lines or as Text.

    depth: the names that it expands are those `depth` frames above the caller.
    """
    text = child_processes.output(variable_expansion.expand(command, caller_scope.names(depth)))
    return Lines(text.splitlines()) if split else Text(text)


def sx(line: str, cell: Optional[str] = None) -> Any:
    """Returns the output of a command: as `x = !command`."""
    return getoutput(line if cell is None else f"{line}\n{cell}".strip("\n"))


def sc(line: str) -> Any:
    """Binds a name to the output of a command: `%sc name=command`; -l: as lines; -v: prints it."""
    found, rest = options.take(line, "lv")
    name, _, command = rest.partition("=")
    made = getoutput(command, split="l" in found)
    if "v" in found:
        from pprint import pformat

        show(f"{name.strip()} ==\n{pformat(made)}")
    if not name.strip():
        return made
    state.namespace[name.strip()] = made
    return None
