"""Magics that the client carries out or needs: pager, connection, saving; ipykernel's own magics.

Source: ipykernel's documentation, "Magics" (ipykernel.zmqshell); Messaging in Jupyter, "Payloads".
"""

import os
import sys

from _carme.errors.usage import UsageError
from _carme.magics.function import show
from _carme.magics.system import commands
from _carme.session import connection_file, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

CONNECT = """
Paste the above JSON into a file, and connect with:
    $> jupyter <app> --existing <file>
or, if you are local, you can connect with just:
    $> jupyter <app> --existing {file}
or even just:
    $> jupyter <app> --existing
if this is the most recent Jupyter kernel you have started."""
SUBSHELL = "subshell-"  # prefix of the names of subshells' threads


def page(text: str) -> None:
    """Shows a text in the client's pager."""
    show_page({"text/plain": text})


def show_page(data: Dict[str, Any]) -> None:
    """Shows a mime bundle in the client's pager; only the last page of a cell is shown."""
    others = [each for each in state.cell.payload if each["source"] != "page"]
    state.cell.payload[:] = [*others, {"source": "page", "data": data, "start": 0}]


def paged(line: str) -> None:
    """Shows a file in the pager."""
    if not line:
        raise UsageError("Missing filename.")
    with open(line) as file:
        text = file.read()
    page(coloured(text) if line.endswith(".py") else text)


def coloured(text: str) -> str:
    """Python source highlighted by ANSI escape codes."""
    if state.State.ipython is not None:
        made: str = state.State.ipython.pycolorize(text)
        return made
    from _carme.syntax import highlight

    return "\n".join(highlight.colour(text))


def man(line: str) -> None:
    """Shows a command's manual in the pager."""
    page(commands.getoutput(f"man {line} | col -b", split=False))


def clear(line: str) -> None:
    """Clears the terminal."""
    commands.system("clear")


def connect_info(line: str) -> None:
    """Prints how other clients connect to this kernel."""
    path = connection_file.path()
    with open(path, encoding="utf-8") as file:
        show(file.read())
    is_found = os.path.dirname(os.path.abspath(path)) == connection_file.runtime_dir()
    show(CONNECT.format(file=os.path.basename(path) if is_found else path))


def qtconsole(line: str) -> None:
    """Opens a Qt console on this kernel. UsageError: it is not installed."""
    from importlib.util import find_spec
    from subprocess import DEVNULL, Popen

    if find_spec("qtconsole") is None:
        raise UsageError("%qtconsole: qtconsole is not installed here: `%pip install qtconsole`")
    command = "from qtconsole import qtconsoleapp; qtconsoleapp.main()"
    words = [sys.executable, "-c", command, "--existing", connection_file.path(), *arguments(line)]
    Popen(words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True)


def arguments(line: str) -> List[str]:
    """The words of a line."""
    from _carme.magics import options

    return options.words(line)


def autosave(line: str) -> None:
    """Sets how often the notebook is saved, in seconds; 0: never. Classic notebooks only."""
    from _carme.display import display_functions

    try:
        seconds = int(line)
    except ValueError:
        raise UsageError(f"%autosave requires an integer, got {line!r}") from None
    script = f"IPython.notebook.set_autosave_interval({1000 * seconds})"
    display_functions.display({"application/javascript": script}, raw=True)
    show(f"Autosaving every {seconds} seconds" if seconds else "Autosave disabled")


def subshell(line: str) -> None:
    """Prints this subshell's ID and the list of subshells."""
    import threading

    here = threading.current_thread()
    others = [each.name[len(SUBSHELL) :] for each in threading.enumerate() if is_subshell(each)]
    show(f"subshell id: {here.name[len(SUBSHELL) :] if is_subshell(here) else None}")
    show(f"thread id: {here.ident}")
    show(f"main thread id: {threading.main_thread().ident}")
    show(f"pid: {os.getpid()}")
    show(f"thread count: {threading.active_count()}")
    show(f"subshell list: {others}")


def is_subshell(thread: Any) -> bool:
    """Whether the thread is a subshell's."""
    return bool(thread.name.startswith(SUBSHELL))
