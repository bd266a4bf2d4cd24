"""Qt's windows, by PyQt or PySide. Source: Qt's documentation, QEventLoop, QSocketNotifier."""

import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from select import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple

POLL_MS = 10
PROBE_SECONDS = 60
DEFERRED_DELETE = 52  # QEvent::DeferredDelete
BINDINGS = {"PyQt6": "qt6", "PySide6": "qt6", "PyQt5": "qt5", "PySide2": "qt5"}


class Toolkit:
    """Qt's application; it is made unless the user has made one."""

    def __init__(self, name: str) -> None:
        """ImportError: no Qt for Python. RuntimeError: it can not open windows here."""
        binding = find(name)
        self.core: Any = import_module(binding + ".QtCore")
        widgets: Any = import_module(binding + ".QtWidgets")
        if widgets.QApplication.instance() is None:
            probe(binding)
        if sys.excepthook is sys.__excepthook__:  # PyQt ends the process at an error otherwise
            sys.excepthook = lambda *error: sys.__excepthook__(*error)
        self.app = widgets.QApplication.instance() or widgets.QApplication([""])
        self.app.setQuitOnLastWindowClosed(False)
        self.loop = self.core.QEventLoop()
        flags = self.core.QEventLoop.ProcessEventsFlag
        self.waiting = flags.AllEvents | flags.WaitForMoreEvents
        self.notifier: Any = None
        self.timer = self.core.QTimer()
        self.timer.setSingleShot(True)
        # not a Python function: PySide ends the process if the handler of a signal raises while it
        # converts the arguments
        self.timer.timeout.connect(self.loop.quit)

    def watch(self, fd: int) -> None:
        """Ends the wait for events when the descriptor is readable."""
        if self.notifier is None or int(self.notifier.socket()) != fd:
            kind = self.core.QSocketNotifier.Type.Read
            self.notifier = self.core.QSocketNotifier(fd, kind)
            self.notifier.activated.connect(self.loop.quit)
        self.notifier.setEnabled(True)

    def run(self, fd: int, seconds: Optional[float], is_due: Callable[[], bool]) -> None:
        """See event_loop."""
        self.watch(fd)
        if seconds is not None:
            self.timer.start(int(seconds * 1000) + 1)
        try:
            while not is_due() and not select([fd], [], [], 0)[0]:
                if seconds is not None and not self.timer.isActive():
                    break  # the timer may fire early, and fires once
                self.loop.processEvents(self.waiting)
                self.core.QCoreApplication.sendPostedEvents(None, DEFERRED_DELETE)
        finally:
            self.timer.stop()
            self.notifier.setEnabled(False)

    def poll(self) -> None:
        """See event_loop."""
        self.loop.processEvents(self.core.QEventLoop.ProcessEventsFlag.AllEvents, POLL_MS)


def find(name: str) -> str:
    """The binding to use: the imported one, QT_API's, or the first that is installed."""
    for binding, version in BINDINGS.items():
        if binding + ".QtCore" in sys.modules:
            if name not in ("qt", version):
                raise RuntimeError(
                    f"Cannot switch Qt versions for this session; you must use {version}."
                )
            return binding
    asked = os.environ.get("QT_API", "").lower()
    fit = [each for each, version in BINDINGS.items() if name in ("qt", version)]
    fit.sort(key=lambda each: each.lower() != asked)
    for binding in fit:
        if find_spec(binding) is not None:
            return binding
    raise ImportError(f"%gui {name}: none of {', '.join(fit)} is installed: %pip install {fit[0]}")


def probe(binding: str) -> None:
    """RuntimeError: a QApplication would abort this process: no display, or no library."""
    code = f"from {binding}.QtWidgets import QApplication; QApplication([''])"
    status, text = run([sys.executable, "-c", code])
    if status != 0:
        lines = [line for line in text.splitlines() if line.strip()]
        raise RuntimeError(f"{binding} can open no windows here: {' '.join(lines[:2])}")


def run(command: List[str]) -> Tuple[int, str]:
    """Return the exit status and the output of a command."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PROBE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return 1, f"no answer in {PROBE_SECONDS} s"
    return done.returncode, done.stdout.decode(errors="replace")
