"""Breaking of text into lines by groups, as Oppen's pretty printer does it.

Text and optional breaks are held back until they are known to fit on the line; when they do not,
the outermost group that still has a break is broken at all its breaks.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

MAX_WIDTH = 79
MAX_SEQ_LENGTH = 1000


class _Group:
    """Breaks that become newlines together; `depth` counts the groups around it."""

    __slots__ = ("broken", "depth")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.broken = False


class _Break:
    """A place where the line may end; `separator` stands there when it does not."""

    __slots__ = ("group", "indentation", "separator")

    def __init__(self, separator: str, indentation: int, group: _Group) -> None:
        self.separator = separator
        self.indentation = indentation
        self.group = group


class _Scope:
    """Calls one function on entry and another on exit (contextlib is not imported)."""

    __slots__ = ("_enter", "_leave")

    def __init__(self, enter: Callable[[], None], leave: Callable[[], None]) -> None:
        self._enter = enter
        self._leave = leave

    def __enter__(self) -> None:
        self._enter()

    def __exit__(self, *_exc: object) -> None:
        self._leave()


class Layout:
    """Breaks text into lines of at most `max_width` columns where its groups allow it."""

    def __init__(
        self,
        max_width: int = MAX_WIDTH,
        max_seq_length: int = MAX_SEQ_LENGTH,
        newline: str = "\n",
    ) -> None:
        self.max_width = max_width
        self.max_seq_length = max_seq_length
        self.newline = newline
        self.indentation = 0
        self._written: list[str] = []
        self._column = 0
        # Held back text; when it is not empty, its first item is a _Break.
        self._held: list[str | _Break] = []
        self._held_width = 0
        self._groups = [_Group(0)]

    def value(self) -> str:
        """Return all text that was written (call flush() first)."""
        return "".join(self._written)

    def text(self, text: str) -> None:
        """Add literal text."""
        if self._held:
            self._held.append(text)
            self._held_width += len(text)
            self._fit()
        else:
            self._written.append(text)
            self._column += len(text)

    def breakable(self, sep: str = " ") -> None:
        """Add `sep`, or a newline if the group around it does not fit on one line."""
        group = self._groups[-1]
        if group.broken:
            self._newline()
            return
        self._held.append(_Break(sep, self.indentation, group))
        self._held_width += len(sep)
        self._fit()

    def break_(self) -> None:
        """Add a newline and the current indentation."""
        self._break_outermost()
        self._newline()

    def begin_group(self, indent: int = 0, open: str = "") -> None:  # noqa: A002
        """Start a group: write `open`, then indent its lines by `indent` more columns."""
        if open:
            self.text(open)
        self._groups.append(_Group(len(self._groups)))
        self.indentation += indent

    def end_group(self, dedent: int = 0, close: str = "") -> None:
        """End the innermost group: take `dedent` columns back, then write `close`."""
        self.indentation -= dedent
        self._groups.pop()
        if close:
            self.text(close)

    def group(self, indent: int = 0, open: str = "", close: str = "") -> _Scope:  # noqa: A002
        """Return a context manager that calls begin_group and end_group."""
        return _Scope(lambda: self.begin_group(indent, open), lambda: self.end_group(indent, close))

    def indent(self, indent: int) -> _Scope:
        """Return a context manager inside which lines start `indent` columns further right."""
        return _Scope(lambda: self._shift(indent), lambda: self._shift(-indent))

    def flush(self) -> None:
        """Write everything that is held back."""
        self._write_held(len(self._held))

    def _shift(self, columns: int) -> None:
        self.indentation += columns

    def _enumerate(self, items: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """Like enumerate(); writes an ellipsis and stops after max_seq_length items."""
        for index, item in enumerate(items):
            if self.max_seq_length and index >= self.max_seq_length:
                self.text(",")
                self.breakable()
                self.text("...")
                return
            yield index, item

    def _newline(self) -> None:
        self.flush()
        self._start_line(self.indentation)

    def _start_line(self, indentation: int) -> None:
        self._written.append(self.newline + " " * indentation)
        self._column = indentation

    def _fit(self) -> None:
        while self._column + self._held_width > self.max_width:
            if not self._break_outermost():
                return

    def _break_outermost(self) -> bool:
        """Break the outermost group with a held break (the latest of equals); False if none."""
        chosen = None
        for item in self._held:
            if isinstance(item, _Break) and (chosen is None or item.group.depth <= chosen.depth):
                chosen = item.group
        # Groups around it without a held break end their line at their next break.
        around = self._groups if chosen is None else self._groups[: chosen.depth]
        for group in around:
            group.broken = True
        if chosen is None:
            return False
        chosen.broken = True
        self._write_held(self._end_of(chosen))
        return True

    def _end_of(self, group: _Group) -> int:
        """Index in the held items after the last break of `group` and the text behind it."""
        end = 0
        for index, item in enumerate(self._held):
            if isinstance(item, _Break):
                if item.group is group:
                    end = index + 1
            elif end == index:
                end = index + 1
        return end

    def _write_held(self, count: int) -> None:
        for item in self._held[:count]:
            if isinstance(item, str):
                self._held_width -= len(item)
                self._written.append(item)
                self._column += len(item)
                continue
            self._held_width -= len(item.separator)
            if item.group.broken:
                self._start_line(item.indentation)
            else:
                self._written.append(item.separator)
                self._column += len(item.separator)
        del self._held[:count]
