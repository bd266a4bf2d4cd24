"""%%capture.

Source: IPython's documentation, IPython.utils.capture.
"""

import sys
from io import StringIO

import _carme
from _carme.errors import report
from _carme.magics import arguments, user_code
from _carme.run import execution
from _carme.session import state
from _carme.syntax import cell_compiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

FLAGS = ("no-stdout", "no-stderr", "no-display")
KINDS = ("display_data", "execute_result", "update_display_data")


class RichOutput:
    """A captured display: data and metadata by mime type; transient and update as displayed."""

    def __init__(
        self,
        data: Optional[Dict[str, Any]] = None,
        metadata: Optional[Dict[str, Any]] = None,
        transient: Optional[Dict[str, Any]] = None,
        update: bool = False,
    ) -> None:
        """The arguments of display(), with raw=True."""
        self.data, self.metadata = data or {}, metadata or {}
        self.transient, self.update = transient or {}, update

    def display(self) -> None:
        """Shows it in the running cell."""
        content = {"data": self.data, "metadata": self.metadata, "transient": self.transient}
        _carme.publish("update_display_data" if self.update else "display_data", content, {})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.data, self.metadata


class CapturedIO:
    """The captured output of a cell. Calling it shows the output again."""

    def __init__(self, stdout: Any, stderr: Any, outputs: Optional[List[Any]] = None) -> None:
        """Two StringIO and the arguments of RichOutput; None for what was not captured."""
        self._stdout, self._stderr, self._outputs = stdout, stderr, outputs or []

    @property
    def stdout(self) -> str:
        """The captured stdout."""
        return self._stdout.getvalue() if self._stdout else ""

    @property
    def stderr(self) -> str:
        """The captured stderr."""
        return self._stderr.getvalue() if self._stderr else ""

    @property
    def outputs(self) -> List[RichOutput]:
        """The captured displays."""
        return [RichOutput(**each) for each in self._outputs]

    def show(self) -> None:
        """Shows the output again."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        for each in self.outputs:
            each.display()

    __call__ = show

    def __str__(self) -> str:
        return self.stdout


class Capture:
    """A block whose output is captured."""

    def __init__(self, stdout: bool = True, stderr: bool = True, display: bool = True) -> None:
        """Which kinds of output to capture."""
        self.out = StringIO() if stdout else None
        self.err = StringIO() if stderr else None
        self.outputs: Any = [] if display else None

    def __enter__(self) -> CapturedIO:
        self.kept = sys.stdout, sys.stderr, sys.displayhook, _carme.publish
        sys.stdout = self.out if self.out is not None else sys.stdout
        sys.stderr = self.err if self.err is not None else sys.stderr
        made = CapturedIO(self.out, self.err)
        if self.outputs is not None:
            made._outputs = self.outputs
            sys.displayhook = self.keep_result
            _carme.publish = self.publish  # type: ignore[assignment]
        return made

    def __exit__(self, *error: object) -> None:
        try:
            execution.flush_figures()
        finally:
            sys.stdout, sys.stderr, sys.displayhook, _carme.publish = self.kept

    def keep_result(self, value: object) -> None:
        """sys.displayhook: captures the result, which Out does not get."""
        if value is not None:
            from _carme.display import bundles

            if not bundles.displays_itself(value):
                data, metadata = bundles.bundle(value)
                self.outputs.append({"data": data, "metadata": metadata})

    def publish(self, kind: str, content: Dict[str, Any], metadata: Any, *more: Any) -> None:
        """Captures displays; publishes other messages, such as errors."""
        if kind in KINDS:
            names = ("data", "metadata", "transient")
            shown = {name: content[name] for name in names if name in content}
            self.outputs.append({**shown, "update": kind == "update_display_data"})
        elif kind == "clear_output":
            self.outputs.clear()
        else:
            self.kept[3](kind, content, metadata, *more)


def capture(line: str, cell: str) -> None:
    """Runs the cell and captures its output, under a name if one is given.

    An error of the code is shown and does not fail the cell, as under IPython.
    --no-stdout, --no-stderr, --no-display: not captured. A semicolon at the cell's end: the output
    is discarded.
    """
    found = arguments.read(line, FLAGS, positional="output")
    name = found["output"]
    kept = Capture(*(not found[flag.replace("-", "_")] for flag in FLAGS))
    try:
        with kept as result:
            value = user_code.run_text(cell)
            if value is not None:
                sys.displayhook(value)
    except Exception as error:
        report.report(error, silent=False)
    finally:
        if cell_compiler.is_quiet(cell):
            state.namespace.pop(name, None)
        elif name:
            state.namespace[name] = result
