"""The takeover: IPython's shell gets the state of the small shell, and runs the cells.

Source: IPython's documentation, "IPython options" and IPython.core.interactiveshell.
"""

import sys

from _carme.display import display_functions
from _carme.session import state
from _carme.session.current import Current, has_ipython
from _carme.stand_in import interactive_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


class Takeover:
    """The takeover's result."""

    shell: Any = None  # IPython's
    attempted = False


def take_over() -> Optional[Any]:
    """Return IPython's shell, made at the first call; None: IPython is not installed or fails."""
    if Takeover.attempted or not has_ipython():
        return Takeover.shell
    Takeover.attempted = True
    try:
        Takeover.shell = make()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".split("\n")[0]
        sys.stderr.write(
            f"carme: IPython can not be used here ({reason}); the small shell goes on.\n"
        )
        patch_display_functions()
    return Takeover.shell


def make() -> Any:
    """Makes the shell, hands over the state, and runs IPython's extensions and startup files."""
    from _carme.ipython import application, ipykernel_modules, shell_creation
    from _carme.ipython.shell import IPythonShell

    app = application.make()
    shell = shell_creation.make(app)
    hand_over(shell)
    ipykernel_modules.add_to_sys_modules()
    state.State.ipython = shell
    Current.shell = IPythonShell(Current.shell, shell)
    interactive_shell.hand_over(shell)
    application.run_files(app, shell)
    return shell


def hand_over(shell: Any) -> None:
    """Hands over magics, extensions, printers, callbacks, settings and matplotlib's backend."""
    from _carme.ipython import magics

    magics.hand_over(shell)
    if "_carme.magics.settings.extensions" in sys.modules:
        hand_over_extensions(shell)
    if "_carme.display.formatters" in sys.modules:
        hand_over_printers(shell)
    if state.State.events is not None:
        state.State.events.hand_over(shell.events)
    shell.user_ns_hidden.update(state.State.hidden)
    if "_carme.session.settings" in sys.modules:
        hand_over_settings(shell)
    if "matplotlib" in sys.modules:
        shell.adopt_figures()
    if "pandas" in sys.modules:
        enable_table_schema(sys.modules["pandas"])


def hand_over_settings(shell: Any) -> None:
    """Hands over the settings of %config, also to objects made later, such as InlineBackend."""
    from traitlets.config import Config

    from _carme.session import settings

    config = Config()
    for (owner, name), value in settings.assigned.items():
        if owner != "Carme":
            config[owner][name] = value
    for configurable in shell.configurables:
        configurable.update_config(config)


def hand_over_extensions(shell: Any) -> None:
    """Hands over the loaded extensions, so that they can be unloaded."""
    from _carme.magics.settings import extensions

    extensions.loaded.update(shell.extension_manager.loaded)
    shell.extension_manager.loaded = extensions.loaded


def hand_over_printers(shell: Any) -> None:
    """Hands over the functions that were registered for types."""
    from _carme.display import formatters

    for mime, formatter in formatters.display_formatter.formatters.items():
        target = shell.display_formatter.formatters[mime]
        for cls, printer in formatter.type_printers.items():
            if isinstance(printer, formatters.FloatPrinter):
                target.float_precision = printer.form
            else:
                target.for_type(cls, printer)
        for (module, name), printer in formatter.deferred_printers.items():
            target.for_type_by_name(module, name, printer)


def enable_table_schema(pandas: Any) -> None:
    """Sets pandas' option again: it registers its table schema with IPython's shell then."""
    name = "display.html.table_schema"
    if pandas.get_option(name):
        pandas.set_option(name, True)


def patch_display_functions() -> None:
    """Replaces IPython's display functions by this kernel's: without its shell they would print."""
    try:
        from IPython.core import display_functions as module
    except Exception:
        return
    for name in ("display", "update_display", "clear_output", "DisplayHandle"):
        setattr(module, name, getattr(display_functions, name))
