"""The shell interface on IPython's shell.

It answers the requests of the main shell. The small shell still answers those of subshells, because
IPython's is for one thread.
Source: IPython's documentation, IPython.core.interactiveshell.
"""

from _thread import get_ident

from _carme.errors import report
from _carme.interrupts.handlers import Interruptible
from _carme.ipython import completion
from _carme.run import execution
from _carme.session import state
from _carme.session.current import Shell
from _carme.session.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    Content = Dict[str, Any]


class IPythonShell(Shell):
    """IPython's shell, and the shell before it."""

    def __init__(self, before: Shell, shell: Any) -> None:
        """before: the small shell. shell: IPython's InteractiveShell."""
        self.before, self.shell = before, shell
        self.blocks = before.blocks

    def execute(
        self, code: str, count: int, silent: bool, stored: bool, expressions: Content
    ) -> Optional[Tuple[bool, Content]]:
        """By run_cell(), which blocks until a cell that awaits has ended."""
        if get_ident() != State.main_thread or not self.blocks:
            return self.before.execute(code, count, silent, stored, expressions)
        return run_cell(self.shell, code, count, silent, stored, expressions)

    def complete(self, code: str, cursor: int) -> Content:
        """By IPython if the user has customized its completer."""
        found = None
        if get_ident() == State.main_thread:
            found = completion.complete(self.shell, code, cursor)
        return self.before.complete(code, cursor) if found is None else found

    def inspect(self, code: str, cursor: int, detail: int) -> Content:
        """By IPython if the user has customized its inspector."""
        found = None
        if get_ident() == State.main_thread:
            found = completion.inspect(self.shell, code, cursor, detail)
        return self.before.inspect(code, cursor, detail) if found is None else found

    def is_complete(self, code: str) -> Content:
        """By IPython's input transformers, the user's included."""
        status, columns = self.shell.input_transformer_manager.check_complete(code)
        if status != "incomplete":
            return {"status": status}
        return {"status": status, "indent": " " * (columns or 0)}

    def get_ipython(self) -> Any:
        """IPython's shell."""
        return self.shell

    def take_over(self) -> Any:
        """IPython's shell, which has taken over."""
        return self.shell

    def is_line_magic(self, name: str) -> bool:
        """As in the small shell."""
        return self.before.is_line_magic(name)

    def magic_names(self) -> Dict[str, List[str]]:
        """As in the small shell."""
        return self.before.magic_names()


def run_cell(
    shell: Any, code: str, count: int, silent: bool, stored: bool, expressions: Content
) -> Tuple[bool, Content]:
    """Runs one cell."""
    execution.begin(count, stored)
    shell.execution_count = count
    shell.failure, shell.is_silent = None, silent
    failure: Any = None
    found: Content = {}
    try:
        with Interruptible():
            if stored:
                pad(shell.history_manager, count)
            result = shell.run_cell(code, store_history=stored, silent=silent)
            failure = result.error_before_exec or result.error_in_exec
            left = isinstance(failure, state.KernelExit)
            if failure is not None and shell.failure is None and not left:
                shell.failure = describe_failure(failure)
            if failure is None:
                found = shell.user_expressions(expressions)
    except BaseException as error:
        failure, shell.failure = error, None
    return conclude(shell, failure, found, silent)


def describe_failure(failure: BaseException) -> Dict[str, Any]:
    """The reply's part of an error that a custom exception handler has already shown."""
    entry = failure.__traceback__
    while entry is not None and entry.tb_frame.f_globals.get("__name__", "").startswith("IPython."):
        entry = entry.tb_next
    return report.error_content(failure.with_traceback(entry))


def pad(history: Any, count: int) -> None:
    """Fills gaps in the execution counts: In[n] is cell n."""
    for inputs in (history.input_hist_parsed, history.input_hist_raw):
        inputs += [""] * (count - len(inputs))


def conclude(shell: Any, failure: Any, found: Content, silent: bool) -> Tuple[bool, Content]:
    """Ends the cell; returns what Shell.execute() returns, with the payloads of both shells."""
    shell.take_payloads()
    if failure is not None and shell.failure is not None:
        state.end_if_forked(failure)
        execution.end_cell()
        return False, {**shell.failure, "user_expressions": {}, "payload": state.cell.payload}
    return execution.conclude(failure, found, silent)
