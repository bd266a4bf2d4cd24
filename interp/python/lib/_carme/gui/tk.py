"""tkinter's windows.

Source: the tkinter module's documentation, "File Handlers"; Tcl_DoOneEvent(3).
"""

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

POLL_SECONDS = 0.01
READABLE = DONT_WAIT = 2  # TCL_READABLE, TCL_DONT_WAIT of tcl.h


class Toolkit:
    """All interpreters of this thread."""

    def __init__(self, name: str) -> None:
        """ImportError: this Python has no tkinter. RuntimeError: there is no display."""
        try:
            import tkinter
        except ImportError as error:
            raise ImportError(
                f"%gui {name}: this Python has no tkinter ({error}); Debian's is python3-tk"
            ) from None
        try:
            tkinter.Tk().destroy()
        except tkinter.TclError as error:
            raise RuntimeError(f"%gui {name}: {error}") from None
        # an interpreter without a window handles the events of all others
        self.app: Any = tkinter.Tcl().tk

    def run(self, fd: int, seconds: Optional[float], is_due: Callable[[], bool]) -> None:
        """See event_loop."""
        ended: List[bool] = []
        self.app.createfilehandler(fd, READABLE, lambda *_: ended.append(True))
        timer = None
        if seconds is not None:
            timer = self.app.createtimerhandler(int(seconds * 1000) + 1, lambda: ended.append(True))
        try:
            while not ended and not is_due():
                self.app.dooneevent(0)
        finally:
            self.app.deletefilehandler(fd)
            if timer is not None:
                timer.deletetimerhandler()

    def poll(self) -> None:
        """See event_loop."""
        end = monotonic() + POLL_SECONDS
        while self.app.dooneevent(DONT_WAIT) and monotonic() < end:
            pass
