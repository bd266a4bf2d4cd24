"""An exception itself as text: its name, what it says, its notes, the place of a SyntaxError.

Nothing here raises for a broken exception; only a KeyboardInterrupt of the user's gets out.
"""

from _carme.errors.attributes import get
from _carme.errors.frames import name_of, source_lines
from _carme.syntax.highlight import RED, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeGuard

    Cells = Mapping[str, tuple[int, str]]

_CAUSE = "\nThe above exception was the direct cause of the following exception:\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n"
_MOST_CHAINED = 50


def text_of(etype: type, value: BaseException | None, cells: Cells) -> str:
    """Return what IPython's "Minimal" mode shows; it ends in a newline."""
    if is_syntax_error(value):
        lines = syntax_lines(value, cells)
    else:
        said = "" if value is None else to_str(value)
        lines = [_said(class_name(etype), said)]
    return "".join([*lines, *(note + "\n" for note in notes(value))])


def _said(name: str, text: str) -> str:
    return paint(name, RED) + (f"{paint(':', RED)} {text}\n" if text else "\n")


def chain(value: BaseException | None) -> list[tuple[BaseException, str]]:
    """Return (exception, sentence that follows it), from the first cause to `value` itself."""
    found: list[tuple[BaseException, str]] = []
    between = ""
    error = value
    while error is not None and len(found) < _MOST_CHAINED:
        if any(error is seen for seen, _ in found):
            break
        found.append((error, between))
        cause = get(error, "__cause__")
        if cause is not None:
            error, between = cause, _CAUSE
        elif get(error, "__suppress_context__"):
            error = None
        else:
            error, between = get(error, "__context__"), _CONTEXT
    return found[::-1]


def notes(value: BaseException | None) -> list[str]:
    """Return what add_note() has added."""
    found = get(value, "__notes__")
    if found is None:
        return []
    if not isinstance(found, (list, tuple)):
        return [to_str(found, repr, "__notes__")]
    return [to_str(note, str, "note") for note in found]


def is_syntax_error(value: BaseException | None) -> TypeGuard[SyntaxError]:
    """Return whether it is one, whatever it says that it is."""
    return issubclass(type(value), SyntaxError)


def syntax_lines(value: SyntaxError, cells: Cells) -> list[str]:
    """Return where a SyntaxError is, its line and what it says."""
    filename = value.filename if isinstance(value.filename, str) else "<string>"
    number = value.lineno if isinstance(value.lineno, int) and value.lineno else None
    lines = ["  " + name_of(filename, cells, number) + "\n"]
    source = source_lines(filename, cells, None) if number else []
    text = source[number - 1] if number and 0 < number <= len(source) else ""
    parsed = value.text if isinstance(value.text, str) else ""
    if parsed.strip() and "\n" not in parsed.strip() and parsed.strip() != text.strip():
        text = parsed  # what the offset belongs to; the name may be that of another text
    shown = paint(text.strip(), RED) if text.strip() else ""
    lines.append(paint("    ", RED) + shown + "\n")
    if isinstance(value.offset, int):
        lines.append(_caret(text, value.offset) + "\n")
    said = "" if value.msg is None else to_str(value.msg)
    return [*lines, _said(class_name(type(value)), said)]


def _caret(text: str, offset: int) -> str:
    """Return the line below `text` that points at column `offset` (counted from 1)."""
    margin = len(text) - len(text.lstrip())
    # An offset of 0 or less means the end.
    before = text[margin : offset - 1 if offset > 0 else len(text.rstrip()) - 1]
    return "    " + "".join(char if char.isspace() else " " for char in before) + "^"


def class_name(cls: type) -> str:
    """Return the name, also of a class that hides it."""
    name = get(cls, "__name__")
    return name if isinstance(name, str) else "<unknown>"


def to_str(value: object, convert: Any = str, what: str = "exception") -> str:
    """Return its text, or that it has none."""
    try:
        text = convert(value)
        return text if type(text) is str else "".join(text)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"<{what} {convert.__name__}() failed>"
