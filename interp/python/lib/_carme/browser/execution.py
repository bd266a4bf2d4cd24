"""Cells in a browser's worker: one that awaits ends later, since nothing may block there.

Source: Messaging in Jupyter, section "Execute".
"""

import sys
from _frozen_importlib_external import FileFinder
from _signal import SIGALRM
from _signal import signal as set_signal

import _carme
from _carme.browser import event_loop, pip_magic
from _carme.interrupts import handlers
from _carme.run import execution
from _carme.session import sources, state
from _carme.session.current import Current
from _carme.shell.small_shell import SmallShell
from _carme.syntax import cell_compiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, List, Optional, Tuple

    from _carme.browser.worker_api import Host

    Content = state.Content


def prepare(host: Host) -> None:
    """Puts what differs in a worker in the place of the shell's and of the library's."""
    from _carme.browser import time_sleep, unsupported

    Current.shell = WorkerShell()
    event_loop.install()
    time_sleep.install(host)
    unsupported.install()
    if sys.platform == "emscripten":
        set_signal(SIGALRM, post_text)
        _carme.watcher.after("urllib.request", patch_urllib)


def post_text(number: int, frame: Any) -> None:
    """The host's way to interrupt a computation: the text that waits leaves."""
    _carme.tick()


def patch_urllib() -> None:
    """HTTP goes through the browser."""
    from _carme.browser import urllib_xhr

    urllib_xhr.install()


class WorkerShell(SmallShell):
    """The small shell; a cell that awaits ends later."""

    blocks = False

    def execute(
        self, code: str, count: int, silent: bool, stored: bool, expressions: Content
    ) -> Optional[Tuple[bool, Content]]:
        """None for a cell that awaits: _carme.done() follows."""
        return event_loop.Cell.context.run(run_cell, code, count, silent, stored, expressions)


def run_cell(
    code: str, count: int, silent: bool, stored: bool, expressions: Content
) -> Optional[Tuple[bool, Content]]:
    """Runs a plain cell to its end, or begins one that awaits."""
    execution.begin(count, stored)
    forget_directories()
    pieces: List[CodeType] = []
    results: Content = {}
    failure: Optional[BaseException] = None
    try:
        with handlers.Interruptible():
            name = sources.name_cell(code, count, stored)
            pieces, _ = cell_compiler.compile_cell(pip_magic.rewrite(code), name, silent)
            if not cell_compiler.awaits(pieces):
                execution.run_pieces(pieces)
                results = execution.evaluate_all(expressions)
    except BaseException as error:
        failure = error
    if failure is not None or not cell_compiler.awaits(pieces):
        return execution.conclude(failure, results, silent)
    begin(pieces, silent, expressions)
    return None


def begin(pieces: List[CodeType], silent: bool, expressions: Content) -> None:
    """Starts a cell that awaits."""
    guard = handlers.Interruptible()
    guard.__enter__()

    def ended(failure: Optional[BaseException]) -> None:
        results: Content = {}
        try:
            if failure is None:
                results = execution.evaluate_all(expressions)
        except BaseException as error:
            failure = error
        guard.__exit__()
        _carme.done(execution.conclude(failure, results, silent))

    event_loop.begin(pieces, state.namespace, ended)


def forget_directories() -> None:
    """A module written beside the notebook after a first import from there is found as well.

    Directories' time stamps are too coarse for that in a worker's file system.
    """
    for finder in sys.path_importer_cache.values():
        if isinstance(finder, FileFinder):  # an archive would be read again
            finder.invalidate_caches()
