r"""Lines of source as Python's compiler counts them.

Only "\n", "\r\n" and "\r" end one: str.splitlines() also cuts at form feeds, U+2028 and others.
Source: The Python Language Reference, "Physical lines"; io.TextIOWrapper, "newline".
"""

from _io import StringIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def split(text: str) -> List[str]:
    """The lines with their own ends."""
    return StringIO(text, "").readlines()


def universal_newlines(text: str) -> List[str]:
    r"""The lines as from a file that was opened as text: each end is "\n"."""
    return StringIO(text, None).readlines()


def dedent(typed: List[str]) -> List[str]:
    """The lines without the margin that all have; of those with spaces and tabs alone the ends.

    Source: textwrap.dedent, which takes milliseconds to load.
    """
    bare = [line if line.strip(" \t\n") else line.lstrip(" \t") for line in typed]
    margins = [line[: len(line) - len(line.lstrip(" \t"))] for line in bare if line.strip("\n")]
    low, high = min(margins, default=""), max(margins, default="")
    width = next((at for at, sign in enumerate(low) if high[at : at + 1] != sign), len(low))
    return [line[width:] if line.strip("\n") else line for line in bare if line]
