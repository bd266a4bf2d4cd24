"""The client's requests, answered by IPython's shell for the main shell of the kernel.

Subshells have the shell from before: IPython's is for one thread.
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
    """IPython's, over the shell that was there before."""

    def __init__(self, before: Shell, made: Any) -> None:
        """`made` is IPython's InteractiveShell."""
        self.before, self.made = before, made
        self.blocks = before.blocks

    def execute(
        self, code: str, count: int, silent: bool, stored: bool, expressions: Content
    ) -> Optional[Tuple[bool, Content]]:
        """Through run_cell(), which blocks where a cell awaits."""
        if get_ident() != State.main_thread or not self.blocks:
            return self.before.execute(code, count, silent, stored, expressions)
        return run_cell(self.made, code, count, silent, stored, expressions)

    def complete(self, code: str, cursor: int) -> Content:
        """By IPython where its completion was changed."""
        found = None
        if get_ident() == State.main_thread:
            found = completion.complete(self.made, code, cursor)
        return self.before.complete(code, cursor) if found is None else found

    def inspect(self, code: str, cursor: int, detail: int) -> Content:
        """By IPython where its inspection was changed."""
        found = None
        if get_ident() == State.main_thread:
            found = completion.inspect(self.made, code, cursor, detail)
        return self.before.inspect(code, cursor, detail) if found is None else found

    def is_complete(self, code: str) -> Content:
        """By IPython's own transformers and those that were added."""
        status, columns = self.made.input_transformer_manager.check_complete(code)
        if status != "incomplete":
            return {"status": status}
        return {"status": status, "indent": " " * (columns or 0)}

    def get_ipython(self) -> Any:
        """IPython's own."""
        return self.made

    def take_over(self) -> Any:
        """It has."""
        return self.made

    def is_line_magic(self, name: str) -> bool:
        """As before."""
        return self.before.is_line_magic(name)

    def magic_names(self) -> Dict[str, List[str]]:
        """As before."""
        return self.before.magic_names()


def run_cell(
    made: Any, code: str, count: int, silent: bool, stored: bool, expressions: Content
) -> Tuple[bool, Content]:
    """Runs one cell."""
    execution.begin(count, stored)
    made.execution_count = count
    made.failure, made.is_silent = None, silent
    failure: Any = None
    found: Content = {}
    try:
        with Interruptible():
            if stored:
                pad(made.history_manager, count)
            result = made.run_cell(code, store_history=stored, silent=silent)
            failure = result.error_before_exec or result.error_in_exec
            left = isinstance(failure, state.KernelExit)
            if failure is not None and made.failure is None and not left:
                made.failure = describe_failure(failure)
            if failure is None:
                found = made.user_expressions(expressions)
    except BaseException as error:
        failure, made.failure = error, None
    return conclude(made, failure, found, silent)


def describe_failure(failure: BaseException) -> Dict[str, Any]:
    """The reply's part of an error that the user's handler, or a library's, has shown already."""
    entry = failure.__traceback__
    while entry is not None and entry.tb_frame.f_globals.get("__name__", "").startswith("IPython."):
        entry = entry.tb_next
    return report.error_content(failure.with_traceback(entry))


def pad(history: Any, count: int) -> None:
    """In[n] is cell n, also when the numbers have a gap."""
    for inputs in (history.input_hist_parsed, history.input_hist_raw):
        inputs += [""] * (count - len(inputs))


def conclude(made: Any, failure: Any, found: Content, silent: bool) -> Tuple[bool, Content]:
    """The reply; payloads of both shells."""
    made.take_payloads()
    if failure is not None and made.failure is not None:
        state.end_if_forked(failure)
        execution.end_cell()
        return False, {**made.failure, "user_expressions": {}, "payload": state.cell.payload}
    return execution.conclude(failure, found, silent)
