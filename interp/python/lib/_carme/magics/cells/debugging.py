"""%debug, %pdb, %tb, %xmode.

Source: IPython's documentation, IPython.core.magics.execution and .basic; the pdb module's.
"""

import sys

from _carme.errors.usage import INSTALL, UsageError, final
from _carme.magics import user_code
from _carme.magics.function import show
from _carme.run import caller_scope
from _carme.session import current, settings, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

MODES = ("Plain", "Context", "Verbose", "Minimal", "Docs", "Doctest")
OWN_MODES = ("Plain", "Context", "Minimal", "Doctest")


def debug(line: str, cell: Optional[str] = None) -> None:
    """Starts pdb on the last error; with a statement, runs that under pdb."""
    import pdb

    statement = line.strip()
    if statement:
        debugger: Any = pdb.Pdb()
        pieces, _ = user_code.compiled(statement)
        for piece in pieces:
            debugger.run(piece, caller_scope.names())
        return
    traceback = getattr(sys, "last_traceback", None)
    if traceback is None:
        sys.stderr.write("ERROR:root:No traceback has been produced, nothing to debug.\n")
        return
    post_mortem(traceback)


def after_error(error: BaseException) -> None:
    """%pdb: starts the debugger, but not for a syntax error, SystemExit or UsageError."""
    if not isinstance(error, (SyntaxError, SystemExit, UsageError)):
        post_mortem(error.__traceback__)


def post_mortem(traceback: Any) -> None:
    """Starts the debugger at the frame that has raised."""
    import pdb

    debugger: Any = pdb.Pdb()
    debugger.reset()
    debugger.interaction(None, traceback)


def pdb(line: str) -> None:
    """Whether an error starts the debugger: on, off; without an argument, toggles it."""
    text = line.strip().lower()
    if text and text not in ("on", "off", "1", "0"):
        raise UsageError("usage: %pdb on or %pdb off")
    on = state.State.after_error is None if not text else text in ("on", "1")
    state.State.after_error = after_error if on else None
    show(f"Automatic pdb calling has been turned {'ON' if on else 'OFF'}")


def tb(line: str) -> None:
    """Shows the last error's traceback again, in the mode of %xmode that is given."""
    before = settings.shell.xmode
    try:
        if line.strip() and not choose(line):
            return
        current.get_ipython().showtraceback()
    finally:
        settings.shell.xmode = before


def xmode(line: str) -> None:
    """Sets how tracebacks are shown: a mode; without an argument, the next one."""
    following = MODES[(MODES.index(settings.shell.xmode) + 1) % len(MODES)]
    if choose(line.strip() or following):
        show(f"Exception reporting mode: {settings.shell.xmode}")


def choose(line: str) -> bool:
    """Sets a mode; False: there is no such mode. UsageError: only IPython has it."""
    mode = line.strip().capitalize()
    if mode not in MODES:
        from warnings import warn

        warn(
            "Error changing user exception modes.\n"
            f"Unrecognized mode in FormattedTB: <{mode}>\nValid modes: {list(MODES)}",
            stacklevel=2,
        )
        return False
    if mode not in OWN_MODES:
        raise final(f"`{mode}` is a mode of IPython's, which is not installed: {INSTALL}")
    settings.shell.xmode = mode
    return True
