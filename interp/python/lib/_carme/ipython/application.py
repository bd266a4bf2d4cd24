"""IPython's settings: ipython_config.py, extensions, startup files.

Source: IPython's documentation, "Introduction to IPython configuration".
"""

import os
import sys

from IPython.core.application import BaseIPythonApplication
from IPython.core.shellapp import InteractiveShellApp

from _carme.session import state
from _carme.stand_in import startup_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Application(BaseIPythonApplication, InteractiveShellApp):
    """What reads the files of a profile; named as ipykernel's, which names the settings' file."""

    name = "ipython-kernel"
    config_file_name = "ipython_kernel_config.py"

    def init_crash_handler(self) -> None:
        """Errors are the cell's."""

    def init_shell(self) -> None:
        """It is made elsewhere."""

    def _exec_file(self, fname: Any, shell_futures: bool = False) -> None:
        """As IPython; a file that fails does not keep the next ones from running."""
        try:
            super()._exec_file(fname, shell_futures)
        except BaseException:
            made: Any = self.shell
            made.showtraceback()


Application.__name__ = "IPKernelApp"


def make() -> Any:
    """With the settings that are there. A file that is wrong is told, and passed over."""
    app = Application()
    try:
        app.init_profile_dir()
        app.init_config_files()
        app.load_config_file(suppress_errors=True)
    except (Exception, SystemExit) as error:
        sys.stderr.write(f"carme: IPython's settings can not be read: {error}\n")
    app.config.HistoryManager.enabled = False  # the kernel's own store keeps it
    named = os.environ.get("CARME_HISTORY")
    if named:
        app.config.HistoryManager.hist_file = ":memory:" if named == "none" else named
    app.config.IPKernelApp.name = "carme"  # by which tqdm and others know a notebook
    return app


def run_files(app: Any, made: Any) -> None:
    """Extensions, startup files and lines. What cells have set before stays as it is."""
    app.shell = made
    namespace = state.namespace
    users = {name: value for name, value in namespace.items() if name not in made.user_ns_hidden}
    app.exec_PYTHONSTARTUP = app.exec_PYTHONSTARTUP and not startup_files.Executed.file
    for step in (app.init_path, app.init_gui_pylab, app.init_extensions, app.init_code):
        try:
            step()
        except Exception as error:
            sys.stderr.write(f"carme: IPython's startup: {type(error).__name__}: {error}\n")
    for name, value in users.items():
        if state.cell.count:
            namespace[name] = value
        made.user_ns_hidden.pop(name, None)  # init_code() hides whatever there is from %who
