"""The functions that the native half calls: the start, the client's requests, interrupts.

Each request goes to the current shell. Source: Messaging in Jupyter.
"""

import builtins
import sys

import _carme
from _carme.interrupts import handlers
from _carme.interrupts.handlers import Interruptible
from _carme.output import streams
from _carme.run import execution
from _carme.session.current import Current, get_ipython
from _carme.session.sources import publish_sources
from _carme.session.state import end_if_forked, namespace
from _carme.shell import import_hooks
from _carme.shell.small_shell import SmallShell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

    Content = Dict[str, Any]

forget_interrupts = handlers.forget_interrupts
handles_interrupts = handlers.handles_interrupts


def start(signal_fd: int, stacks_signal: int) -> None:
    """Prepares `__main__`, the streams and the hooks.

    signal_fd: the descriptor to write signal numbers to, or -1. stacks_signal: the signal that
    writes the stacks of all threads to descriptor 2, or 0.
    """
    handlers.install(_carme.interrupted if signal_fd >= 0 else None)
    if signal_fd >= 0:
        from _carme.interrupts import wakeup_fd
        from _carme.output import abnormal_exit

        abnormal_exit.install()
        wakeup_fd.install(signal_fd, stacks_signal)
    streams.start()
    sys.displayhook = execution.displayhook
    Current.shell = SmallShell()
    from _carme.session import initial_names
    from _carme.stand_in import start

    initial_names.fill(namespace, get_ipython, execution.exit_kernel)
    builtins.display = display  # type: ignore[attr-defined]
    builtins.clear_output = clear_output  # type: ignore[attr-defined]
    _carme.watcher.after("linecache", publish_sources)
    import_hooks.install()
    start.begin()


def execute(
    code: str, count: int, silent: int, stored: int, expressions: Content
) -> Optional[Tuple[bool, Content]]:
    """Runs one cell: see Shell."""
    return Current.shell.execute(code, count, bool(silent), bool(stored), expressions)


def complete(code: str, cursor: int, aside: int = 0) -> Content:
    """The content of complete_reply; cursor in code points.

    aside: called in another thread while a cell runs; no user code is run.
    """
    if aside:
        from _carme.help import guarded_eval
        from _carme.help.completion import completer

        with guarded_eval.strict_mode:
            return completer.complete(code, cursor, namespace)
    with Interruptible():
        return Current.shell.complete(code, cursor)


def inspect(code: str, cursor: int, detail: int, aside: int = 0) -> Content:
    """The content of inspect_reply; cursor in code points. aside: as for complete()."""
    if aside:
        from _carme.help.inspection import static_inspector

        return static_inspector.inspect(code, cursor, detail, namespace)
    with Interruptible():
        return Current.shell.inspect(code, cursor, detail)


def is_complete(code: str) -> Content:
    """The content of is_complete_reply."""
    return Current.shell.is_complete(code)


def comm(message: Content) -> bool:
    """Passes a comm message to the package `comm`; False: no cell has imported it."""
    if "comm" not in sys.modules:
        return False
    from _carme.messages import comms
    from _carme.output import parent_request

    token = parent_request.bind_context()
    try:
        with Interruptible():
            return comms.deliver(message)
    finally:
        end_if_forked()
        execution.flush_figures()
        parent_request.current.reset(token)


def display(*objects: object, **options: Any) -> Any:
    """Shows objects in the cell's output: see _carme.display.display_functions.display."""
    from _carme.display import display_functions

    return display_functions.display(*objects, **options)


def clear_output(wait: bool = False) -> None:
    """Clears the cell's output; wait: at its next output."""
    from _carme.display import display_functions

    display_functions.clear_output(wait)
