"""pdb in a cell: it stops in the user's code only, and an interrupt at its prompt leaves it.

Left by an interrupt, it stays away until the cell's end, so that a breakpoint in a loop does not
catch the cell again; the next interrupt ends the cell. Source: the pdb module's documentation.
"""

import pdb
import sys

from _carme.session.state import cell, cells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, List, Optional, Tuple

LEFT = "--KeyboardInterrupt-- the debugger is left, the cell goes on; interrupt again to end it"


class Left:
    """The cell, by its list of payloads, in which the debugger was left."""

    payload: Any = None


def set_trace(self: pdb.Pdb, frame: Optional[FrameType] = None, **options: Any) -> None:
    """As Pdb.set_trace, but not in the kernel's frames, nor where it was left."""
    if Left.payload is cell.payload:
        return
    skipped: Any = self.skip
    self.skip = {*(skipped or ()), "_carme", "_carme.*"}
    enter(self, frame or sys._getframe().f_back, **options)


def command_loop(self: pdb.Pdb) -> None:
    """As Pdb._cmdloop, which asks again after an interrupt."""
    try:
        self.cmdloop()
    except KeyboardInterrupt:
        Left.payload = cell.payload
        self.message(LEFT)
        self.clear_all_breaks()
        self.set_continue()


def get_stack(self: pdb.Pdb, frame: Any, traceback: Any) -> Tuple[List[Any], int]:
    """As Bdb.get_stack, from the first cell's frame on and without those of the kernel."""
    stack, index = whole_stack(self, frame, traceback)
    first = 0
    while first < index and stack[first][0].f_code.co_filename not in cells:
        first += 1
    places = [n for n in range(first, len(stack)) if n == index or not is_kernels(stack[n][0])]
    return [stack[n] for n in places], places.index(index)


def is_kernels(frame: FrameType) -> bool:
    """Whether it runs code of ours, such as that of a magic."""
    return frame.f_code.co_filename.startswith("<carme")


def install() -> None:
    """All debuggers of pdb's, also subclasses' that do not say otherwise."""
    debugger: Any = sys.modules["pdb"].Pdb
    debugger.set_trace = set_trace
    debugger._cmdloop = command_loop
    debugger.get_stack = get_stack


enter: Any = pdb.Pdb.set_trace
whole_stack: Any = pdb.Pdb.get_stack
