"""Magics that IPython's shell gets from this kernel: the user's, ipykernel's and the kernel's own.

Source: ipykernel's documentation, "Magics" (ipykernel.zmqshell); IPython's, IPython.core.magic.
"""

import sys
from functools import wraps

from IPython.core.error import UsageError
from IPython.core.magic import no_var_expand

from _carme.errors.usage import UsageError as OwnUsageError
from _carme.magics import table
from _carme.magics.function import show
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# magics that IPython itself does not have
LINE_MAGICS = "autosave background clear connect_info less more man qtconsole subshell"
CELL_MAGICS = "background"
AUTORELOAD_MAGICS = "autoreload aimport"


def hand_over(shell: Any) -> None:
    """Registers them, and hands over the state of magics."""
    for kind, entries in table.kinds.items():
        for name, entry in entries.items():
            if not entry.module:
                shell.register_magic_function(entry.load(), kind, name)
    line, cell = (shell.magics_manager.magics[kind] for kind in ("line", "cell"))
    line.update({name: wrap("line", name) for name in LINE_MAGICS.split()})
    cell.update({name: wrap("cell", name) for name in CELL_MAGICS.split()})
    if "_carme.reload.autoreload" in sys.modules:
        line.update({name: wrap("line", name) for name in AUTORELOAD_MAGICS.split()})
    line["config"] = config_of(shell)
    line["edit"] = line["ed"] = edit_of(shell)
    hand_over_directories(shell)


def wrap(kind: str, name: str) -> Any:
    """A magic of the small shell as a function that raises IPython's UsageError."""
    function: Any = table.find(kind, name)

    @wraps(function)
    def run(*values: str) -> Any:
        try:
            return function(*values, **table.extra_arguments(function, name))
        except OwnUsageError as error:
            raise UsageError(str(error)) from None

    return no_var_expand(run) if name in table.VERBATIM else run


def config_of(shell: Any) -> Any:
    """IPython's %config, with this kernel's own settings."""
    ipythons: Any = shell.find_line_magic("config")
    own = wrap("line", "config")

    @wraps(ipythons)
    def config(line: str) -> Any:
        is_own = line.strip().partition("=")[0].partition(".")[0].strip() == "Carme"
        return own(line) if is_own else ipythons(line)

    return config


def edit_of(shell: Any) -> Any:
    """%edit as in ipykernel: the client opens the file; the cell does not wait."""
    from IPython.core.magics.code import CodeMagics, MacroToEdit

    magics: Any = shell.magics_manager.registry["CodeMagics"]

    @wraps(CodeMagics.edit)
    def edit(line: str) -> None:
        from os.path import realpath

        found, names = magics.parse_options(line, "prn:")
        try:
            target = CodeMagics._find_edit_target(shell, names, found, ["", ""])
        except MacroToEdit:
            show("Macro editing not yet implemented in 2-process model.")
            return
        payload = {"source": "edit_magic", "filename": realpath(target[0])}
        state.cell.payload.append({**payload, "line_number": target[1]})

    return edit


def hand_over_directories(shell: Any) -> None:
    """Hands over the directory stack of %pushd."""
    directories: Any = sys.modules.get("_carme.magics.system.directories")
    if directories is not None:
        shell.dir_stack[:] = directories.Stack.directories
