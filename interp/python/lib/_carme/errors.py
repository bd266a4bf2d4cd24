"""Exceptions as the `error` message shows them: name, value and coloured traceback lines.

The shape is that of IPython's "Context" tracebacks. Nothing here raises for a broken exception;
only a KeyboardInterrupt of the user's gets out.
"""

import sys

from _carme.frames import INTERNAL, format_frame, name_of, qualified_name, source_lines
from _carme.highlight import RED, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Any, TypeGuard

    Cells = Mapping[str, tuple[int, str]]

_WIDTH = 75  # columns of the dashes and the header line
_CAUSE = "\nThe above exception was the direct cause of the following exception:\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n"
_EXIT = "An exception has occurred, use %tb to see the full traceback.\n"
_MOST_CHAINED = 50
# As traceback.TracebackException limits exception groups.
_MOST_IN_GROUP, _DEEPEST_GROUP = 15, 10
# A line of code that is seen more often than this is shown only the first times and the last.
_MOST_SIMILAR, _SIMILAR_AHEAD = 3, 2


def format(  # noqa: A001
    etype: type,
    value: BaseException | None,
    tb: TracebackType | None,
    cells: Cells,
    full: bool = False,
) -> tuple[str, str, list[str]]:
    """Return (ename, evalue, traceback lines) of an exception.

    `cells` maps the co_filename of each cell to its (execution count, source). Frames whose
    co_filename starts with "<carme" are left out. `full`: the frames of a SystemExit, too.
    """
    name = _class_name(etype)
    text = _to_str(value)
    try:
        if isinstance(value, SystemExit) and not full:
            lines = _exit_lines(name, value)
        else:
            lines = _format(etype, value, tb, cells)
        if "_carme.settings" in sys.modules:
            from _carme import settings

            lines = settings.restyle(lines, value, tb, f"{name}: {text}" if text else name)
        return name, text, lines
    except KeyboardInterrupt:
        raise
    except BaseException:
        return name, text, [f"{paint(name, RED)}: {text}"]


def _format(
    etype: type, value: BaseException | None, tb: TracebackType | None, cells: Cells
) -> list[str]:
    frames = _frames(tb)
    if _is_syntax_error(value) and not frames:
        return ["".join(_syntax_lines(value, cells))]
    if etype.__module__ == "_carme.magics.table":
        return _exception_lines(etype, value, cells)
    lines = [paint("-" * _WIDTH, RED)]
    for error, between in _chain(value):
        if error is value:
            lines += _one(etype, value, frames, cells)
        else:
            lines += _one(type(error), error, _frames(_get(error, "__traceback__")), cells)
        if between:
            lines.append(between)
    if value is None:
        lines += _one(etype, value, frames, cells)
    return lines


def _exit_lines(name: str, value: SystemExit) -> list[str]:
    text = _to_str(value)
    return [_EXIT, paint(name, RED) + (f": {text}\n" if text else "\n"), *_notes(value)]


def _one(
    etype: type,
    value: BaseException | None,
    frames: Sequence[TracebackType],
    cells: Cells,
    depth: int = 0,
) -> list[str]:
    name = _class_name(etype)
    header = paint(name, RED) + "Traceback (most recent call last)".rjust(_WIDTH - len(name))
    lines = [header, *_format_frames(frames, cells), *_exception_lines(etype, value, cells)]
    members = _members(value)
    if members:
        lines.append("\n".join(_group_lines(members, cells, depth)))
    return lines


def _chain(value: BaseException | None) -> list[tuple[BaseException, str]]:
    """Return (exception, sentence that follows it), from the first cause to `value` itself."""
    chain: list[tuple[BaseException, str]] = []
    between = ""
    error = value
    while error is not None and len(chain) < _MOST_CHAINED:
        if any(error is seen for seen, _ in chain):
            break
        chain.append((error, between))
        cause = _get(error, "__cause__")
        if cause is not None:
            error, between = cause, _CAUSE
        elif _get(error, "__suppress_context__"):
            error = None
        else:
            error, between = _get(error, "__context__"), _CONTEXT
    return chain[::-1]


def _frames(tb: TracebackType | None) -> list[TracebackType]:
    frames = []
    while tb is not None:
        if not tb.tb_frame.f_code.co_filename.startswith(INTERNAL):
            frames.append(tb)
        tb = tb.tb_next
    return frames


def _format_frames(frames: Sequence[TracebackType], cells: Cells) -> list[str]:
    lines = []
    similar: list[TracebackType] = []
    hidden = 0
    keep = _distinct(frames)
    for index, tb in enumerate(frames):
        if index + 1 < len(frames) and _is_hidden(tb):
            hidden += 1
            continue
        if hidden:
            lines.append(_note(f"[... skipping hidden {hidden} frame]"))
            hidden = 0
        if not keep[index]:
            similar.append(tb)
            continue
        if similar:
            lines.append(_note(f"[... skipping similar frames: {_tally(similar)}]"))
            similar = []
        lines.append(format_frame(tb, cells))
    return lines


def _note(text: str) -> str:
    return "    " + paint(text, RED) + "\n"


