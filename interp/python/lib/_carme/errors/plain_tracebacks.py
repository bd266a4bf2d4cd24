"""Tracebacks as lists of calls, a line of code for each.

IPython shows so a SyntaxError that is raised while code runs, and what its modes "Plain", "Minimal"
and "Doctest" are chosen for. Source: IPython's documentation, %xmode.
"""

from _carme.errors.attributes import get
from _carme.errors.exceptions import chain, text_of
from _carme.errors.frames import name_of, shown, source_lines
from _carme.syntax.highlight import CYAN, GREEN, RED, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    Cells = Mapping[str, tuple[int, str]]

_PLAIN = ("", "")
_BRIGHT_GREEN = ("\x1b[92m", "\x1b[39m")
_MAGENTA = ("\x1b[35m", "\x1b[39m")
_BRIGHT_MAGENTA = ("\x1b[95m", "\x1b[39m")


def format_exception(
    etype: type, value: BaseException | None, tb: TracebackType | None, cells: Cells, mode: str
) -> list[str]:
    """Return the lines of an exception and of those that it follows from.

    mode: %xmode's, in small letters; a SyntaxError looks the same in each.
    """
    if mode == "minimal" and not issubclass(etype, SyntaxError):
        return [text_of(etype, value, cells)]
    calls = _no_calls if mode == "doctest" and not issubclass(etype, SyntaxError) else _calls
    lines: list[str] = []
    for error, between in chain(value)[:-1]:
        lines += [*calls(get(error, "__traceback__"), cells), text_of(type(error), error, cells)]
        lines.append(between)
    return [*lines, *calls(tb, cells), text_of(etype, value, cells)]


def _calls(tb: TracebackType | None, cells: Cells) -> list[str]:
    frames = shown(tb)
    if not frames:
        return []
    entries = [_entry(frame, cells, frame is frames[-1]) for frame in frames]
    return ["Traceback " + paint("(most recent call last)", CYAN) + ":\n", *entries]


def _no_calls(tb: TracebackType | None, cells: Cells) -> list[str]:
    return ["Traceback (most recent call last):\n", "    ...\n"] if shown(tb) else []


def _entry(tb: TracebackType, cells: Cells, is_last: bool) -> str:
    """Return where a call is, its function and its line; the last one in stronger colours."""
    code, number = tb.tb_frame.f_code, tb.tb_lineno or 0
    text, place = (CYAN, GREEN) if is_last else (_PLAIN, _BRIGHT_GREEN)
    entry = paint("  ", text) + name_of(code.co_filename, cells, number, text, place)
    if code.co_name != "<module>":
        entry += paint(" in ", text)
        entry += paint(code.co_name, _MAGENTA if is_last else _BRIGHT_MAGENTA)
    lines = source_lines(code.co_filename, cells, tb.tb_frame.f_globals)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    if not line:
        return entry + "\n"
    style = RED if is_last else _PLAIN
    return f"{entry}\n{paint('    ', style)}{paint(line, style)}\n"
