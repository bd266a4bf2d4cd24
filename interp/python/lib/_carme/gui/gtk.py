"""GTK's windows, by PyGObject. Source: GLib's documentation, "The Main Event Loop"."""

from importlib import import_module
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

POLL_SECONDS = 0.01
VERSIONS = {"gtk": "3.0", "gtk3": "3.0", "gtk4": "4.0"}


class Toolkit:
    """GLib's default context."""

    def __init__(self, name: str) -> None:
        """ImportError: no PyGObject, or not that GTK. RuntimeError: there is no display."""
        try:
            gi = import_module("gi")
            for library in ("Gdk", "Gtk"):
                gi.require_version(library, VERSIONS[name])
            import_module("gi.repository.Gtk")
            gdk: Any = import_module("gi.repository.Gdk")
            self.glib: Any = import_module("gi.repository.GLib")
        except ImportError as error:
            raise ImportError(f"%gui {name}: {error}; Debian's is python3-gi") from None
        except ValueError as error:  # not that version, or another one runs already
            raise ImportError(f"%gui {name}: {error}") from None
        if gdk.Display.get_default() is None:
            raise RuntimeError(f"%gui {name}: GTK can open no windows here: is DISPLAY right?")
        self.context = self.glib.MainContext.default()

    def run(self, fd: int, seconds: Optional[float], is_due: Callable[[], bool]) -> None:
        """See event_loop."""
        ended: List[bool] = []

        def end(*_: object) -> bool:
            ended.append(True)
            return True

        kind = self.glib.IOCondition.IN
        sources = [self.glib.io_add_watch(fd, self.glib.PRIORITY_DEFAULT, kind, end)]
        if seconds is not None:
            sources.append(self.glib.timeout_add(int(seconds * 1000) + 1, end))
        try:
            while not ended and not is_due():
                self.context.iteration(True)
        finally:
            for source in sources:
                self.glib.source_remove(source)

    def poll(self) -> None:
        """See event_loop."""
        end = monotonic() + POLL_SECONDS
        while self.context.iteration(False) and monotonic() < end:
            pass
