"""From the small shell to IPython's: what was set before stays, and cells go through IPython.

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
    """How far it has come."""

    shell: Any = None  # IPython's, once it runs
    attempted = False


def take_over() -> Optional[Any]:
    """IPython's shell, made at the first call; None where IPython is not installed or broken."""
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
    """Makes the shell, hands over what there is, and lets IPython's settings and files in."""
    from _carme.ipython import application, ipykernel_modules, shell_creation
    from _carme.ipython.shell import IPythonShell

    app = application.make()
    made = shell_creation.make(app)
    hand_over(made)
    ipykernel_modules.add_to_sys_modules()
    state.State.ipython = made
    Current.shell = IPythonShell(Current.shell, made)
    interactive_shell.hand_over(made)
    application.run_files(app, made)
    return made


def hand_over(made: Any) -> None:
    """Results, magics, printers and figures of the small shell."""
    from _carme.ipython import magics

    magics.hand_over(made)
    if "_carme.magics.settings.extensions" in sys.modules:
        hand_over_extensions(made)
    if "_carme.display.formatters" in sys.modules:
        hand_over_printers(made)
    if state.State.events is not None:
        state.State.events.hand_over(made.events)
    made.user_ns_hidden.update(state.State.hidden)
    if "_carme.session.settings" in sys.modules:
        hand_over_settings(made)
    if "matplotlib" in sys.modules:
        made.adopt_figures()
    if "pandas" in sys.modules:
        enable_table_schema(sys.modules["pandas"])


def hand_over_settings(made: Any) -> None:
    """What %config has set so far, also for what is made later, such as InlineBackend."""
    from traitlets.config import Config

    from _carme.session import settings

    config = Config()
    for (owner, name), value in settings.assigned.items():
        if owner != "Carme":
            config[owner][name] = value
    for configurable in made.configurables:
        configurable.update_config(config)


def hand_over_extensions(made: Any) -> None:
    """What is loaded, or being loaded, so that it can be unloaded."""
    from _carme.magics.settings import extensions

    extensions.loaded.update(made.extension_manager.loaded)
    made.extension_manager.loaded = extensions.loaded


def hand_over_printers(made: Any) -> None:
    """What was registered for types."""
    from _carme.display import formatters

    for mime, formatter in formatters.display_formatter.formatters.items():
        target = made.display_formatter.formatters[mime]
        for cls, printer in formatter.type_printers.items():
            if isinstance(printer, formatters.FloatPrinter):
                target.float_precision = printer.form
            else:
                target.for_type(cls, printer)
        for (module, name), printer in formatter.deferred_printers.items():
            target.for_type_by_name(module, name, printer)


def enable_table_schema(pandas: Any) -> None:
    """Pandas tells IPython of its table schema at the option's setting, where IPython is there."""
    name = "display.html.table_schema"
    if pandas.get_option(name):
        pandas.set_option(name, True)


def patch_display_functions() -> None:
    """IPython's display functions show in the cell, where its shell can not be had."""
    try:
        from IPython.core import display_functions as module
    except Exception:
        return
    for name in ("display", "update_display", "clear_output", "DisplayHandle"):
        setattr(module, name, getattr(display_functions, name))
