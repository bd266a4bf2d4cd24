"""Line breaking by groups, the algorithm of D. Oppen, "Prettyprinting" (1980).

Text is buffered from the first possible line break on. When the buffer no longer fits on the line,
the breaks of the outermost group in it become newlines.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

MAX_WIDTH = 79
MAX_SEQ_LENGTH = 1000


class _Group:
    """Breaks that become newlines together; `depth`: the number of enclosing groups."""

    __slots__ = ("broken", "depth")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.broken = False


class _Break:
    """A possible line break; `separator` is written if it does not become a newline."""

    __slots__ = ("group", "indentation", "separator")

    def __init__(self, separator: str, indentation: int, group: _Group) -> None:
        self.separator = separator
        self.indentation = indentation
        self.group = group


class _Scope:
    """A context manager of two functions, without the import of contextlib."""

    __slots__ = ("_enter", "_leave")

    def __init__(self, enter: Callable[[], None], leave: Callable[[], None]) -> None:
        self._enter = enter
        self._leave = leave

    def __enter__(self) -> None:
        self._enter()

    def __exit__(self, *_exc: object) -> None:
        self._leave()


class Layout:
    """Breaks text into lines of `max_width` columns, or more where no group has a break."""

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
        # What is not written yet; its first item is a _Break.
        self._buffer: list[str | _Break] = []
        self._buffer_width = 0
        self._groups = [_Group(0)]

    def value(self) -> str:
        """Return the text that is written (call flush() first)."""
        return "".join(self._written)

    def text(self, text: str) -> None:
        """Add literal text."""
        if self._buffer:
            self._buffer.append(text)
            self._buffer_width += len(text)
            self._fit()
        else:
            self._written.append(text)
            self._column += len(text)

    def breakable(self, sep: str = " ") -> None:
        """Add `sep`, or a newline if its group does not fit on one line."""
        group = self._groups[-1]
        if group.broken:
            self._newline()
            return
        self._buffer.append(_Break(sep, self.indentation, group))
        self._buffer_width += len(sep)
        self._fit()

    def break_(self) -> None:
        """Add a newline and the current indentation."""
        self._break_outermost()
        self._newline()

    def begin_group(self, indent: int = 0, open: str = "") -> None:  # noqa: A002
        """Begin a group: write `open`, then indent lines by `indent` more columns."""
        if open:
            self.text(open)
        self._groups.append(_Group(len(self._groups)))
        self.indentation += indent

    def end_group(self, dedent: int = 0, close: str = "") -> None:
        """End the innermost group: indent lines by `dedent` columns less, then write `close`."""
        self.indentation -= dedent
        self._groups.pop()
        if close:
            self.text(close)

    def group(self, indent: int = 0, open: str = "", close: str = "") -> _Scope:  # noqa: A002
        """Return a context manager that calls begin_group and end_group."""
        return _Scope(lambda: self.begin_group(indent, open), lambda: self.end_group(indent, close))

    def indent(self, indent: int) -> _Scope:
        """Return a context manager that indents lines by `indent` more columns."""
        return _Scope(lambda: self._shift(indent), lambda: self._shift(-indent))

    def flush(self) -> None:
        """Write the buffer."""
        self._write_buffer(len(self._buffer))

    def _shift(self, columns: int) -> None:
        self.indentation += columns

    def _enumerate(self, items: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """As enumerate(); after max_seq_length items it prints an ellipsis and stops."""
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
        while self._column + self._buffer_width > self.max_width:
            if not self._break_outermost():
                return

    def _break_outermost(self) -> bool:
        """Break the outermost group in the buffer (of equals the last); False if there is none."""
        outermost = None
        for item in self._buffer:
            if isinstance(item, _Break) and (
                outermost is None or item.group.depth <= outermost.depth
            ):
                outermost = item.group
        # The next breaks of enclosing groups become newlines, too.
        enclosing = self._groups if outermost is None else self._groups[: outermost.depth]
        for group in enclosing:
            group.broken = True
        if outermost is None:
            return False
        outermost.broken = True
        self._write_buffer(self._end_of(outermost))
        return True

    def _end_of(self, group: _Group) -> int:
        """The index in the buffer behind the last break of `group` and the text that follows it."""
        end = 0
        for index, item in enumerate(self._buffer):
            if isinstance(item, _Break):
                if item.group is group:
                    end = index + 1
            elif end == index:
                end = index + 1
        return end

    def _write_buffer(self, count: int) -> None:
        for item in self._buffer[:count]:
            if isinstance(item, str):
                self._buffer_width -= len(item)
                self._written.append(item)
                self._column += len(item)
                continue
            self._buffer_width -= len(item.separator)
            if item.group.broken:
                self._start_line(item.indentation)
            else:
                self._written.append(item.separator)
                self._column += len(item.separator)
        del self._buffer[:count]
