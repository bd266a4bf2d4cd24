"""The shell in a browser's worker. Nothing may block there, so a cell that awaits ends later.

Source: Messaging in Jupyter, section "Execute".
"""

import sys
from _frozen_importlib_external import FileFinder

import _carme
from _carme.browser import event_loop, pip_magic
from _carme.interrupts import handlers
from _carme.run import execution
from _carme.session import sources, state
from _carme.shell.small_shell import SmallShell
from _carme.syntax import cell_compiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import List, Optional, Tuple

    Content = state.Content


class WorkerShell(SmallShell):
    """The small shell, with cells that await run as tasks of the worker's event loop."""

    blocks = False

    def execute(
        self, code: str, count: int, silent: bool, stored: bool, expressions: Content
    ) -> Optional[Tuple[bool, Content]]:
        """Runs a cell; None for one that awaits, at whose end _carme.done() is called."""
        return event_loop.Cell.context.run(run_cell, code, count, silent, stored, expressions)


def run_cell(
    code: str, count: int, silent: bool, stored: bool, expressions: Content
) -> Optional[Tuple[bool, Content]]:
    """Runs a cell to its end, or starts one that awaits."""
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
    """Lets imports find modules that were written after their directory was listed.

    The modification times of directories are too coarse for that in a worker's file system.
    """
    for finder in sys.path_importer_cache.values():
        if isinstance(finder, FileFinder):  # the finder of an archive would read it again
            finder.invalidate_caches()
