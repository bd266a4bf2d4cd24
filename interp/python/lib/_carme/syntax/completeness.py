"""Whether a cell is complete, or more lines must follow.

The answers are those of IPython's TransformerManager.check_complete, but for one: after a line that
is indented by a tab, the next one is indented by that tab, not by four spaces.
Source: IPython's documentation, "Custom input transformation".
"""

import re
import tokenize

from _carme.session.lines import split
from _carme.syntax import input_transformer, token_transformers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from _carme.syntax.token_transformers import Statement

_TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_INDENT = "    "
_SPACES = re.compile(r"[ \t]*")
_ENDS = (tokenize.NEWLINE, tokenize.COMMENT, tokenize.ENDMARKER)
_COMPLETE = {"status": "complete"}
_INVALID = {"status": "invalid"}


def is_complete(code: str) -> dict[str, Any]:
    """Return the content of is_complete_reply: `status`, and `indent` when it is "incomplete"."""
    behind = code[len(code.rstrip()) :]
    lines = split(code if "\n" in behind else code + "\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    if last.strip("\n").endswith("\\"):
        return _incomplete(_indent_of(lines[-1]))
    lines = input_transformer.cleanup(lines)
    if lines[0].startswith("%%"):
        return _incomplete(_indent_of(lines[-1])) if lines[-1].strip() else _COMPLETE
    lines = input_transformer.transform_statements(input_transformer.cell_magic(lines), False)
    return _of_python(lines, "\n" in behind)


def _of_python(lines: list[str], is_ended: bool) -> dict[str, Any]:
    """As is_complete, for lines of Python; is_ended: whether the last one ends in a newline."""
    statements = list(token_transformers.split(lines))
    indent = _indent_of(lines[-1])
    if len(lines) == 1 and statements and _closes_unopened(statements[0]):
        return _INVALID
    if not statements or not _has_end(statements[-1]):
        return _incomplete(indent)
    end = statements.pop() if len(statements) > 1 and _is_end(statements[-1]) else []
    while statements[-1] and statements[-1][-1].type in _ENDS:
        statements[-1].pop()
    if not statements[-1]:
        return _incomplete(indent)
    if statements[-1][-1].string == ":":
        return _incomplete(_block(statements[-1]))
    is_whole = _compile("".join(lines))
    if is_whole is None:
        return _INVALID
    is_open = bool(end) and end[0].type == tokenize.DEDENT and not is_ended
    return _COMPLETE if is_whole and not is_open else _incomplete(indent)


def _incomplete(indent: str) -> dict[str, Any]:
    return {"status": "incomplete", "indent": indent}


def _indent_of(line: str) -> str:
    """Return the indentation of a line; tabs behind spaces become spaces."""
    found = _SPACES.match(line)
    indent = found[0] if found else ""
    return indent if not indent.strip("\t") else indent.replace("\t", _INDENT)


def _block(statement: Statement) -> str:
    """Return the indentation of the block that a statement opens."""
    first = token_transformers.first_token(statement)
    before = first.line[: first.start[1]] if first else ""
    if before and not before.strip("\t"):
        return before + "\t"
    return " " * (first.start[1] if first else 0) + _INDENT


def _closes_unopened(statement: Statement) -> bool:
    """Return whether a bracket is closed that was not opened before."""
    depth = 0
    for token in statement:
        depth += token_transformers.depth_change(token)
        if depth < 0:
            return True
    return False


def _has_end(statement: Statement) -> bool:
    """Return whether no string or bracket is open at the end."""
    return statement[-1].type in (tokenize.ENDMARKER, tokenize.ERRORTOKEN)


def _is_end(statement: Statement) -> bool:
    """Return whether the statement is only the end of the input and of blocks."""
    kinds = {token.type for token in statement}
    return tokenize.ENDMARKER in kinds and kinds <= {tokenize.DEDENT, tokenize.ENDMARKER}


def _compile(text: str) -> bool | None:
    """Return True for complete source, False for an incomplete one, None for an invalid one."""
    import codeop
    import warnings

    compiler = codeop.CommandCompiler()
    compiler.compiler.flags |= _TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", SyntaxWarning)
            return compiler(text, "<cell>", "exec") is not None
    except (SyntaxError, ValueError, OverflowError, TypeError, MemoryError, RecursionError):
        return None
    except SyntaxWarning:
        return None
