"""Commands of the system: `!cmd`, `x = !cmd`.

What they write appears while they run. An interrupt ends them as it ends the cell.
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


class Text(str):
    """Output as one text. Attributes as those of Lines."""

    def __reduce__(self) -> Any:
        """A str, for processes that have no kernel."""
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
        """The lines, one behind the other."""
        return self.replace("\n", " ")

    spstr = s

    @property
    def p(self) -> List[Any]:
        """The lines that name something that exists, as paths."""
        return Lines(self.l).p

    paths = p


def system(command: str, expand: bool = True) -> None:
    """`!command`. Its exit status becomes `_exit_code`, -N for signal N as subprocess has it.

    expand: with the values of `{expression}` and `$name`.
    """
    text = variable_expansion.expand(command) if expand else command
    state.namespace["_exit_code"] = child_processes.run(text)


def getoutput(command: str, split: bool = True, depth: int = 0) -> Any:
    """`x = !command`: what it writes, to stderr also, as Lines or as Text.

    depth: how many frames above the caller the names are that it sees.
    """
    text = child_processes.output(variable_expansion.expand(command, caller_scope.names(depth)))
    return Lines(text.splitlines()) if split else Text(text)


def sx(line: str, cell: Optional[str] = None) -> Any:
    """`%sx command`: as `x = !command`."""
    return getoutput(line if cell is None else f"{line}\n{cell}".strip("\n"))


def sc(line: str) -> Any:
    """`%sc name=command`: its output as a variable; -l: as lines; -v: shows it as well."""
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
