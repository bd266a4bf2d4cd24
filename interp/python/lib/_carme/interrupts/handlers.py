"""The handlers of SIGINT, in cells and between them.

Between cells an interrupt is pending for the request that is about to run. Source: the signal
module's documentation, "Execution of Python signal handlers".
"""

import sys
from _signal import SIGINT, default_int_handler
from _signal import getsignal as get_signal
from _signal import signal as set_signal
from _thread import get_ident

import _carme
from _carme.session.state import State, cell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Set

interruptible_threads: Set[int] = set()  # of subshells, while they run what may be interrupted


class Handlers:
    """The handlers of SIGINT, and a pending interrupt."""

    default: Any = default_int_handler  # while a cell runs
    user: Any = default_int_handler  # the same, or one that a cell has set
    pending = False  # for the request that is about to run
    reporting: List[Any] = []  # handlers that report to the native half that they have run
    # each interrupts what a thread awaits, by its identifier and frame; False: it awaits nothing
    loop_interrupters: List[Any] = []


def install(handler: Any) -> None:
    """Installs the handlers. handler: for cells that set none of their own; None: Python's."""
    set_signal(SIGINT, idle_handler)
    if handler is not None:
        Handlers.default = Handlers.user = handler
    Handlers.reporting.append(Handlers.default)


def idle_handler(number: int, frame: Any) -> None:
    """Between cells: makes the interrupt pending for the request that is about to run."""
    Handlers.pending = True
    interrupt_subshells()


def interrupt_subshells() -> None:
    """Interrupts the running cells of subshells; called while the main shell is idle."""
    if interruptible_threads:
        from _carme.interrupts import subshells

        subshells.interrupt(interruptible_threads, Handlers.loop_interrupters)


def forget_interrupts() -> None:
    """Called when a request arrives: an earlier interrupt belongs to no request."""
    Handlers.pending = False


class Interruptible:
    """A block in which SIGINT has the user's handler, by default KeyboardInterrupt.

    Nested in an awaiting cell, it leaves that cell's handler. In a subshell's thread it makes the
    thread interruptible.
    """

    is_subshell = False

    def __enter__(self) -> None:
        ident = get_ident()
        if ident != State.main_thread and ident not in interruptible_threads:
            self.is_subshell = True
            interruptible_threads.add(ident)
            if cell.subshell:
                from _carme.session import subshell_thread

                subshell_thread.update_name()
        self.sets_handler = get_ident() == State.main_thread and get_signal(SIGINT) is idle_handler
        if not self.sets_handler:
            return
        try:
            set_signal(SIGINT, Handlers.user)
            if Handlers.pending and callable(Handlers.user):
                Handlers.user(SIGINT, None)
        except BaseException:
            set_signal(SIGINT, idle_handler)
            raise
        finally:
            Handlers.pending = False

    def __exit__(self, *error: object) -> None:
        if self.is_subshell:
            _carme.exclude_thread(interruptible_threads, get_ident())
        if self.sets_handler:
            Handlers.user = kept_handler(set_signal(SIGINT, idle_handler))


def kept_handler(handler: Any) -> Any:
    """The handler for later cells: the user's, but not the one that pdb's `continue` sets."""
    bdb = sys.modules.get("bdb")
    if bdb is not None and isinstance(getattr(handler, "__self__", None), bdb.Bdb):
        return Handlers.default
    return handler


def handles_interrupts() -> bool:
    """Whether the handler of SIGINT reports that it has run; a user's does not."""
    return get_signal(SIGINT) in Handlers.reporting
