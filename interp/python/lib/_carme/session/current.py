"""The current shell: what answers the client's requests and get_ipython().

The small shell is the first one; a takeover by IPython is one assignment. Whoever has something to
ask of the shell asks here, and imports no shell.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    Content = Dict[str, Any]


class Shell:
    """What a shell does. Its methods run in the thread of the shell that the request is for."""

    blocks = True  # until a cell that awaits has ended

    def execute(
        self, code: str, count: int, silent: bool, stored: bool, expressions: Content
    ) -> Optional[Tuple[bool, Content]]:
        """Runs one cell: whether it ended well, and the reply's content less status and count.

        Whatever the cell raises is published and becomes part of the reply: nothing leaves here but
        what a broken interpreter raises. None: it awaits, and _carme.done() follows.
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
        """The object that user code knows as IPython's shell."""
        raise NotImplementedError

    def take_over(self) -> Any:
        """IPython's shell, made at the first call; None where IPython can not be had."""
        raise NotImplementedError

    def is_line_magic(self, name: str) -> bool:
        """Whether `name …` may stand for `%name …`."""
        raise NotImplementedError

    def magic_names(self) -> Dict[str, List[str]]:
        """The names of magics by kind ("line", "cell"), without their signs."""
        raise NotImplementedError


class Current:
    """The one there is."""

    shell: Shell = Shell()


def get_ipython() -> Any:
    """IPython's name for the shell: see _carme.stand_in.interactive_shell."""
    return Current.shell.get_ipython()


def has_ipython() -> bool:
    """Whether this environment has IPython."""
    if "IPython" in sys.modules:
        return True
    from importlib.util import find_spec

    return find_spec("IPython") is not None
