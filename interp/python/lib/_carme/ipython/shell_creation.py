"""Making IPython's shell, with the namespace and history of the small shell.

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
    """IPython's loop runner: runs a cell that awaits on the kernel's loop."""

    def __call__(self, coroutine: Any) -> Any:
        """Runs a coroutine to its end."""
        from _carme.concurrency import loop

        return loop.run_coroutine(coroutine)

    def __str__(self) -> str:
        """The name that %autoawait shows."""
        return "asyncio"


def make(app: Any) -> Any:
    """Makes the shell on the user's namespace, with the inputs, results and directories so far."""
    namespace = state.namespace
    inputs, outputs = list(namespace.get("In") or [""]), namespace.get("Out")
    directories, users = (
        initial_names.directory_history(namespace),
        initial_names.changed_names(namespace),
    )
    shell = interactive_shell.ZMQInteractiveShell.instance(
        config=app.config,
        parent=app,
        profile_dir=app.profile_dir,
        user_module=state.main_module,
        user_ns=namespace,
    )
    history: Any = shell.history_manager
    history.input_hist_parsed[:] = [as_python(shell, text) for text in inputs]
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
    shell.execution_count = state.cell.count
    shell.compile.flags |= cell_compiler.Flags.value & ~cell_compiler.TOP_LEVEL_AWAIT
    hand_over_loop_runner(shell)
    # what display_trap restores after run_cell(): the running cell still needs IPython's hook
    sys.displayhook = shell.display_trap.old_hook = shell.displayhook
    return shell


def hand_over_loop_runner(shell: Any) -> None:
    """Hands over the settings of %autoawait."""
    awaiter = State.loop_runner
    runner = Runner()
    shell.loop_runner_map["carme"] = shell.loop_runner_map["asyncio"] = (runner, True)
    shell.loop_runner = runner if awaiter is None else awaiter.name
    shell.autoawait = bool(cell_compiler.Flags.value & cell_compiler.TOP_LEVEL_AWAIT)


def as_python(shell: Any, text: str) -> str:
    """A cell transformed to Python, for %macro and %history -t."""
    is_plain = not any(mark in text for mark in "%!?") and len(text.split()) > 1
    return text if is_plain else str(shell.transform_cell(text)).rstrip("\n")
