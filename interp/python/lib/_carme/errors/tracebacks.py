"""Exceptions as in an `error` message: name, value and coloured lines of the traceback.

The format is that of IPython's "Context" mode; plain_tracebacks.py has the other modes. Exceptions
may have methods that raise: nothing here does, except for KeyboardInterrupt.
"""

import sys

import _carme
from _carme.errors.attributes import get
from _carme.errors.exceptions import (
    chain,
    class_name,
    format_exception_only,
    is_syntax_error,
    notes,
    syntax_lines,
    to_str,
)
from _carme.errors.frames import format_frame, qualified_name, visible_entries
from _carme.syntax.highlight import RED, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Any

    Cells = Mapping[str, tuple[int, str]]

_WIDTH = 75  # columns of the dashes and the header line
_SYSTEM_EXIT = "An exception has occurred, use %tb to see the full traceback.\n"
# As traceback.TracebackException limits exception groups.
_MAX_GROUP_WIDTH, _MAX_GROUP_DEPTH = 15, 10
# Of more frames than this at one line of code, the first ones and the last one are shown.
_MAX_REPEATED, _REPEATED_HEAD = 3, 2


def format_error(
    etype: type,
    value: BaseException | None,
    tb: TracebackType | None,
    cells: Cells,
    full: bool = False,
) -> tuple[str, str, list[str]]:
    """Return (ename, evalue, traceback lines) of an exception.

    `cells` maps the co_filename of each cell to its (execution count, source). Frames whose
    co_filename starts with "<carme" are left out, and those of a SystemExit unless `full`.
    """
    name = class_name(etype)
    text = to_str(value)
    try:
        if isinstance(value, SystemExit) and not full:
            lines = [_SYSTEM_EXIT, format_exception_only(etype, value, cells)]
        else:
            lines = _own_lines(value) or _format(etype, value, tb, cells)
        if "_carme.session.settings" in sys.modules:
            from _carme.session import settings

            lines = settings.apply_colors(lines)
        return name, text, lines
    except KeyboardInterrupt:
        raise
    except BaseException:
        return name, text, [f"{paint(name, RED)}: {text}"]


def show_traceback(exc_tuple: Any, cells: Cells, exception_only: bool, with_frames: bool) -> None:
    """Publish an exception: exc_tuple, or else the one being handled, or else the last one.

    exception_only: without frames, which those of a SyntaxError are also unless with_frames.
    """
    kind, value, tb = exc_tuple or sys.exc_info()
    if kind is None:
        kind = getattr(sys, "last_type", None)
        value, tb = getattr(sys, "last_value", None), getattr(sys, "last_traceback", None)
    if kind is None:
        sys.stderr.write("No traceback available to show.\n")
        return
    if exception_only or issubclass(kind, SyntaxError) and not with_frames:
        name, text = class_name(kind), to_str(value)
        lines = [format_exception_only(kind, value, cells)]
    else:
        name, text, lines = format_error(kind, value, tb, cells, full=True)
    _carme.publish("error", {"ename": name, "evalue": text, "traceback": lines}, {})


def _own_lines(value: BaseException | None) -> list[str]:
    """Return what the exception's own _render_traceback_ returns, a protocol of IPython."""
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
    frames = visible_entries(tb)
    if etype.__module__ == "_carme.errors.usage":
        return _exception_lines(etype, value, cells)
    mode = _mode()
    is_listed = issubclass(etype, SyntaxError) or mode in ("plain", "minimal", "doctest")
    if is_listed and not _members(value):
        from _carme.errors import plain_tracebacks

        return plain_tracebacks.format_exception(etype, value, tb, cells, mode)
    return _context(etype, value, frames, cells)


def _mode() -> str:
    """Return the mode that is set by %xmode."""
    settings = sys.modules.get("_carme.session.settings")
    return "context" if settings is None else str(settings.shell.xmode).lower()


def _context(
    etype: type, value: BaseException | None, frames: Sequence[TracebackType], cells: Cells
) -> list[str]:
    lines = [paint("-" * _WIDTH, RED)]
    for error, relation in chain(value):
        if error is value:
            lines += _exception_block(etype, value, frames, cells)
        else:
            entries = visible_entries(get(error, "__traceback__"))
            lines += _exception_block(type(error), error, entries, cells)
        if relation:
            lines.append(relation)
    if value is None:
        lines += _exception_block(etype, value, frames, cells)
    return lines


