"""What runs a cell that awaits, and what goes on beside cells: %autoawait, %background.

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
    """Runs cells that await by the function run() of a library."""

    def __init__(self, name: str) -> None:
        """UsageError: the library is not installed."""
        try:
            self.run = import_module(name).run
        except ImportError as error:
            raise UsageError(f"%autoawait {name}: {error}") from None
        self.name = name

    def __call__(self, pieces: List[CodeType], namespace: Dict[str, Any]) -> None:
        """One cell, to its end."""
        from _carme.concurrency import loop
        from _carme.output import parent_request

        parent_request.bind_context()
        try:
            self.run(loop.in_context, loop.run_pieces(pieces, namespace))
        finally:
            loop.keep_variables()


def autoawait(line: str) -> None:
    """`asyncio` or `on`, `trio`, `curio`, `off`; nothing: what it is."""
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
    """Whether cells may await."""
    return "on" if cell_compiler.Flags.value & cell_compiler.TOP_LEVEL_AWAIT else "off"


def runner() -> str:
    """Who runs those that do."""
    return state.State.loop_runner.name if state.State.loop_runner is not None else "asyncio"


def background(line: str, cell: str = "") -> Future[Any]:
    """`%background serve()`, or the whole cell: see carme.background. Its value is the future."""
    from _carme.concurrency import background as beside

    if not cell:
        name = sources.name_cell(line, state.cell.count, stored=False)
        return beside.background(eval(compile(line.strip(), name, "eval"), state.namespace))
    name = sources.name_cell(cell, state.cell.count, stored=False)
    code = compile(cell_compiler.parse(cell, name), name, "exec", cell_compiler.Flags.value, True)
    if not cell_compiler.awaits([code]):
        raise UsageError("%%background: the cell awaits nothing; a thread can run it: threading")
    return beside.background(eval(code, state.namespace))
