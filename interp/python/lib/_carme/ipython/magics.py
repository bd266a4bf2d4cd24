"""Magics that IPython's shell has from this kernel: the user's own, ipykernel's, and the kernel's.

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

# those of which IPython has none of its own
LINE_MAGICS = "autosave background clear connect_info less more man qtconsole subshell"
CELL_MAGICS = "background"
AUTORELOAD_MAGICS = "autoreload aimport"


def hand_over(made: Any) -> None:
    """Registers them, and hands over what the magics so far have left."""
    for kind, entries in table.kinds.items():
        for name, entry in entries.items():
            if not entry.module:
                made.register_magic_function(entry.load(), kind, name)
    line, cell = (made.magics_manager.magics[kind] for kind in ("line", "cell"))
    line.update({name: wrap("line", name) for name in LINE_MAGICS.split()})
    cell.update({name: wrap("cell", name) for name in CELL_MAGICS.split()})
    if "_carme.reload.autoreload" in sys.modules:
        line.update({name: wrap("line", name) for name in AUTORELOAD_MAGICS.split()})
    line["config"] = config_of(made)
    line["edit"] = line["ed"] = edit_of(made)
    hand_over_directories(made)


def wrap(kind: str, name: str) -> Any:
    """A magic of the small shell as a function for IPython's, whose UsageError it raises."""
    function: Any = table.find(kind, name)

    @wraps(function)
    def run(*values: str) -> Any:
        try:
            return function(*values, **table.extra_arguments(function, name))
        except OwnUsageError as error:
            raise UsageError(str(error)) from None

    return no_var_expand(run) if name in table.VERBATIM else run


def config_of(made: Any) -> Any:
    """IPython's %config, with the settings that only this kernel has."""
    ipythons: Any = made.find_line_magic("config")
    own = wrap("line", "config")

    @wraps(ipythons)
    def config(line: str) -> Any:
        is_own = line.strip().partition("=")[0].partition(".")[0].strip() == "Carme"
        return own(line) if is_own else ipythons(line)

    return config


def edit_of(made: Any) -> Any:
    """%edit as in ipykernel: the client opens the file, and nothing waits for it."""
    from IPython.core.magics.code import CodeMagics, MacroToEdit

    magics: Any = made.magics_manager.registry["CodeMagics"]

    @wraps(CodeMagics.edit)
    def edit(line: str) -> None:
        from os.path import realpath

        found, names = magics.parse_options(line, "prn:")
        try:
            target = CodeMagics._find_edit_target(made, names, found, ["", ""])
        except MacroToEdit:
            show("Macro editing not yet implemented in 2-process model.")
            return
        payload = {"source": "edit_magic", "filename": realpath(target[0])}
        state.cell.payload.append({**payload, "line_number": target[1]})

    return edit


def hand_over_directories(made: Any) -> None:
    """Where %popd goes back to."""
    places: Any = sys.modules.get("_carme.magics.system.directories")
    if places is not None:
        made.dir_stack[:] = places.Stack.directories
