"""The names that `__main__` has before the first cell; they are ipykernel's.

All of them can be pickled and read by another kernel, as dill.dump_session() does.
Source: IPython's documentation, "IPython reference"; ipykernel's ZMQInteractiveShell.
"""

import builtins
import io
import sys
from posix import getcwd

from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, NoReturn, Tuple


NAMES = ("get_ipython", "exit", "quit", "open")


# evaluated to unpickle Exit, also in a process without this module
ANY_EXIT = (
    "getattr(__import__('sys').modules.get('_carme.session.initial_names'), 'exit_command', None)"
    " or getattr(__import__('builtins'), 'exit', None)"
    " or __import__('_sitebuiltins').Quitter('exit', '')"
)
Function: Any = type(lambda: None)


class Exit:
    """`exit` and `quit`. Unpickled elsewhere, they are what that process has by these names."""

    exit_kernel: Callable[[object], NoReturn]  # set by fill()

    def __call__(self, keep_kernel: object = False) -> NoReturn:
        """Ends the cell, closes consoles, and ends the kernel unless keep_kernel is true."""
        self.exit_kernel(keep_kernel)

    def __reduce__(self) -> Tuple[Any, ...]:
        return eval, (ANY_EXIT,)


exit_command = Exit()  # cells only: other code has Python's own, which raises SystemExit


def open_file(file: Any, *args: Any, **options: Any) -> Any:
    """As io.open(). ValueError: a descriptor of the standard streams, which the kernel needs."""
    if file in {0, 1, 2}:
        raise ValueError(f"IPython won't let you open fd={file} here: builtins.open() does")
    return io.open(file, *args, **options)  # noqa: UP020


def fill(space: Dict[str, Any], get_ipython: Any, exit_kernel: Any) -> None:
    """Puts the names into `__main__`, and get_ipython into builtins.

    exit_kernel: ends the cell, and the kernel unless its argument is true.
    """
    exit_command.exit_kernel = exit_kernel
    get_ipython.__module__ = "builtins"  # where pickle looks for it
    vars(builtins)["get_ipython"] = get_ipython
    move_current_directory(sys.path)
    space.pop("__annotations__", None)
    space.update(__loader__=None, __builtin__=builtins, _ih=[""], _oh={}, _dh=current_directory())
    hidden = state.State.hidden
    hidden.update(In=space["_ih"], Out=space["_oh"], get_ipython=get_ipython)
    hidden.update(exit=exit_command, quit=exit_command, open=make_open())
    space.update(hidden)
    space.update(_="", __="", ___="", _i="", _ii="", _iii="")


def move_current_directory(path: List[str]) -> None:
    """Moves the current directory on sys.path behind the standard library, as IPython does.

    A file there, such as random.py, then hides no module of Python's.
    """
    if path[:1] != [""]:
        return
    del path[0]
    ends = [each.rpartition("/")[2] for each in path]
    places = [ends.index(end) for end in ("site-packages", "dist-packages") if end in ends]
    path.insert(min(places, default=0), "")


def current_directory() -> List[str]:
    """The current directory in a list; an empty list if it was deleted."""
    try:
        return [getcwd()]
    except OSError:
        return []


def make_open() -> Any:
    """Return open() for cells. Its globals are small: cloudpickle and dill pickle them."""
    made = Function(open_file.__code__, {"__name__": "io", "io": io}, "open")
    made.__qualname__ = "open"
    made.__doc__ = io.open.__doc__
    made.__wrapped__ = io.open
    return made


def directory_history(space: Dict[str, Any]) -> Any:
    """`_dh` with its entries made Path objects: the start directory and those %cd went to."""
    visited = space.get("_dh")
    if type(visited) is list and str in map(type, visited):
        from pathlib import Path

        visited[:] = [Path(each) if type(each) is str else each for each in visited]
    return visited


def is_initial(name: str, value: object) -> bool:
    """Whether a name still has the value that the kernel gave it."""
    hidden = state.State.hidden
    return name in hidden and value is hidden[name]


def changed_names(space: Dict[str, Any]) -> Dict[str, Any]:
    """Those of NAMES that cells have bound to other values."""
    found = {name: space[name] for name in NAMES if name in space}
    return {name: value for name, value in found.items() if not is_initial(name, value)}


def restore(space: Dict[str, Any]) -> None:
    """Binds those of NAMES again that were deleted."""
    for name in NAMES:
        space.setdefault(name, state.State.hidden[name])
