"""wxPython's windows. Source: wxPython's documentation, wx.GUIEventLoop."""

from importlib import import_module
from select import select
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

TURN_SECONDS = 0.02  # its loop watches no descriptors: how often events and fd are polled


class Toolkit:
    """wx's application; it is made unless the user has made one."""

    def __init__(self, name: str) -> None:
        """ImportError: no wxPython. RuntimeError: there is no display."""
        try:
            wx: Any = import_module("wx")
        except ImportError as error:
            raise ImportError(f"%gui {name}: {error}: %pip install wxPython") from None
        if not wx.GetApp() and not wx.App.IsDisplayAvailable():
            raise RuntimeError(f"%gui {name}: wxPython can open no windows here: is DISPLAY right?")
        self.wx = wx
        self.app = wx.GetApp() or wx.App(False)
        self.app.SetExitOnFrameDelete(False)
        self.loop = wx.GUIEventLoop()

    def run(self, fd: int, seconds: Optional[float], is_due: Callable[[], bool]) -> None:
        """See event_loop."""
        end = monotonic() + seconds if seconds is not None else float("inf")
        while monotonic() < end and not is_due():
            self.poll()
            if is_due() or select([fd], [], [], TURN_SECONDS)[0]:
                break

    def poll(self) -> None:
        """See event_loop."""
        activator = self.wx.EventLoopActivator(self.loop)
        try:
            while self.loop.Pending():
                self.loop.Dispatch()
            self.app.ProcessPendingEvents()
            self.loop.ProcessIdle()
        finally:
            del activator
