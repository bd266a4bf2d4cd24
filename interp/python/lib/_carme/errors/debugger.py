"""pdb in a cell: it stops in the user's code only, and an interrupt at its prompt quits it.

Breakpoints of the same cell, which may be in a loop, have no effect afterwards, and the next
interrupt is raised in the cell. Source: the pdb module's documentation.
"""

import pdb
import sys

from _carme.session.state import cell, cells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, List, Optional, Tuple

MESSAGE = "--KeyboardInterrupt-- the debugger is left, the cell goes on; interrupt again to end it"


class Interrupted:
    """The cell, identified by its list of payloads, in which pdb was interrupted."""

    payload: Any = None


def set_trace(self: pdb.Pdb, frame: Optional[FrameType] = None, **options: Any) -> None:
    """As Pdb.set_trace, but not in the kernel's frames, nor in a cell where it was interrupted."""
    if Interrupted.payload is cell.payload:
        return
    skipped: Any = self.skip
    self.skip = {*(skipped or ()), "_carme", "_carme.*"}
    original_set_trace(self, frame or sys._getframe().f_back, **options)


def command_loop(self: pdb.Pdb) -> None:
    """As Pdb._cmdloop, which would prompt again after an interrupt."""
    try:
        self.cmdloop()
    except KeyboardInterrupt:
        Interrupted.payload = cell.payload
        self.message(MESSAGE)
        self.clear_all_breaks()
        self.set_continue()


def get_stack(self: pdb.Pdb, frame: Any, traceback: Any) -> Tuple[List[Any], int]:
    """As Bdb.get_stack, from the first frame of a cell on, without the kernel's own frames."""
    stack, index = original_get_stack(self, frame, traceback)
    first = 0
    while first < index and stack[first][0].f_code.co_filename not in cells:
        first += 1
    rest = range(first, len(stack))
    indexes = [n for n in rest if n == index or not is_kernel_frame(stack[n][0])]
    return [stack[n] for n in indexes], indexes.index(index)


def is_kernel_frame(frame: FrameType) -> bool:
    """Whether it runs the kernel's code, such as a magic."""
    return frame.f_code.co_filename.startswith("<carme")


def install() -> None:
    """Called when pdb has been imported: changes Pdb, and so subclasses that do not override it."""
    debugger: Any = sys.modules["pdb"].Pdb
    debugger.set_trace = set_trace
    debugger._cmdloop = command_loop
    debugger.get_stack = get_stack


original_set_trace: Any = pdb.Pdb.set_trace
original_get_stack: Any = pdb.Pdb.get_stack
