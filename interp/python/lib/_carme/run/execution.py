"""The execution of a cell from start to end, for both shells.

Source: Messaging in Jupyter, section "Execute".
"""

import sys
from _thread import get_ident

import _carme
from _carme.errors.report import error_content, report
from _carme.interrupts.handlers import interruptible_threads
from _carme.output import streams
from _carme.session.state import KernelExit, State, cell, end_if_forked, namespace
from _carme.syntax.cell_compiler import Flags, awaits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Dict, List, NoReturn, Optional, Tuple

    Content = Dict[str, Any]

NOTHING: Content = {}


def begin(count: int, stored: bool) -> None:
    """Starts a cell with this execution count; one that is not stored is shown with the last."""
    cell.count = count
    cell.shown_count = count if stored else count - 1
    cell.payload = []
    cell.failure = None
    cell.ends_kernel = False
    namespace.pop("__warningregistry__", None)
    if "_carme.output.parent_request" in sys.modules:
        from _carme.output import parent_request  # waits for a subshell that is importing it

        parent_request.bind_context()
    if "_carme.concurrency.loop" in sys.modules:
        from _carme.concurrency import loop

        loop.prepare()
    if State.before_cell is not None:
        State.before_cell()
    if State.events is not None:
        State.events.trigger("pre_execute")


def conclude(
    failure: Optional[BaseException], results: Content, silent: bool, ipython: Any = None
) -> Tuple[bool, Content]:
    """Ends a cell, successful or with `failure`, and returns what Shell.execute() returns.

    ipython: IPython's shell if it has taken over during the cell, and gets its post_execute.
    """
    reply: Content = {}
    if failure is not None:
        end_if_forked(failure)
    if isinstance(failure, KernelExit):
        results = {}
    elif failure is not None:
        reply = report(failure, silent)
        results = {}
    elif cell.failure is not None:
        reply, results = cell.failure, {}
    elif State.failed and not silent:
        from _carme.errors import last_error

        State.failed = last_error.release_large_variables()
    if ipython is not None:
        ipython.take_payloads()
        ipython.events.trigger("post_execute")
    end_cell()
    return not reply, {**reply, "user_expressions": results, "payload": cell.payload}


def end_cell() -> None:
    """Ends a forked child; flushes the cell's figures and streams."""
    end_if_forked()
    if "_carme.session.results" in sys.modules:
        from _carme.session import results  # waits for a subshell that imports it

        results.end_cell(cell.count)
    flush_figures()
    if State.after_cell is not None:
        State.after_cell()
    if State.events is not None:
        State.events.trigger("post_execute")
    streams.flush_foreign_streams()
    if cell.ends_kernel:
        _carme.shut_down()


def flush_figures() -> None:
    """Shows matplotlib's open figures."""
    if "_carme.display.figures.inline" in sys.modules:
        from _carme.display.figures import inline

        inline.flush()


def run_pieces(pieces: List[CodeType]) -> None:
    """Runs a compiled cell to its end."""
    if awaits(pieces):
        if State.loop_runner is not None:
            State.loop_runner(pieces, namespace)
            return
        from _carme.concurrency import loop

        loop.run(pieces, namespace)
    else:
        for piece in pieces:
            exec(piece, namespace)


def displayhook(value: object) -> None:
    """sys.displayhook: publishes the value of a cell's last expression, and stores it."""
    if value is None:
        return
    if type(value) in State.plain:
        data, metadata = {"text/plain": repr(value)}, NOTHING
    elif value is State.hidden.get("exit"):
        exit_kernel()
    else:
        from _carme.display import bundles

        cell.display_error = None
        shows_itself = bundles.displays_itself(value)
        if not shows_itself:
            data, metadata = bundles.bundle(value)
        cell.failure = cell.display_error
        if shows_itself or not data:
            keep_result(value)
            return
    keep_result(value)
    content = {"data": data, "metadata": metadata, "execution_count": cell.shown_count}
    _carme.publish("execute_result", content, {})


def keep_result(value: object) -> None:
    """Stores a result: Out[n], `_n`, `_`, `__` and `___`."""
    from _carme.session import results

    results.keep(cell.count, value)


def evaluate_all(expressions: Content) -> Content:
    """The user_expressions of execute_reply."""
    return {key: evaluate(text) for key, text in expressions.items()}


def evaluate(text: object) -> Content:
    """One of user_expressions: the value's mime bundle, or the error."""
    try:
        value = eval(compile(str(text), "<user expression>", "eval", Flags.value, True), namespace)
        from _carme.display import bundles

        data, metadata = bundles.bundle(value)
        return {"status": "ok", "data": data, "metadata": metadata}
    except Exception as error:
        return {"status": "error", **error_content(error)}


def exit_kernel(keep_kernel: object = False) -> NoReturn:
    """`exit` and `quit` in a cell: end the cell, close consoles, end the kernel.

    In other code (a module, a program of %run) they raise SystemExit with the argument as its code.
    """
    from _carme.run import caller_scope

    frame = caller_scope.caller()
    if frame is not None and frame.f_globals is not namespace:
        raise SystemExit(keep_kernel or None)
    ask_exit(keep_kernel)
    runs_cells = get_ident() == State.main_thread or get_ident() in interruptible_threads
    raise (KernelExit if runs_cells else SystemExit)(keep_kernel or None)


def ask_exit(keep_kernel: object = None) -> None:
    """Asks the client to exit, and ends the kernel after the cell unless keep_kernel is true."""
    cell.payload.append({"source": "ask_exit", "keepkernel": keep_kernel})
    cell.ends_kernel = not keep_kernel