def _is_hidden(tb: TracebackType) -> bool:
    code = tb.tb_frame.f_code
    if "__tracebackhide__" not in code.co_varnames + code.co_cellvars + code.co_names:
        return False
    return tb.tb_frame.f_locals.get("__tracebackhide__") is True


def _distinct(frames: Sequence[TracebackType]) -> list[bool]:
    """Return, per frame, whether it is shown: not when the same line is there again and again."""
    keys = [(id(tb.tb_frame.f_code), tb.tb_lineno) for tb in frames]
    counts: dict[tuple[int, int], int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    last = {key: index for index, key in enumerate(keys)}
    shown = []
    seen: dict[tuple[int, int], int] = {}
    for index, key in enumerate(keys):
        seen[key] = seen.get(key, 0) + 1
        few = counts[key] <= _MOST_SIMILAR
        shown.append(few or seen[key] <= _SIMILAR_AHEAD or index == last[key])
    return shown


def _tally(frames: Sequence[TracebackType]) -> str:
    counts: dict[str, int] = {}
    for tb in frames:
        what = f"{qualified_name(tb.tb_frame.f_code)} at line {tb.tb_lineno}"
        counts[what] = counts.get(what, 0) + 1
    return ", ".join(f"{what} ({count} times)" for what, count in counts.items())


def _exception_lines(etype: type, value: BaseException | None, cells: Cells) -> list[str]:
    if _is_syntax_error(value):
        last = "".join(_syntax_lines(value, cells)).rstrip("\n")
    else:
        last = f"{paint(_class_name(etype), RED)}: {_to_str(value)}"
    return [last, *_notes(value)]


def _notes(value: BaseException | None) -> list[str]:
    notes = _get(value, "__notes__")
    if notes is None:
        return []
    if not isinstance(notes, (list, tuple)):
        return [_to_str(notes, repr, "__notes__")]
    return [_to_str(note, str, "note") for note in notes]


# With a place to show; one that user code raised may have none.
def _is_syntax_error(value: BaseException | None) -> TypeGuard[SyntaxError]:
    return issubclass(type(value), SyntaxError) and bool(_get(value, "lineno"))


def _syntax_lines(value: SyntaxError, cells: Cells) -> list[str]:
    filename = value.filename if isinstance(value.filename, str) else "<string>"
    number = value.lineno if isinstance(value.lineno, int) else None
    lines = ["  " + name_of(filename, cells, number) + "\n"]
    source = source_lines(filename, cells, None) if number else []
    text = source[number - 1] if number and 0 < number <= len(source) else value.text
    if isinstance(text, str):
        lines.append(paint("    ", RED) + paint(text.strip(), RED) + "\n")
        if isinstance(value.offset, int):
            lines.append(_caret(text, value.offset) + "\n")
    name = _class_name(type(value))
    return [*lines, f"{paint(name, RED)}{paint(':', RED)} {_to_str(value.msg)}\n"]


def _caret(text: str, offset: int) -> str:
    """Return the line below `text` that points at column `offset` (counted from 1)."""
    margin = len(text) - len(text.lstrip())
    # An offset of 0 or less means the end.
    before = text[margin : offset - 1 if offset > 0 else len(text.rstrip()) - 1]
    return "    " + "".join(char if char.isspace() else " " for char in before) + "^"


def _members(value: BaseException | None) -> Sequence[BaseException]:
    """Return the exceptions in an exception group (also one of the backport's)."""
    if not any(cls.__name__ == "BaseExceptionGroup" for cls in type(value).__mro__):
        return ()
    members = _get(value, "exceptions")
    return members if isinstance(members, (list, tuple)) else ()


def _group_lines(members: Sequence[BaseException], cells: Cells, depth: int) -> list[str]:
    if depth >= _DEEPEST_GROUP:
        return [f"  ... (max_group_depth is {_DEEPEST_GROUP})"]
    lines = []
    for number, error in enumerate(members[:_MOST_IN_GROUP], 1):
        lines.append(
            f"  {'+-+' if number == 1 else '  +'}---------------- {number} ----------------"
        )
        lines += ["    | " + line for line in _member_lines(error, cells, depth)]
    left = len(members) - _MOST_IN_GROUP
    if left > 0:
        lines.append("    +---------------- ... ----------------")
        lines.append(f"    | and {left} more exception{'s' if left > 1 else ''}")
    return [*lines, "    +" + "-" * 36]


def _member_lines(value: BaseException, cells: Cells, depth: int) -> list[str]:
    blocks: list[str] = []
    for error, between in _chain(value):
        frames = _frames(_get(error, "__traceback__"))
        part = _one(type(error), error, frames, cells, depth + 1)
        blocks += part if frames else part[1:]
        if between:
            blocks.append(between)
    return [line for block in blocks for line in block.rstrip("\n").split("\n")]


def _class_name(cls: type) -> str:
    name = _get(cls, "__name__")
    return name if isinstance(name, str) else "<unknown>"


def _get(obj: object, name: str) -> Any:
    try:
        return getattr(obj, name, None)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def _to_str(value: object, convert: Any = str, what: str = "exception") -> str:
    try:
        text = convert(value)
        return text if type(text) is str else "".join(text)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"<{what} {convert.__name__}() failed>"
