"""SIGINT between cells and in them: who takes it, and where user code may be interrupted.

Between cells an interrupt is kept for the request that is about to run. Source: the signal module's
documentation, "Execution of Python signal handlers".
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
    """Of SIGINT."""

    default: Any = default_int_handler  # while a cell runs
    user: Any = default_int_handler  # or one that a cell has set
    pending = False  # before the request that is about to run took over
    reporting: List[Any] = []  # those that tell the native half when they have run
    # interrupt what a thread awaits, by its identifier and frame; False: it awaits nothing
    loop_interrupters: List[Any] = []


def install(handler: Any) -> None:
    """Takes SIGINT; handler: for cells that set none of their own, or None for Python's."""
    set_signal(SIGINT, idle_handler)
    if handler is not None:
        Handlers.default = Handlers.user = handler
    Handlers.reporting.append(Handlers.default)


def idle_handler(number: int, frame: Any) -> None:
    """Keeps an interrupt for the request that is about to run, if there is one."""
    Handlers.pending = True
    interrupt_subshells()


def interrupt_subshells() -> None:
    """The main shell rests: an interrupt is for what runs in the others."""
    if interruptible_threads:
        from _carme.interrupts import subshells

        subshells.interrupt(interruptible_threads, Handlers.loop_interrupters)


def forget_interrupts() -> None:
    """Called when a request is about to be answered: what came before belongs to none."""
    Handlers.pending = False


class Interruptible:
    """In its block SIGINT is the user's, by default a KeyboardInterrupt; for the main shell.

    Within a cell that awaits it is what it was: the cell's own. A subshell's thread can be
    interrupted while it is in such a block.
    """

    is_subshell = False  # a subshell's

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
            _carme.spare_thread(interruptible_threads, get_ident())
        if self.sets_handler:
            Handlers.user = kept_handler(set_signal(SIGINT, idle_handler))


def kept_handler(handler: Any) -> Any:
    """The user's own handler stays for later cells; the one of pdb's `continue` ends with it."""
    bdb = sys.modules.get("bdb")
    if bdb is not None and isinstance(getattr(handler, "__self__", None), bdb.Bdb):
        return Handlers.default
    return handler


def handles_interrupts() -> bool:
    """Whether the handler of SIGINT is one that tells when it has run; else it is the user's."""
    return get_signal(SIGINT) in Handlers.reporting
