"""An exception without its traceback: class name, message, notes, the line of a SyntaxError.

Exceptions may have methods that raise: nothing here does, except for KeyboardInterrupt.
"""

from _carme.errors.attributes import get
from _carme.errors.frames import location, source_lines
from _carme.syntax.highlight import RED, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeGuard

    Cells = Mapping[str, tuple[int, str]]

_CAUSE = "\nThe above exception was the direct cause of the following exception:\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n"
_MAX_CHAINED = 50


def format_exception_only(etype: type, value: BaseException | None, cells: Cells) -> str:
    """Return the text of IPython's "Minimal" mode; it ends in a newline."""
    if is_syntax_error(value):
        lines = syntax_lines(value, cells)
    else:
        message = "" if value is None else to_str(value)
        lines = [_name_and_message(class_name(etype), message)]
    return "".join([*lines, *(note + "\n" for note in notes(value))])


def _name_and_message(name: str, message: str) -> str:
    return paint(name, RED) + (f"{paint(':', RED)} {message}\n" if message else "\n")


def chain(value: BaseException | None) -> list[tuple[BaseException, str]]:
    """Return (exception, text between it and the next), from the first cause to `value`."""
    found: list[tuple[BaseException, str]] = []
    relation = ""
    error = value
    while error is not None and len(found) < _MAX_CHAINED:
        if any(error is seen for seen, _ in found):
            break
        found.append((error, relation))
        cause = get(error, "__cause__")
        if cause is not None:
            error, relation = cause, _CAUSE
        elif get(error, "__suppress_context__"):
            error = None
        else:
            error, relation = get(error, "__context__"), _CONTEXT
    return found[::-1]


def notes(value: BaseException | None) -> list[str]:
    """Return the notes of add_note()."""
    found = get(value, "__notes__")
    if found is None:
        return []
    if not isinstance(found, (list, tuple)):
        return [to_str(found, repr, "__notes__")]
    return [to_str(note, str, "note") for note in found]


def is_syntax_error(value: BaseException | None) -> TypeGuard[SyntaxError]:
    """Return whether it is one by its type; its __class__ may be anything."""
    return issubclass(type(value), SyntaxError)


def syntax_lines(value: SyntaxError, cells: Cells) -> list[str]:
    """Return the lines of a SyntaxError: file and line number, source line, message."""
    filename = value.filename if isinstance(value.filename, str) else "<string>"
    number = value.lineno if isinstance(value.lineno, int) and value.lineno else None
    lines = ["  " + location(filename, cells, number) + "\n"]
    source = source_lines(filename, cells, None) if number else []
    text = source[number - 1] if number and 0 < number <= len(source) else ""
    parsed = value.text if isinstance(value.text, str) else ""
    if parsed.strip() and "\n" not in parsed.strip() and parsed.strip() != text.strip():
        text = parsed  # the source that the offset is in; the file may have changed
    shown = paint(text.strip(), RED) if text.strip() else ""
    lines.append(paint("    ", RED) + shown + "\n")
    if isinstance(value.offset, int):
        lines.append(_caret(text, value.offset) + "\n")
    message = "" if value.msg is None else to_str(value.msg)
    return [*lines, _name_and_message(class_name(type(value)), message)]


def _caret(text: str, offset: int) -> str:
    """Return the line with the caret below column `offset` (counted from 1) of `text`."""
    margin = len(text) - len(text.lstrip())
    # An offset of 0 or less is the end of the line.
    before = text[margin : offset - 1 if offset > 0 else len(text.rstrip()) - 1]
    return "    " + "".join(char if char.isspace() else " " for char in before) + "^"


def class_name(cls: type) -> str:
    """Return the __name__; "<unknown>" if the metaclass returns none."""
    name = get(cls, "__name__")
    return name if isinstance(name, str) else "<unknown>"


def to_str(value: object, convert: Any = str, what: str = "exception") -> str:
    """Return convert(value); if that raises, a text that says so."""
    try:
        text = convert(value)
        return text if type(text) is str else "".join(text)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"<{what} {convert.__name__}() failed>"
