"""%%capture.

Source: IPython's documentation, IPython.utils.capture.
"""

import sys

import _carme
from _carme import shell
from _carme.magics import code, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List


class Text:
    """A stream that keeps what is written."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self) -> None:
        """With nothing in it."""
        self.parts: List[str] = []

    def write(self, text: str) -> int:
        """Keeps it."""
        self.parts.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def getvalue(self) -> str:
        """All of it."""
        return "".join(self.parts)


class RichOutput:
    """Something that was shown: data and metadata by mime type."""

    def __init__(self, kind: str, content: Dict[str, Any]) -> None:
        """From a message's content."""
        self.kind, self.content = kind, content
        self.data, self.metadata = content.get("data", {}), content.get("metadata", {})

    def display(self) -> None:
        """Shows it in the cell that runs."""
        content = {**self.content, "transient": self.content.get("transient", {})}
        content.pop("execution_count", None)
        _carme.publish("display_data", content, {})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.data, self.metadata


class CapturedIO:
    """What a captured cell has written and shown. Calling it shows all of it again."""

    def __init__(self, out: Any, err: Any, outputs: Any) -> None:
        """None for what was not captured."""
        self._out, self._err, self._outputs = out, err, outputs

    @property
    def stdout(self) -> str:
        """What went to stdout."""
        return self._out.getvalue() if self._out else ""

    @property
    def stderr(self) -> str:
        """What went to stderr."""
        return self._err.getvalue() if self._err else ""

    @property
    def outputs(self) -> List[RichOutput]:
        """What was shown."""
        return list(self._outputs or ())

    def show(self) -> None:
        """Writes and shows it again."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)
        for each in self.outputs:
            each.display()

    __call__ = show

    def __str__(self) -> str:
        return self.stdout


class Capture:
    """In its block texts and what is shown are kept."""

    def __init__(self, stdout: bool = True, stderr: bool = True, display: bool = True) -> None:
        """What of it is to be kept."""
        self.out = Text() if stdout else None
        self.err = Text() if stderr else None
        self.outputs: Any = [] if display else None

    def __enter__(self) -> CapturedIO:
        self.kept = sys.stdout, sys.stderr, _carme.publish
        sys.stdout = self.out or sys.stdout
        sys.stderr = self.err or sys.stderr
        if self.outputs is not None:
            _carme.publish = self.publish  # type: ignore[assignment]
        return CapturedIO(self.out, self.err, self.outputs)

    def __exit__(self, *error: object) -> None:
        sys.stdout, sys.stderr, _carme.publish = self.kept

    def publish(self, kind: str, content: Dict[str, Any], metadata: Any, *more: Any) -> None:
        """Keeps what is shown; errors and the like go out."""
        if kind in ("display_data", "execute_result", "update_display_data"):
            self.outputs.append(RichOutput(kind, content))
        else:
            self.kept[2](kind, content, metadata, *more)


def capture(line: str, cell: str) -> None:
    """Runs the cell and keeps its output, under a name if one is given.

    --no-stdout, --no-stderr, --no-display: that is shown as ever.
    """
    found, name = options.take(line, "", ("no-stdout", "no-stderr", "no-display"))
    kept = Capture(*(f"no-{part}" not in found for part in ("stdout", "stderr", "display")))
    with kept as result:
        value = code.run_text(cell)
        if value is not None:
            shell.displayhook(value)
    if name:
        shell.namespace[name] = result
