"""What the functions of magics need: the name they were called by, and output. A leaf."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    Magic = Callable[..., Any]


def takes_name(function: Magic) -> Magic:
    """Marks a function of several magics: it gets the name of the magic as the argument `name`."""
    function.takes_name = True  # type: ignore[attr-defined]
    return function


def show(text: str) -> None:
    """Writes a line to the cell."""
    sys.stdout.write(text + "\n")
