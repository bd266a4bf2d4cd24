"""The current shell: the interface that answers requests and get_ipython().

It is the small shell until IPython's takes over by one assignment to Current.shell. Other modules
call the current shell and import no implementation.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    Content = Dict[str, Any]


class Shell:
    """The interface of shells. Its methods run in the main shell's or a subshell's thread."""

    blocks = True  # execute() returns after a cell that awaits has ended

    def execute(
        self, code: str, count: int, silent: bool, stored: bool, expressions: Content
    ) -> Optional[Tuple[bool, Content]]:
        """Run a cell. Return whether it succeeded, and execute_reply without status and count.

        An exception of the cell is published and becomes part of the reply; none is raised. None:
        the cell is awaiting, and _carme.done() will be called.
        """
        raise NotImplementedError

    def complete(self, code: str, cursor: int) -> Content:
        """The content of complete_reply; cursor in code points."""
        raise NotImplementedError

    def inspect(self, code: str, cursor: int, detail: int) -> Content:
        """The content of inspect_reply; cursor in code points."""
        raise NotImplementedError

    def is_complete(self, code: str) -> Content:
        """The content of is_complete_reply."""
        raise NotImplementedError

    def get_ipython(self) -> Any:
        """The shell object of user code."""
        raise NotImplementedError

    def take_over(self) -> Any:
        """IPython's shell, created at the first call; None without a working IPython."""
        raise NotImplementedError

    def is_line_magic(self, name: str) -> bool:
        """Whether `name …` may stand for `%name …`."""
        raise NotImplementedError

    def magic_names(self) -> Dict[str, List[str]]:
        """The names of magics by kind ("line", "cell"), without `%`."""
        raise NotImplementedError


class Current:
    """Holds the current shell."""

    shell: Shell = Shell()


def get_ipython() -> Any:
    """Return the shell of user code: see _carme.stand_in.interactive_shell."""
    return Current.shell.get_ipython()


def has_ipython() -> bool:
    """Whether IPython is installed."""
    if "IPython" in sys.modules:
        return True
    from importlib.util import find_spec

    return find_spec("IPython") is not None
