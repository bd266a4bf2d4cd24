"""%debug, %pdb, %tb, %xmode.

Source: IPython's documentation, IPython.core.magics.execution and .basic; the pdb module's.
"""

import sys

from _carme import settings, shell
from _carme.magics import code
from _carme.magics.table import UsageError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

MODES = ("Plain", "Context", "Verbose", "Minimal")


def debug(line: str, cell: Optional[str] = None) -> None:
    """Looks at the last error where it was raised; with a statement, steps through that."""
    import pdb

    statement = line.strip()
    if statement:
        debugger: Any = pdb.Pdb()
        pieces, _ = code.compiled(statement)
        for piece in pieces:
            debugger.run(piece, shell.namespace)
        return
    traceback = getattr(sys, "last_traceback", None)
    if traceback is None:
        sys.stderr.write("ERROR:root:No traceback has been produced, nothing to debug.\n")
        return
    post_mortem(traceback)


def after_error(error: BaseException) -> None:
    """%pdb: the debugger, unless the error has no place in running code, or is no error."""
    if not isinstance(error, (SyntaxError, SystemExit, UsageError)):
        post_mortem(error.__traceback__)


def post_mortem(traceback: Any) -> None:
    """The debugger, at the frame that has raised."""
    import pdb

    debugger: Any = pdb.Pdb()
    debugger.reset()
    debugger.interaction(None, traceback)


def pdb(line: str) -> None:
    """Whether an error opens the debugger: on, off, or the other one."""
    text = line.strip().lower()
    if text and text not in ("on", "off", "1", "0"):
        raise UsageError("usage: %pdb on or %pdb off")
    on = shell.State.after_error is None if not text else text in ("on", "1")
    shell.State.after_error = after_error if on else None
    show(f"Automatic pdb calling has been turned {'ON' if on else 'OFF'}")


def tb(line: str) -> None:
    """Shows the last error's traceback again."""
    if not shell.State.last_failure:
        raise UsageError("%tb: no error yet")
    lines = shell.State.last_failure
    error = getattr(sys, "last_value", None)
    if isinstance(error, SystemExit):
        from _carme import errors

        lines = errors.format(type(error), error, error.__traceback__, shell.cells, full=True)[2]
    sys.stderr.write("\n".join(lines) + "\n")


def xmode(line: str) -> None:
    """How tracebacks are shown: Plain, Context, Verbose, Minimal; without a name the next one."""
    if line.strip():
        settings.shell.xmode = mode_of(line)
    else:
        index = MODES.index(settings.shell.xmode) if settings.shell.xmode in MODES else 0
        settings.shell.xmode = MODES[(index + 1) % len(MODES)]
    show(f"Exception reporting mode: {settings.shell.xmode}")


def mode_of(line: str) -> str:
    """The mode with this name."""
    found = line.strip().capitalize()
    if found not in MODES:
        raise UsageError(f"%xmode: {line.strip()!r} is none of {', '.join(MODES)}")
    return found
