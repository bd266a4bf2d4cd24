"""IPython's configuration: ipython_config.py, extensions, startup files.

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
    """Reads a profile's files. Its name is ipykernel's: the configuration files use it."""

    name = "ipython-kernel"
    config_file_name = "ipython_kernel_config.py"

    def init_crash_handler(self) -> None:
        """No crash handler: errors are shown in cells."""

    def init_shell(self) -> None:
        """The shell is made by shell_creation."""

    def _exec_file(self, fname: Any, shell_futures: bool = False) -> None:
        """As IPython's; after a file that fails the next ones still run."""
        try:
            super()._exec_file(fname, shell_futures)
        except BaseException:
            shell: Any = self.shell
            shell.showtraceback()


Application.__name__ = "IPKernelApp"


def make() -> Any:
    """Makes the application and loads its configuration; files with errors are reported."""
    app = Application()
    try:
        app.init_profile_dir()
        app.init_config_files()
        app.load_config_file(suppress_errors=True)
    except (Exception, SystemExit) as error:
        sys.stderr.write(f"carme: IPython's settings can not be read: {error}\n")
    app.config.HistoryManager.enabled = False  # the kernel has its own history
    named = os.environ.get("CARME_HISTORY")
    if named:
        app.config.HistoryManager.hist_file = ":memory:" if named == "none" else named
    app.config.IPKernelApp.name = "carme"  # tqdm and others detect a notebook by this section
    return app


def run_files(app: Any, shell: Any) -> None:
    """Runs extensions, startup files and exec_lines. Variables of cells keep their values."""
    app.shell = shell
    namespace = state.namespace
    users = {name: value for name, value in namespace.items() if name not in shell.user_ns_hidden}
    app.exec_PYTHONSTARTUP = app.exec_PYTHONSTARTUP and not startup_files.Executed.file
    for step in (app.init_path, app.init_gui_pylab, app.init_extensions, app.init_code):
        try:
            step()
        except Exception as error:
            sys.stderr.write(f"carme: IPython's startup: {type(error).__name__}: {error}\n")
    for name, value in users.items():
        if state.cell.count:
            namespace[name] = value
        shell.user_ns_hidden.pop(name, None)  # init_code() has hidden all names from %who
