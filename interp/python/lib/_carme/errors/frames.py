"""One frame of a traceback as text: where it is, and the source lines around it.

The shape is IPython's "Context" mode. Cells are named by their execution count, files by path.
"""

from _carme.session.lines import universal_newlines
from _carme.syntax.highlight import BLUE, CYAN, GREEN, YELLOW, colour, paint
from _carme.syntax.lexer import logical_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import CodeType, FrameType, TracebackType

    Cells = Mapping[str, tuple[int, str]]
    Excerpt = list[tuple[int, str]]
    Style = tuple[str, str]

INTERNAL = "<carme"
_NO_SOURCE = "'Could not get source, probably due dynamically evaluated source code.'"
_NO_SOURCE_REACH = 4  # lines from its function's first up to which IPython says so of a frame
_NUMBER_WIDTH = 7
# Context in lines of a cell, and in logical lines of a file, as in IPython 9.
_CELL_BEFORE, _CELL_AFTER = 4, 3
_FILE_BEFORE = _FILE_AFTER = 2
_LONG_PIECE, _PIECE_HEAD, _PIECE_TAIL = 6, 3, 2
# Source is read from the start of the frame's function, but from no further away than this.
_REACH_BEFORE, _REACH_AFTER = 400, 60


def name_of(
    filename: str, cells: Cells, line: int | None, what: Style = CYAN, place: Style = GREEN
) -> str:
    """Return the coloured name of a cell or file, with the line number if there is one."""
    if filename in cells:
        count = cells[filename][0]
        where = "" if line is None else paint(f", line {line}", place)
        return paint("Cell", what) + paint(" ", what) + paint(f"In[{count}]", place) + where
    where = "" if line is None else f":{line}"
    return paint("File ", what) + paint(_short_path(filename) + where, place)


def source_lines(filename: str, cells: Cells, namespace: dict[str, object] | None) -> list[str]:
    """Return the lines of a cell or file without their ends; an empty list when unknown."""
    if filename in cells:
        return [line.rstrip("\n") for line in universal_newlines(cells[filename][1])]
    try:
        import linecache

        linecache.checkcache(filename)
        return [line.rstrip("\r\n") for line in linecache.getlines(filename, namespace)]
    except Exception:
        return []


def shown(tb: TracebackType | None) -> list[TracebackType]:
    """Return the entries of a traceback but those of the kernel's own code."""
    frames = []
    while tb is not None:
        if not tb.tb_frame.f_code.co_filename.startswith(INTERNAL):
            frames.append(tb)
        tb = tb.tb_next
    return frames


def format_frame(tb: TracebackType, cells: Cells) -> str:
    """Return the text of one traceback entry; it ends in a newline."""
    code = tb.tb_frame.f_code
    number = tb.tb_lineno or 0
    lines = source_lines(code.co_filename, cells, tb.tb_frame.f_globals)
    text = name_of(code.co_filename, cells, number) + _call(code, lines) + "\n"
    if not 0 < number <= len(lines):
        return text + _without_source(code, number)
    excerpt = _cell_excerpt if code.co_filename in cells else _file_excerpt
    marks = _executing(tb, lines)
    for line, shown in excerpt(lines, code, number, marks):
        text += _prefix(line, line == number) + shown + "\n"
    return text


def _without_source(code: CodeType, number: int) -> str:
    first = code.co_firstlineno
    if not 0 <= number - first <= _NO_SOURCE_REACH:
        return ""
    return _prefix(first, first == number) + paint(_NO_SOURCE, YELLOW) + "\n"


def qualified_name(code: CodeType, lines: Sequence[str] = ()) -> str:
    """Return the qualified name of a function.

    Before Python 3.11 a code object knows its plain name only; what encloses it is then read from
    the indentation of its source `lines`.
    """
    name = getattr(code, "co_qualname", None)
    if name is not None:
        return str(name)
    start = code.co_firstlineno - 1
    if not 0 <= start < len(lines):
        return code.co_name
    enclosing = []
    margin = _indent(lines[start])
    for index in range(start - 1, -1, -1):
        if not margin:
            break
        line = lines[index]
        if line.strip() and _indent(line) < margin:
            margin = _indent(line)
            enclosing.append(_definition(line.strip()))
    return "".join(reversed(enclosing)) + code.co_name


def _definition(line: str) -> str:
    words = line.replace("(", " ").replace(":", " ").split()
    if words[0] == "async":
        del words[0]
    if len(words) < 2 or words[0] not in ("class", "def"):
        return ""
    return words[1] + (".<locals>." if words[0] == "def" else ".")


def _short_path(path: str) -> str:
    import os

    home = os.path.expanduser("~")
    if home not in ("~", "/", "") and path.startswith(home + os.sep):
        return "~" + path[len(home) :]
    return path


