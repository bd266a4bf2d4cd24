"""Exceptions as the `error` message shows them: name, value and coloured traceback lines.

The shape is that of IPython's "Context" tracebacks. Nothing here raises for a broken exception;
only a KeyboardInterrupt of the user's gets out.
"""

import sys

import _carme
from _carme.errors.attributes import get
from _carme.errors.exceptions import (
    chain,
    class_name,
    is_syntax_error,
    notes,
    syntax_lines,
    text_of,
    to_str,
)
from _carme.errors.frames import format_frame, qualified_name, shown
from _carme.syntax.highlight import RED, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Any

    Cells = Mapping[str, tuple[int, str]]

_WIDTH = 75  # columns of the dashes and the header line
_EXIT = "An exception has occurred, use %tb to see the full traceback.\n"
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
    name = class_name(etype)
    text = to_str(value)
    try:
        if isinstance(value, SystemExit) and not full:
            lines = [_EXIT, text_of(etype, value, cells)]
        else:
            lines = _rendered(value) or _format(etype, value, tb, cells)
        if "_carme.session.settings" in sys.modules:
            from _carme.session import settings

            lines = settings.apply_colors(lines)
        return name, text, lines
    except KeyboardInterrupt:
        raise
    except BaseException:
        return name, text, [f"{paint(name, RED)}: {text}"]


def show_traceback(exc_tuple: Any, cells: Cells, exception_only: bool, with_calls: bool) -> None:
    """Publish an error: (type, value, traceback), or else the one being handled or the last one.

    exception_only: no calls that led to it; with_calls: nor those of a SyntaxError otherwise.
    """
    kind, value, tb = exc_tuple or sys.exc_info()
    if kind is None:
        kind = getattr(sys, "last_type", None)
        value, tb = getattr(sys, "last_value", None), getattr(sys, "last_traceback", None)
    if kind is None:
        sys.stderr.write("No traceback available to show.\n")
        return
    if exception_only or issubclass(kind, SyntaxError) and not with_calls:
        name, text, lines = class_name(kind), to_str(value), [text_of(kind, value, cells)]
    else:
        name, text, lines = format(kind, value, tb, cells, full=True)
    _carme.publish("error", {"ename": name, "evalue": text, "traceback": lines}, {})


def _rendered(value: BaseException | None) -> list[str]:
    """Return the lines that an exception's own _render_traceback_ gives, as IPython asks for."""
    render = None if is_syntax_error(value) else get(value, "_render_traceback_")
    if render is None:
        return []
    try:
        lines = render()
        return [line for line in lines if isinstance(line, str)]
    except Exception:
        return []


def _format(
    etype: type, value: BaseException | None, tb: TracebackType | None, cells: Cells
) -> list[str]:
    frames = shown(tb)
    if etype.__module__ == "_carme.errors.usage":
        return _exception_lines(etype, value, cells)
    mode = _mode()
    is_listed = issubclass(etype, SyntaxError) or mode in ("plain", "minimal", "doctest")
    if is_listed and not _members(value):
        from _carme.errors import plain_tracebacks

        return plain_tracebacks.format_exception(etype, value, tb, cells, mode)
    return _context(etype, value, frames, cells)


def _mode() -> str:
    """Return what %xmode has chosen."""
    settings = sys.modules.get("_carme.session.settings")
    return "context" if settings is None else str(settings.shell.xmode).lower()


def _context(
    etype: type, value: BaseException | None, frames: Sequence[TracebackType], cells: Cells
) -> list[str]:
    lines = [paint("-" * _WIDTH, RED)]
    for error, between in chain(value):
        if error is value:
            lines += _one(etype, value, frames, cells)
        else:
            lines += _one(type(error), error, shown(get(error, "__traceback__")), cells)
        if between:
            lines.append(between)
    if value is None:
        lines += _one(etype, value, frames, cells)
    return lines


def _one(
    etype: type,
    value: BaseException | None,
    frames: Sequence[TracebackType],
    cells: Cells,
    depth: int = 0,
) -> list[str]:
    name = class_name(etype)
    header = paint(name, RED) + "Traceback (most recent call last)".rjust(_WIDTH - len(name))
    lines = [header, *_format_frames(frames, cells), *_exception_lines(etype, value, cells)]
    members = _members(value)
    if members:
        lines.append("\n".join(_group_lines(members, cells, depth)))
    return lines


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
    if is_syntax_error(value) and get(value, "lineno"):
        last = "".join(syntax_lines(value, cells)).rstrip("\n")
    else:
        last = f"{paint(class_name(etype), RED)}: {to_str(value)}"
    return [last, *notes(value)]


def _members(value: BaseException | None) -> Sequence[BaseException]:
    """Return the exceptions in an exception group (also one of the backport's)."""
    if not any(cls.__name__ == "BaseExceptionGroup" for cls in type(value).__mro__):
        return ()
    members = get(value, "exceptions")
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
    for error, between in chain(value):
        frames = shown(get(error, "__traceback__"))
        part = _one(type(error), error, frames, cells, depth + 1)
        blocks += part if frames else part[1:]
        if between:
            blocks.append(between)
    return [line for block in blocks for line in block.rstrip("\n").split("\n")]
