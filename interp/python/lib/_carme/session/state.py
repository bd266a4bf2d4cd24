"""The notebook's namespace, the cell that runs, and what outlives it.

Source: Messaging in Jupyter, section "Execute".
"""

import sys
from _thread import _local as ThreadLocal
from _thread import get_ident
from posix import getpid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    Content = Dict[str, Any]

main_module = sys.modules["__main__"]  # the notebook's, also while a program runs as `__main__`
namespace: Dict[str, Any] = main_module.__dict__
cells: Dict[str, Tuple[int, str]] = {}  # co_filename to (execution count, source)
history: Dict[int, str] = {}  # the code of cells that are in the history, by execution count


class State:
    """What outlives a cell."""

    pid = getpid()  # of the kernel
    main_thread = get_ident()  # the thread that has the signals; others are subshells'
    # types whose text/plain is their repr and which have no other representation
    plain = frozenset({int, float, bool, complex, type(Ellipsis)})
    failed = False  # and the last error may keep large variables
    last_failure: List[str] = []  # the lines of the last error's traceback
    ipython: Any = None  # IPython's shell, once something has needed it
    loop_runner: Any = None  # of %autoawait trio or curio; None: asyncio
    before_cell: Any = None  # %autoreload's calls
    after_cell: Any = None
    events: Any = None  # get_ipython().events, once a function is registered there
    hidden: Content = {}  # what %who does not list, as long as it has these values
    after_error: Any = None  # %pdb's, with the error
    end_child: Any = None  # ends a forked process, with what has ended its cell or None


class Cell(ThreadLocal):
    """The cell that runs in this thread, or the last one that did."""

    count = 0
    shown_count = 0  # with its result
    ends_kernel = False  # the kernel ends with it
    payload: List[Content] = []
    display_error: Optional[Content] = None  # of the last object's own way to show itself
    failure: Optional[Content] = None  # the same, of the cell's result: the cell has failed
    subshell = ""  # what the module threading calls this thread, if it is a subshell's


cell = Cell()


class KernelExit(BaseException):
    """Ends a cell that ends the kernel, or the client: it has not failed."""

    def __init__(self, code: object) -> None:
        """The status of a forked child, as SystemExit's."""
        super().__init__(code)
        self.code = code


def end_if_forked(error: Optional[BaseException] = None) -> None:
    """Ends a process that the cell has forked: it has no kernel."""
    if getpid() != State.pid:
        State.end_child(error)
