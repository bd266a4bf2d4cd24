"""The small shell: runs cells in `__main__` without IPython.

What some cells do not need is imported on first use.
Source: Messaging in Jupyter, sections "Execute" and "Execution results".
"""

from _carme.interrupts.handlers import Interruptible
from _carme.run.execution import begin, conclude, evaluate_all, run_pieces
from _carme.session.current import Shell
from _carme.session.sources import name_cell
from _carme.session.state import State, namespace
from _carme.syntax.cell_compiler import compile_cell, note_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    Content = Dict[str, Any]


class SmallShell(Shell):
    """The shell without IPython, until IPython's takes over."""

    def execute(
        self, code: str, count: int, silent: bool, stored: bool, expressions: Content
    ) -> Optional[Tuple[bool, Content]]:
        """Runs one cell."""
        begin(count, stored)
        if "_dh" in code:
            from _carme.session import initial_names

            initial_names.directory_history(namespace)
        failure: Optional[BaseException] = None
        results: Content = {}
        try:
            with Interruptible():
                name = name_cell(code, count, stored)
                pieces, text = compile_cell(code, name, silent)
                if stored and text is not code:
                    note_python(count, code)
                run_pieces(pieces)
                results = evaluate_all(expressions)
        except BaseException as error:
            failure = error
        return conclude(failure, results, silent, State.ipython)

    def complete(self, code: str, cursor: int) -> Content:
        """Completes by the live namespace and jedi."""
        from _carme.help.completion import completer

        return completer.complete(code, cursor, namespace)

    def inspect(self, code: str, cursor: int, detail: int) -> Content:
        """Inspects the live object."""
        from _carme.help.inspection import inspector

        return inspector.inspect(code, cursor, detail, namespace)

    def is_complete(self, code: str) -> Content:
        """Asks Python's compiler."""
        from _carme.syntax import completeness

        return completeness.is_complete(code)

    def get_ipython(self) -> Any:
        """The stand-in for IPython's shell."""
        from _carme.stand_in import interactive_shell

        return interactive_shell.shell

    def take_over(self) -> Any:
        """IPython's shell, or None."""
        from _carme.ipython import takeover

        return takeover.take_over()

    def is_line_magic(self, name: str) -> bool:
        """Whether it is a magic, of this package or of IPython."""
        from _carme.magics import builtin_magics, table

        builtin_magics.register_all()
        return table.is_line_magic(name)

    def magic_names(self) -> Dict[str, List[str]]:
        """The names of this package's magics, and of IPython's if it is installed."""
        from _carme.magics import builtin_magics, table

        builtin_magics.register_all()
        return table.names()
