"""The notebook's namespace, the running cell, and the state that outlives it.

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

main_module = sys.modules["__main__"]  # the notebook's, also while %run has another `__main__`
namespace: Dict[str, Any] = main_module.__dict__
cells: Dict[str, Tuple[int, str]] = {}  # co_filename to (execution count, source)
history: Dict[int, str] = {}  # the code of stored cells by execution count


class State:
    """The state that outlives a cell."""

    pid = getpid()  # of the kernel
    main_thread = get_ident()  # gets the signals and runs the main shell
    # types whose only representation is text/plain, their repr
    plain = frozenset({int, float, bool, complex, type(Ellipsis)})
    failed = False  # a cell has; the traceback may hold large variables
    last_failure: List[str] = []  # the lines of the last error's traceback
    ipython: Any = None  # IPython's shell, once it has taken over
    loop_runner: Any = None  # of %autoawait trio or curio; None: asyncio
    before_cell: Any = None  # called by each cell, for %autoreload
    after_cell: Any = None
    events: Any = None  # get_ipython().events, once a function is registered there
    hidden: Content = {}  # names and values that %who does not list, as user_ns_hidden
    after_error: Any = None  # called with the exception, for %pdb
    end_child: Any = None  # ends a forked process; called with its cell's exception or None


class Cell(ThreadLocal):
    """The running cell of this thread, or the last one."""

    count = 0
    shown_count = 0  # execution_count of its execute_result
    ends_kernel = False  # once it has ended
    payload: List[Content] = []
    display_error: Optional[Content] = None  # content of the error that a _repr_*_ method raised
    failure: Optional[Content] = None  # the same, of the cell's result: it fails the cell
    subshell = ""  # the thread's name, if it is a subshell's


cell = Cell()


class KernelExit(BaseException):
    """Raised by exit() in a cell: the cell ends, and has not failed."""

    def __init__(self, code: object) -> None:
        """code: the exit status of a forked child, as SystemExit's."""
        super().__init__(code)
        self.code = code


def end_if_forked(error: Optional[BaseException] = None) -> None:
    """Ends this process if a cell has forked it: a child has no kernel."""
    if getpid() != State.pid:
        State.end_child(error)
