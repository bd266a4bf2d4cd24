"""The settings of %config, %xmode and %colors, in objects named as IPython's.

Source: IPython's documentation, "IPython options"; matplotlib_inline.config.
"""

import re

from _carme.session.thread_output import ThreadOutput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class InlineBackend:
    """How matplotlib's figures are shown."""

    def __init__(self) -> None:
        """The defaults of matplotlib_inline."""
        self.figure_formats = {"png"}
        self.print_figure_kwargs: Dict[str, Any] = {"bbox_inches": "tight"}
        self.close_figures = True
        self.rc: Dict[str, Any] = {}

    @property
    def figure_format(self) -> str:
        """The first of the formats by name."""
        return next(iter(sorted(self.figure_formats)), "")

    @figure_format.setter
    def figure_format(self, name: str) -> None:
        self.figure_formats = {name} if isinstance(name, str) else set(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "figure_formats":
            value = {value} if isinstance(value, str) else set(value)
            unknown = value - {"png", "retina", "jpeg", "svg", "pdf", "png2x", "jpg"}
            if unknown:
                raise ValueError(f"InlineBackend: {unknown.pop()!r} is no format of a figure")
        object.__setattr__(self, name, value)


class InteractiveShell:
    """How errors are shown."""

    def __init__(self) -> None:
        """In colour, with the lines around each call."""
        self.xmode = "Context"
        self.colors = "neutral"


class Completer:
    """How names are completed."""

    def __init__(self) -> None:
        """Without jedi."""
        self.use_jedi = False


class Carme:
    """Settings of this kernel alone."""

    def __init__(self) -> None:
        """thread_output: where threads write, to the cell of their "origin" or the "latest" one."""
        self.thread_output = ThreadOutput.cell

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "thread_output":
            ThreadOutput.choose(value)
        object.__setattr__(self, name, value)


inline = InlineBackend()
shell = InteractiveShell()
objects: Dict[str, Any] = {
    "Carme": Carme(),
    "InlineBackend": inline,
    "InteractiveShell": shell,
    "ZMQInteractiveShell": shell,
    "Completer": Completer(),
    "IPCompleter": Completer(),
}
# the settings that were assigned, by owner and name
assigned: Dict[Tuple[str, str], Any] = {}


def assign(owner: str, name: str, value: Any) -> None:
    """`%config owner.name = value`. ValueError: the value is not allowed."""
    setattr(objects[owner], name, value)
    assigned[owner, name] = value


def names() -> List[str]:
    """The names of the objects that %config sets."""
    return sorted(objects)


def find(name: str) -> Any:
    """The object of this name, or None."""
    return objects.get(name)


def apply_colors(lines: List[str]) -> List[str]:
    """Removes the colours of a traceback if %colors is nocolor."""
    if shell.colors.lower() == "nocolor":
        return [COLOURS.sub("", line) for line in lines]
    return lines