def _exception_block(
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
    skipped: list[TracebackType] = []
    hidden = 0
    keep = _kept(frames)
    for index, tb in enumerate(frames):
        if index + 1 < len(frames) and _is_hidden(tb):
            hidden += 1
            continue
        if hidden:
            lines.append(_note(f"[... skipping hidden {hidden} frame]"))
            hidden = 0
        if not keep[index]:
            skipped.append(tb)
            continue
        if skipped:
            lines.append(_note(f"[... skipping similar frames: {_count_lines(skipped)}]"))
            skipped = []
        lines.append(format_frame(tb, cells))
    return lines


def _note(text: str) -> str:
    return "    " + paint(text, RED) + "\n"


def _is_hidden(tb: TracebackType) -> bool:
    code = tb.tb_frame.f_code
    if "__tracebackhide__" not in code.co_varnames + code.co_cellvars + code.co_names:
        return False
    return tb.tb_frame.f_locals.get("__tracebackhide__") is True


def _kept(frames: Sequence[TracebackType]) -> list[bool]:
    """Return for each frame whether it is shown: of a recursion only some are."""
    keys = [(id(tb.tb_frame.f_code), tb.tb_lineno) for tb in frames]
    counts: dict[tuple[int, int], int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    last = {key: index for index, key in enumerate(keys)}
    kept = []
    seen: dict[tuple[int, int], int] = {}
    for index, key in enumerate(keys):
        seen[key] = seen.get(key, 0) + 1
        is_rare = counts[key] <= _MAX_REPEATED
        kept.append(is_rare or seen[key] <= _REPEATED_HEAD or index == last[key])
    return kept


def _count_lines(frames: Sequence[TracebackType]) -> str:
    counts: dict[str, int] = {}
    for tb in frames:
        line = f"{qualified_name(tb.tb_frame.f_code)} at line {tb.tb_lineno}"
        counts[line] = counts.get(line, 0) + 1
    return ", ".join(f"{line} ({count} times)" for line, count in counts.items())


def _exception_lines(etype: type, value: BaseException | None, cells: Cells) -> list[str]:
    if is_syntax_error(value) and get(value, "lineno"):
        last = "".join(syntax_lines(value, cells)).rstrip("\n")
    else:
        last = f"{paint(class_name(etype), RED)}: {to_str(value)}"
    return [last, *notes(value)]


def _members(value: BaseException | None) -> Sequence[BaseException]:
    """Return the exceptions in an exception group (also one of the backport `exceptiongroup`)."""
    if not any(cls.__name__ == "BaseExceptionGroup" for cls in type(value).__mro__):
        return ()
    members = get(value, "exceptions")
    return members if isinstance(members, (list, tuple)) else ()


def _group_lines(members: Sequence[BaseException], cells: Cells, depth: int) -> list[str]:
    if depth >= _MAX_GROUP_DEPTH:
        return [f"  ... (max_group_depth is {_MAX_GROUP_DEPTH})"]
    lines = []
    for number, error in enumerate(members[:_MAX_GROUP_WIDTH], 1):
        lines.append(
            f"  {'+-+' if number == 1 else '  +'}---------------- {number} ----------------"
        )
        lines += ["    | " + line for line in _member_lines(error, cells, depth)]
    left = len(members) - _MAX_GROUP_WIDTH
    if left > 0:
        lines.append("    +---------------- ... ----------------")
        lines.append(f"    | and {left} more exception{'s' if left > 1 else ''}")
    return [*lines, "    +" + "-" * 36]


def _member_lines(value: BaseException, cells: Cells, depth: int) -> list[str]:
    blocks: list[str] = []
    for error, relation in chain(value):
        frames = visible_entries(get(error, "__traceback__"))
        block = _exception_block(type(error), error, frames, cells, depth + 1)
        blocks += block if frames else block[1:]
        if relation:
            blocks.append(relation)
    return [line for block in blocks for line in block.rstrip("\n").split("\n")]
