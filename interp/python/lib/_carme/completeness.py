"""Whether a cell may be run as it is, or more lines must follow.

Source: codeop decides; as in IPython, a block on the last line goes on until a line ends it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_INDENT = "    "


def is_complete(code: str) -> dict[str, Any]:
    """Return the content of is_complete_reply: `status`, and `indent` when it is "incomplete"."""
    text = _without_margin(code.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        return {"status": "complete"}
    if text.startswith("%%"):
        return _cell_magic(text)
    verdict = _compile(text)
    if verdict is None:
        verdict = _compile_notebook(text)
    if verdict is None:
        return {"status": "invalid"}
    if not verdict:
        return {"status": "incomplete", "indent": _next_indent(text)}
    indent = _open_block(text)
    return {"status": "incomplete", "indent": indent} if indent else {"status": "complete"}


def _cell_magic(text: str) -> dict[str, Any]:
    """A cell magic's body is anything; in a console a blank line ends it."""
    ended = text.endswith("\n\n") or "\n" not in text and text.rstrip().endswith("?")
    return {"status": "complete"} if ended else {"status": "incomplete", "indent": ""}


def _compile_notebook(text: str) -> bool | None:
    """As _compile, for magics, commands and the like."""
    from _carme import transform

    made = transform.transform(text)
    return None if made == text else _compile(made)


def _without_margin(text: str) -> str:
    """Take the first line's indentation from all lines."""
    margin = _indent_of(text.lstrip("\n"))
    if not margin:
        return text
    lines = text.split("\n")
    return "\n".join(line[len(margin) :] if line.startswith(margin) else line for line in lines)


def _compile(text: str) -> bool | None:
    """Return True for complete source, False for a beginning of such, None for anything else."""
    import codeop
    import warnings

    compiler = codeop.CommandCompiler()
    compiler.compiler.flags |= _TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compiler(text, "<cell>", "exec") is not None
    except (SyntaxError, ValueError, OverflowError, TypeError, MemoryError, RecursionError):
        return None


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _statements(text: str) -> list[tuple[int, int]]:
    from _carme.scan import logical_lines

    return [(first, last) for first, last, comment in logical_lines(text) if not comment]


def _open_block(text: str) -> str:
    """Return the indentation of the block that the last line is in; "" when it has ended."""
    if text.rstrip(" \t").endswith("\n"):
        return ""
    statements = _statements(text)
    return _indent_of(text.split("\n")[statements[-1][0]]) if statements else ""


def _next_indent(text: str) -> str:
    lines = text.split("\n")
    statements = _statements(text)
    last = lines[-1] if lines[-1] or len(lines) < 2 else lines[-2]
    if not statements or not _starts_block(text):
        return _indent_of(last)
    indent = _indent_of(lines[statements[-1][0]])
    return indent + ("\t" if indent.startswith("\t") else _INDENT)


def _starts_block(text: str) -> bool:
    from _carme.scan import tokens

    depth = 0
    last = ""
    for kind, value, _ in tokens(text):
        depth += (kind == "open") - (kind == "close")
        if kind not in ("space", "newline", "comment"):
            last = value
    return last == ":" and depth <= 0
