"""The source lines around the current line of a frame, and the columns that are executed.

The format is that of IPython's "Context" mode.
"""

from _carme.syntax.highlight import GREEN, colour, paint
from _carme.syntax.lexer import logical_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

    Excerpt = list[tuple[int, str]]
    Columns = dict[int, tuple[int, int]]

# The context, as in IPython 9: in lines of a cell, and in logical lines of a file.
_CELL_BEFORE, _CELL_AFTER = 4, 3
_FILE_BEFORE = _FILE_AFTER = 2
# Of a logical line of more lines than this, unless it is the current one, the middle is left out.
_MAX_LINES, _HEAD_LINES, _TAIL_LINES = 6, 3, 2
# Lines are highlighted from the start of the function, at most so many around the current line.
_MAX_BEFORE, _MAX_AFTER = 400, 60


def _block(lines: list[str], code: CodeType, number: int) -> tuple[int, int]:
    """Return the half-open range of line indexes of the frame's function, near line `number`."""
    end = min(len(lines), number + _MAX_AFTER)
    if code.co_name == "<module>":
        return max(0, number - _MAX_BEFORE), end
    start = code.co_firstlineno - 1
    if not 0 <= start < number:
        start = number - 1
    if code.co_name.startswith("<"):  # a lambda or comprehension is part of a line
        return start, number
    indent = indentation(lines[start])
    for index in range(number, end):
        line = lines[index]
        if line.strip() and indentation(line) <= indent and line.lstrip()[0] not in ")]}#":
            end = index
            break
    while end > number and not lines[end - 1].strip():
        end -= 1
    return max(start, number - _MAX_BEFORE), end


def indentation(line: str) -> int:
    """Return the number of whitespace characters that a line begins with."""
    return len(line) - len(line.lstrip())


def of_cell(lines: list[str], code: CodeType, number: int, marks: Columns) -> Excerpt:
    """Return (line number, highlighted line) around line `number` of a cell."""
    start, end = _block(lines, code, number)
    shown = colour("\n".join(lines[start:end]), _moved(marks, start))
    first = max(start, number - 1 - _CELL_BEFORE)
    last = min(end, number + _CELL_AFTER)
    return [(index + 1, shown[index - start]) for index in range(first, last)]


def of_file(lines: list[str], code: CodeType, number: int, marks: Columns) -> Excerpt:
    """Return the same for a file; the number -1 stands for lines that are left out."""
    start, end = _block(lines, code, number)
    text = "\n".join(lines[start:end])
    statements = [(start + first, start + last) for first, last, _ in logical_lines(text)]
    ends = [last for _, last in statements]
    current = next((i for i, last in enumerate(ends) if last >= number - 1), len(ends) - 1)
    chosen = statements[max(0, current - _FILE_BEFORE) : current + 1 + _FILE_AFTER]
    indexes = [index for each in chosen for index in _shortened(each, number - 1)]
    margin = min((indentation(lines[i]) for i in indexes if i >= 0 and lines[i].strip()), default=0)
    shown = colour(text, _moved(marks, start))
    return [
        (-1, paint("   (...)", GREEN)) if i < 0 else (i + 1, _dedent(shown[i - start], margin))
        for i in indexes
    ]


def _shortened(statement: tuple[int, int], current: int) -> list[int]:
    """Return the line indexes of a logical line; -1 in the place of the middle of a long one."""
    first, last = statement
    indexes = list(range(first, last + 1))
    if len(indexes) <= _MAX_LINES or first <= current <= last:
        return indexes
    return [*indexes[:_HEAD_LINES], -1, *indexes[-_TAIL_LINES:]]


def _dedent(shown: str, margin: int) -> str:
    # Inside a string, the margin follows the escape sequence of the colour.
    blank = " " * margin
    if shown.startswith(blank):
        return shown[margin:]
    return shown.replace(blank, "", 1) if "\x1b" in shown[:1] else shown


def _moved(marks: Columns, start: int) -> Columns:
    return {line - start: columns for line, columns in marks.items()}


def executing_columns(tb: TracebackType, lines: list[str]) -> Columns:
    """Return the columns of the executing expression by line index (Python 3.11+).

    There are none when the expression is all of its lines.
    """
    position = _position(tb.tb_frame, tb.tb_lasti)
    if position is None:
        return {}
    first, last, begin, end = position
    marks = {}
    for number in range(first, min(last, len(lines)) + 1):
        line = lines[number - 1]
        start = _column(line, begin) if number == first else indentation(line)
        stop = _column(line, end) if number == last else len(line.rstrip())
        marks[number - 1] = (start, stop)
    whole = all(lines[i].strip() == lines[i][a:b].strip() for i, (a, b) in marks.items())
    return {} if whole else marks


def _position(frame: FrameType, lasti: int) -> tuple[int, int, int, int] | None:
    positions = getattr(frame.f_code, "co_positions", None)
    if positions is None or lasti < 0:
        return None
    for index, (first, last, begin, end) in enumerate(positions()):
        if index == lasti // 2:
            if None in (first, last, begin, end):
                return None
            return first, last, begin, end
    return None


def _column(line: str, offset: int) -> int:
    """Return the column of a byte offset into the UTF-8 form of `line`."""
    if line.isascii():
        return offset
    return len(line.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))