def _call(code: CodeType, lines: Sequence[str]) -> str:
    if code.co_name == "<module>":
        return ""
    named = code.co_argcount + code.co_kwonlyargcount
    arguments = list(code.co_varnames[:named])
    if code.co_flags & 0x04:  # CO_VARARGS
        arguments.append("*" + code.co_varnames[named])
        named += 1
    if code.co_flags & 0x08:  # CO_VARKEYWORDS
        arguments.append("**" + code.co_varnames[named])
    name = qualified_name(code, lines)
    return f", in {paint(name, CYAN)}{paint('(' + ', '.join(arguments) + ')', BLUE)}"


def _prefix(line: int, current: bool) -> str:
    if line < 0:
        return ""
    if not current:
        return paint(str(line).rjust(_NUMBER_WIDTH), GREEN) + " "
    arrow = "-" * (_NUMBER_WIDTH - len(str(line)) - 2) + "> "
    return paint(arrow, GREEN) + paint(str(line), GREEN) + " "


def _block(lines: list[str], code: CodeType, number: int) -> tuple[int, int]:
    """Return the half-open range of line indexes of the frame's own block, near line `number`."""
    end = min(len(lines), number + _REACH_AFTER)
    if code.co_name == "<module>":
        return max(0, number - _REACH_BEFORE), end
    start = code.co_firstlineno - 1
    if not 0 <= start < number:
        start = number - 1
    if code.co_name.startswith("<"):  # a lambda or comprehension is part of a line
        return start, number
    indent = _indent(lines[start])
    for index in range(number, end):
        line = lines[index]
        if line.strip() and _indent(line) <= indent and line.lstrip()[0] not in ")]}#":
            end = index
            break
    while end > number and not lines[end - 1].strip():
        end -= 1
    return max(start, number - _REACH_BEFORE), end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _cell_excerpt(
    lines: list[str], code: CodeType, number: int, marks: dict[int, tuple[int, int]]
) -> Excerpt:
    start, end = _block(lines, code, number)
    shown = colour("\n".join(lines[start:end]), _moved(marks, start))
    first = max(start, number - 1 - _CELL_BEFORE)
    last = min(end, number + _CELL_AFTER)
    return [(index + 1, shown[index - start]) for index in range(first, last)]


def _file_excerpt(
    lines: list[str], code: CodeType, number: int, marks: dict[int, tuple[int, int]]
) -> Excerpt:
    start, end = _block(lines, code, number)
    text = "\n".join(lines[start:end])
    pieces = [(start + first, start + last) for first, last, _ in logical_lines(text)]
    here = next((i for i, (_, last) in enumerate(pieces) if last >= number - 1), len(pieces) - 1)
    chosen = pieces[max(0, here - _FILE_BEFORE) : here + 1 + _FILE_AFTER]
    numbers = [line for piece in chosen for line in _shortened(piece, number - 1)]
    margin = min((_indent(lines[i]) for i in numbers if i >= 0 and lines[i].strip()), default=0)
    shown = colour(text, _moved(marks, start))
    return [
        (-1, paint("   (...)", GREEN)) if i < 0 else (i + 1, _dedent(shown[i - start], margin))
        for i in numbers
    ]


def _shortened(piece: tuple[int, int], current: int) -> list[int]:
    """Return the line indexes of a piece, the middle of a long one left out (-1 in its place)."""
    numbers = list(range(piece[0], piece[1] + 1))
    if len(numbers) <= _LONG_PIECE or piece[0] <= current <= piece[1]:
        return numbers
    return [*numbers[:_PIECE_HEAD], -1, *numbers[-_PIECE_TAIL:]]


def _dedent(shown: str, margin: int) -> str:
    # Inside a string, the margin is behind the colour's code.
    blank = " " * margin
    if shown.startswith(blank):
        return shown[margin:]
    return shown.replace(blank, "", 1) if "\x1b" in shown[:1] else shown


def _moved(marks: dict[int, tuple[int, int]], start: int) -> dict[int, tuple[int, int]]:
    return {line - start: columns for line, columns in marks.items()}


def _executing(tb: TracebackType, lines: list[str]) -> dict[int, tuple[int, int]]:
    """Return, by line index, the columns of the expression being executed (Python 3.11+).

    Nothing is marked when the expression is all of its line.
    """
    position = _position(tb.tb_frame, tb.tb_lasti)
    if position is None:
        return {}
    first, last, begin, end = position
    marks = {}
    for number in range(first, min(last, len(lines)) + 1):
        line = lines[number - 1]
        start = _column(line, begin) if number == first else _indent(line)
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
