"""What the worker adds to Python: imports from the site, and waiting by suspension."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

DEBUGGER = sys.monitoring.DEBUGGER_ID


class SiteFinder:
    """The last finder on sys.meta_path: unpacks the wheel beside the site that has the module."""

    def __init__(self, provide: Callable[[str], bool]) -> None:
        """`provide` unpacks the wheel with that top-level module; False: there is none."""
        self.provide = provide

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The protocol of importlib."""
        if path is not None or not self.provide(name):
            return None
        importlib.invalidate_caches()
        return PathFinder.find_spec(name)


def install(provide: Callable[[str], bool]) -> None:
    """Makes the wheels beside the site importable."""
    sys.meta_path.append(SiteFinder(provide))


class SuspendingHost:
    """A host whose waits suspend Python: the browser's event loop goes on below it."""

    def __init__(self, host: Any) -> None:
        """`host`: its ask_later and sleep_later return promises."""
        self._host = host

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def ask(self, *texts: str) -> str | None:
        """The content of an input_reply; None: interrupted."""
        return self._wait(self._host.ask_later(*texts))

    def sleep(self, milliseconds: float) -> bool:
        """True: ended by an interrupt."""
        return self._wait(self._host.sleep_later(milliseconds))

    @staticmethod
    def _wait(promise: Any) -> Any:
        from pyodide.ffi import run_sync

        with Untraced():
            return run_sync(promise)


class Untraced:
    """The loop that goes on while Python is suspended is not what a debugger steps through."""

    def __enter__(self) -> None:
        """Takes away what bdb has set, of its two back ends."""
        self.function = sys.gettrace()
        sys.settrace(None)
        self.is_monitoring = sys.monitoring.get_tool(DEBUGGER) is not None
        if self.is_monitoring:
            self.events = sys.monitoring.get_events(DEBUGGER)
            sys.monitoring.set_events(DEBUGGER, 0)

    def __exit__(self, *_: object) -> None:
        """Puts it back."""
        if self.is_monitoring:
            sys.monitoring.set_events(DEBUGGER, self.events)
        sys.settrace(self.function)


def suspending(host: Any) -> SuspendingHost:
    """What lite.start takes where waiting is done by suspension."""
    return SuspendingHost(host)
