"""What a cell waits for until its test lets it go on."""

from __future__ import annotations

from pathlib import Path


class Gate:
    """A file that does not exist before the gate is open."""

    def __init__(self, path: Path) -> None:
        """`path`: where nothing is."""
        self.path = path

    @property
    def closed(self) -> str:
        """An expression of Python: whether a cell has still to wait."""
        return f"not __import__('os').path.exists({str(self.path)!r})"

    @property
    def wait(self) -> str:
        """A line of Python that waits; an interrupt ends it."""
        return f"while {self.closed}: __import__('time').sleep(0.01)\n"

    def open(self) -> None:
        """Lets the cell go on."""
        self.path.touch()
