r"""Lines of source as Python's compiler counts them.

Only "\n", "\r\n" and "\r" end one: str.splitlines() also cuts at form feeds, U+2028 and others.
Source: The Python Language Reference, "Physical lines"; io.TextIOWrapper, "newline".
"""

from _io import StringIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def cut(text: str) -> List[str]:
    """The lines with their own ends."""
    return StringIO(text, "").readlines()


def read(text: str) -> List[str]:
    r"""The lines as from a file that was opened as text: each end is "\n"."""
    return StringIO(text, None).readlines()
