"""Tracebacks in IPython's modes "Plain", "Minimal" and "Doctest": a line of code for each frame.

A SyntaxError that is raised while code runs has this format in each mode. Source: IPython's
documentation, %xmode.
"""

from _carme.errors.attributes import get
from _carme.errors.exceptions import chain, format_exception_only
from _carme.errors.frames import location, source_lines, visible_entries
from _carme.syntax.highlight import CYAN, GREEN, RED, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    Cells = Mapping[str, tuple[int, str]]

_NO_STYLE = ("", "")
_BRIGHT_GREEN = ("\x1b[92m", "\x1b[39m")
_MAGENTA = ("\x1b[35m", "\x1b[39m")
_BRIGHT_MAGENTA = ("\x1b[95m", "\x1b[39m")


def format_exception(
    etype: type, value: BaseException | None, tb: TracebackType | None, cells: Cells, mode: str
) -> list[str]:
    """Return the lines of an exception and of its causes or contexts.

    mode: of %xmode, in lower case.
    """
    if mode == "minimal" and not issubclass(etype, SyntaxError):
        return [format_exception_only(etype, value, cells)]
    entries = _omitted if mode == "doctest" and not issubclass(etype, SyntaxError) else _entries
    lines: list[str] = []
    for error, relation in chain(value)[:-1]:
        lines += [
            *entries(get(error, "__traceback__"), cells),
            format_exception_only(type(error), error, cells),
        ]
        lines.append(relation)
    return [*lines, *entries(tb, cells), format_exception_only(etype, value, cells)]


def _entries(tb: TracebackType | None, cells: Cells) -> list[str]:
    frames = visible_entries(tb)
    if not frames:
        return []
    entries = [_entry(frame, cells, frame is frames[-1]) for frame in frames]
    return ["Traceback " + paint("(most recent call last)", CYAN) + ":\n", *entries]


def _omitted(tb: TracebackType | None, cells: Cells) -> list[str]:
    return ["Traceback (most recent call last):\n", "    ...\n"] if visible_entries(tb) else []


def _entry(tb: TracebackType, cells: Cells, is_last: bool) -> str:
    """Return file, line number, function and line of code; the last entry in brighter colours."""
    code, number = tb.tb_frame.f_code, tb.tb_lineno or 0
    text, place = (CYAN, GREEN) if is_last else (_NO_STYLE, _BRIGHT_GREEN)
    entry = paint("  ", text) + location(code.co_filename, cells, number, text, place)
    if code.co_name != "<module>":
        entry += paint(" in ", text)
        entry += paint(code.co_name, _MAGENTA if is_last else _BRIGHT_MAGENTA)
    lines = source_lines(code.co_filename, cells, tb.tb_frame.f_globals)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    if not line:
        return entry + "\n"
    style = RED if is_last else _NO_STYLE
    return f"{entry}\n{paint('    ', style)}{paint(line, style)}\n"
