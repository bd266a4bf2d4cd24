r"""Lines of source as Python's compiler counts them.

Only "\n", "\r\n" and "\r" end a line: str.splitlines() also splits at form feeds and U+2028.
Source: The Python Language Reference, "Physical lines"; io.TextIOWrapper, "newline".
"""

from _io import StringIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def split(text: str) -> List[str]:
    """Split into lines, each with the line end that it has."""
    return StringIO(text, "").readlines()


def universal_newlines(text: str) -> List[str]:
    r"""Split into lines that end with "\n", as a file opened in text mode is read."""
    return StringIO(text, None).readlines()


def dedent(typed: List[str]) -> List[str]:
    """Remove the common indentation, and of blank lines all but the line end.

    As textwrap.dedent, whose import takes milliseconds.
    """
    bare = [line if line.strip(" \t\n") else line.lstrip(" \t") for line in typed]
    margins = [line[: len(line) - len(line.lstrip(" \t"))] for line in bare if line.strip("\n")]
    low, high = min(margins, default=""), max(margins, default="")
    width = next((at for at, sign in enumerate(low) if high[at : at + 1] != sign), len(low))
    return [line[width:] if line.strip("\n") else line for line in bare if line]
