"""%autoawait, %background.

Source: IPython's documentation, "Asynchronous in REPL: Autoawait".
"""

from importlib import import_module

from _carme.errors.usage import UsageError
from _carme.magics.function import show
from _carme.session import sources, state
from _carme.syntax import cell_compiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import CodeType
    from typing import Any, Dict, List

RUNNERS = ("trio", "curio")


class LoopRunner:
    """Runs cells that await with run() of trio or curio."""

    def __init__(self, name: str) -> None:
        """UsageError: the library is not installed."""
        try:
            self.run = import_module(name).run
        except ImportError as error:
            raise UsageError(f"%autoawait {name}: {error}") from None
        self.name = name

    def __call__(self, pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
        """Runs one cell."""
        from _carme.concurrency import loop
        from _carme.output import parent_request

        parent_request.bind_context()
        try:
            self.run(loop.in_context, loop.run_pieces(pieces, namespace))
        finally:
            loop.keep_variables()


def autoawait(line: str) -> None:
    """Sets what runs cells that await: `asyncio` or `on`, `trio`, `curio`, `off`; or prints it."""
    text = line.strip().lower()
    if not text:
        show(f"IPython autoawait is `{setting()}`, and set to use `{runner()}`")
    elif text in ("asyncio", "true", "on", "1"):
        state.State.loop_runner = None
        cell_compiler.Flags.value |= cell_compiler.TOP_LEVEL_AWAIT
    elif text in ("false", "off", "0"):
        cell_compiler.Flags.value &= ~cell_compiler.TOP_LEVEL_AWAIT
    elif text in RUNNERS:
        state.State.loop_runner = LoopRunner(text)
        cell_compiler.Flags.value |= cell_compiler.TOP_LEVEL_AWAIT
    else:
        raise UsageError(f"%autoawait {text}: it is asyncio, trio, curio, on or off")


def setting() -> str:
    """Whether cells may await: "on" or "off"."""
    return "on" if cell_compiler.Flags.value & cell_compiler.TOP_LEVEL_AWAIT else "off"


def runner() -> str:
    """The library that runs cells that await."""
    return state.State.loop_runner.name if state.State.loop_runner is not None else "asyncio"


def background(line: str, cell: str = "") -> Future[Any]:
    """Runs a coroutine or the cell in the background, and returns a future: as carme.background."""
    from _carme.concurrency import background as beside

    if not cell:
        name = sources.name_cell(line, state.cell.count, stored=False)
        return beside.background(eval(compile(line.strip(), name, "eval"), state.namespace))
    name = sources.name_cell(cell, state.cell.count, stored=False)
    code = compile(cell_compiler.parse(cell, name), name, "exec", cell_compiler.Flags.value, True)
    if not cell_compiler.awaits([code]):
        raise UsageError("%%background: the cell awaits nothing; a thread can run it: threading")
    return beside.background(eval(code, state.namespace))
