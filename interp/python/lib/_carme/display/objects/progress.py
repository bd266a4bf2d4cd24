"""A progress bar. Source: IPython's documentation, IPython.display.ProgressBar."""

from _carme.display import display_functions
from _carme.display.objects.base import DisplayObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ProgressBar(DisplayObject):
    """A progress bar, displayed again when `progress` is set; an iterator over its steps."""

    def __init__(self, total: Any) -> None:
        """The number of steps."""
        from binascii import hexlify
        from posix import urandom

        self.total = total
        self._progress: Any = 0
        self.html_width = "60ex"
        self.text_width = 60
        self._display_id = hexlify(urandom(8)).decode()

    def __repr__(self) -> str:
        fraction = self.progress / self.total if self.total else 0
        filled = "=" * int(fraction * self.text_width)
        return f"[{filled.ljust(self.text_width)}] {self.progress}/{self.total}"

    def _repr_html_(self) -> str:
        style = f"style='width:{self.html_width}'"
        return f"<progress {style} max='{self.total}' value='{self.progress}'></progress>"

    def display(self) -> None:
        """Displays it in a new output."""
        display_functions.display(self, display_id=self._display_id)

    def update(self) -> None:
        """Displays it again in the same output."""
        display_functions.display(self, display_id=self._display_id, update=True)

    @property
    def progress(self) -> Any:
        """The number of steps that are done; setting it displays the bar again."""
        return self._progress

    @progress.setter
    def progress(self, value: Any) -> None:
        self._progress = value
        self.update()

    def __iter__(self) -> Any:
        self.display()
        self._progress = -1
        return self

    def __next__(self) -> Any:
        self.progress += 1
        if self.progress < self.total:
            return self.progress
        raise StopIteration
