"""IPython's shell on the user's namespace, with what the small shell holds so far.

Source: IPython's documentation, IPython.core.interactiveshell and "Autoawait".
"""

import sys

from _carme.ipython import history_manager, interactive_shell
from _carme.session import initial_names, results, state
from _carme.session.state import State
from _carme.syntax import cell_compiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Runner:
    """Runs a cell that awaits on the kernel's loop."""

    def __call__(self, coroutine: Any) -> Any:
        """Runs it to its end."""
        from _carme.concurrency import loop

        return loop.run_coroutine(coroutine)

    def __str__(self) -> str:
        """As %autoawait calls it."""
        return "asyncio"


def make(app: Any) -> Any:
    """The shell on the user's namespace, with what it holds so far."""
    namespace = state.namespace
    inputs, outputs = list(namespace.get("In") or [""]), namespace.get("Out")
    directories, users = (
        initial_names.directory_history(namespace),
        initial_names.changed_names(namespace),
    )
    made = interactive_shell.ZMQInteractiveShell.instance(
        config=app.config,
        parent=app,
        profile_dir=app.profile_dir,
        user_module=state.main_module,
        user_ns=namespace,
    )
    history: Any = made.history_manager
    history.input_hist_parsed[:] = [as_python(made, text) for text in inputs]
    history.input_hist_raw[:] = [state.history.get(n, text) for n, text in enumerate(inputs)]
    latest = ["", "", "", "", *state.history.values()][-4:]
    history._iii, history._ii, history._i, history._i00 = latest
    history_manager.install(history)
    if type(outputs) is dict:
        history.output_hist = outputs
        namespace.update(Out=outputs, _oh=outputs)
    results.restore_underscores()
    history.dir_hist[:] = directories if isinstance(directories, list) else []
    namespace.update(users, _dh=history.dir_hist)
    made.execution_count = state.cell.count
    made.compile.flags |= cell_compiler.Flags.value & ~cell_compiler.TOP_LEVEL_AWAIT
    hand_over_loop_runner(made)
    # what the trap leaves behind: the cell that has brought IPython goes on after its run_cell()
    sys.displayhook = made.display_trap.old_hook = made.displayhook
    return made


def hand_over_loop_runner(made: Any) -> None:
    """Who runs cells that await, and whether they may: what %autoawait has set."""
    awaiter = State.loop_runner
    runner = Runner()
    made.loop_runner_map["carme"] = made.loop_runner_map["asyncio"] = (runner, True)
    made.loop_runner = runner if awaiter is None else awaiter.name
    made.autoawait = bool(cell_compiler.Flags.value & cell_compiler.TOP_LEVEL_AWAIT)


def as_python(made: Any, text: str) -> str:
    """A cell as %macro and %history -t have it."""
    is_plain = not any(mark in text for mark in "%!?") and len(text.split()) > 1
    return text if is_plain else str(made.transform_cell(text)).rstrip("\n")
