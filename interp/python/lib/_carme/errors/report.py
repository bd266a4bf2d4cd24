"""Exceptions of cells: the content of their `error` message, and its publication.

Source: Messaging in Jupyter, section "Execution errors".
"""

import sys

import _carme
from _carme.interrupts.handlers import Interruptible
from _carme.session.state import State, cell, cells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Dict, Optional

    Content = Dict[str, Any]

# the modules of UsageError, which magics raise for a wrong call
USAGE_MODULES = ("_carme.errors.usage", "IPython.core.error")


def report(error: BaseException, silent: bool) -> Content:
    """Publishes an error, unless silent, as the last one; returns the content of its message."""
    if isinstance(error, KeyboardInterrupt):
        from _carme.interrupts import interrupted_imports

        interrupted_imports.remove_partial_packages(error.__traceback__)
    error.__traceback__ = trim_traceback(error.__traceback__)
    content = error_content(error)
    State.failed = True
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    sys.last_exc = error  # type: ignore[attr-defined,unused-ignore]
    State.last_failure = content["traceback"]
    if not silent:
        show_error(error, content)
        if State.after_error is not None:
            State.after_error(error)
    return content


def show_error(error: BaseException, content: Content) -> None:
    """Publishes an error; a UsageError of a magic is one line on stderr, as in IPython."""
    if type(error).__name__ == "UsageError" and type(error).__module__ in USAGE_MODULES:
        sys.stderr.write(f"UsageError: {content['evalue']}\n")
    else:
        _carme.publish("error", content, {})


def trim_traceback(traceback: Optional[TracebackType]) -> Optional[TracebackType]:
    """The traceback from the cell's first frame to the last one that is not the kernel's own."""
    first = last = None
    entry = traceback
    while entry is not None:
        name = entry.tb_frame.f_code.co_filename
        if first is None and name in cells:
            first = entry
        if first is not None and not name.startswith("<carme"):
            last = entry
        entry = entry.tb_next
    if last is not None:
        last.tb_next = None
    return traceback if first is None else first


def error_content(error: BaseException) -> Content:
    """ename, evalue and traceback of an error, even if its own methods raise."""
    try:
        with Interruptible():
            from _carme.errors import tracebacks

            name, value, lines = tracebacks.format_error(
                type(error), error, error.__traceback__, cells
            )
    except BaseException as second:
        name = type(error).__name__
        value = f"(its text can not be had: {type(second).__name__})"
        lines = [f"{name}: {value}"]
    return {"ename": name, "evalue": value, "traceback": lines}


def report_display_error(error: BaseException) -> None:
    """Publishes what a representation method of a displayed object has raised."""
    cell.display_error = error_content(error)
    _carme.publish("error", cell.display_error, {})
