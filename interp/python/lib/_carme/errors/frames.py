"""A frame of a traceback as text: its cell or file, its function, its source lines.

The format is that of IPython's "Context" mode. Cells are named by execution count, files by path.
"""

from _carme.errors import excerpts
from _carme.session.lines import universal_newlines
from _carme.syntax.highlight import BLUE, CYAN, GREEN, YELLOW, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import CodeType, TracebackType

    Cells = Mapping[str, tuple[int, str]]
    Style = tuple[str, str]

INTERNAL = "<carme"  # the beginning of co_filename in the kernel's own code
_NO_SOURCE = "'Could not get source, probably due dynamically evaluated source code.'"
_NO_SOURCE_REACH = 4  # IPython prints it up to so many lines behind the function's first line
_NUMBER_WIDTH = 7


def location(
    filename: str,
    cells: Cells,
    line: int | None,
    kind_style: Style = CYAN,
    place_style: Style = GREEN,
) -> str:
    """Return the coloured name of a cell or file, with the line number if there is one."""
    if filename in cells:
        count = cells[filename][0]
        suffix = "" if line is None else paint(f", line {line}", place_style)
        name = paint(f"In[{count}]", place_style)
        return paint("Cell", kind_style) + paint(" ", kind_style) + name + suffix
    suffix = "" if line is None else f":{line}"
    return paint("File ", kind_style) + paint(_short_path(filename) + suffix, place_style)


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


def visible_entries(tb: TracebackType | None) -> list[TracebackType]:
    """Return the entries of a traceback without those of the kernel's own code."""
    entries = []
    while tb is not None:
        if not tb.tb_frame.f_code.co_filename.startswith(INTERNAL):
            entries.append(tb)
        tb = tb.tb_next
    return entries


def format_frame(tb: TracebackType, cells: Cells) -> str:
    """Return the text of one traceback entry; it ends in a newline."""
    code = tb.tb_frame.f_code
    number = tb.tb_lineno or 0
    lines = source_lines(code.co_filename, cells, tb.tb_frame.f_globals)
    text = location(code.co_filename, cells, number) + _signature(code, lines) + "\n"
    if not 0 < number <= len(lines):
        return text + _without_source(code, number)
    excerpt = excerpts.of_cell if code.co_filename in cells else excerpts.of_file
    marks = excerpts.executing_columns(tb, lines)
    for line, source in excerpt(lines, code, number, marks):
        text += _line_prefix(line, line == number) + source + "\n"
    return text


def _without_source(code: CodeType, number: int) -> str:
    first = code.co_firstlineno
    if not 0 <= number - first <= _NO_SOURCE_REACH:
        return ""
    return _line_prefix(first, first == number) + paint(_NO_SOURCE, YELLOW) + "\n"


def qualified_name(code: CodeType, lines: Sequence[str] = ()) -> str:
    """Return the qualified name of a function.

    Before Python 3.11 a code object has only the plain name; the enclosing functions and classes
    are then found by the indentation of its source `lines`.
    """
    name = getattr(code, "co_qualname", None)
    if name is not None:
        return str(name)
    start = code.co_firstlineno - 1
    if not 0 <= start < len(lines):
        return code.co_name
    enclosing = []
    margin = excerpts.indentation(lines[start])
    for index in range(start - 1, -1, -1):
        if not margin:
            break
        line = lines[index]
        if line.strip() and excerpts.indentation(line) < margin:
            margin = excerpts.indentation(line)
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


def _signature(code: CodeType, lines: Sequence[str]) -> str:
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


def _line_prefix(line: int, current: bool) -> str:
    if line < 0:
        return ""
    if not current:
        return paint(str(line).rjust(_NUMBER_WIDTH), GREEN) + " "
    arrow = "-" * (_NUMBER_WIDTH - len(str(line)) - 2) + "> "
    return paint(arrow, GREEN) + paint(str(line), GREEN) + " "
