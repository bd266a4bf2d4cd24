"""Whether a cell may be run as it is, or more lines must follow.

Source: IPython's documentation, "Custom input transformation", of whose TransformerManager these
are the answers; after a line that a tab indents the next one has that tab, not four spaces.
"""

import re
import tokenize

from _carme.session.lines import cut
from _carme.syntax import input_transformer, token_transformers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from _carme.syntax.token_transformers import Statement

_TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_INDENT = "    "
_MARGIN = re.compile(r"[ \t]*")
_ENDS = (tokenize.NEWLINE, tokenize.COMMENT, tokenize.ENDMARKER)
_COMPLETE = {"status": "complete"}
_INVALID = {"status": "invalid"}


def is_complete(code: str) -> dict[str, Any]:
    """Return the content of is_complete_reply: `status`, and `indent` when it is "incomplete"."""
    behind = code[len(code.rstrip()) :]
    lines = cut(code if "\n" in behind else code + "\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    if last.strip("\n").endswith("\\"):
        return _incomplete(_margin(lines[-1]))
    lines = input_transformer.cleaned(lines)
    if lines[0].startswith("%%"):
        return _incomplete(_margin(lines[-1])) if lines[-1].strip() else _COMPLETE
    lines = input_transformer.rewritten(input_transformer.cell_magic(lines), False)
    return _of_python(lines, "\n" in behind)


def _of_python(lines: list[str], is_ended: bool) -> dict[str, Any]:
    """As is_complete, for lines of Python; is_ended: whether the last one is."""
    statements = list(token_transformers.split(lines))
    margin = _margin(lines[-1])
    if len(lines) == 1 and statements and _is_sunken(statements[0]):
        return _INVALID
    if not statements or not _has_end(statements[-1]):
        return _incomplete(margin)
    end = statements.pop() if len(statements) > 1 and _is_end(statements[-1]) else []
    while statements[-1] and statements[-1][-1].type in _ENDS:
        statements[-1].pop()
    if not statements[-1]:
        return _incomplete(margin)
    if statements[-1][-1].string == ":":
        return _incomplete(_block(statements[-1]))
    verdict = _compile("".join(lines))
    if verdict is None:
        return _INVALID
    is_open = bool(end) and end[0].type == tokenize.DEDENT and not is_ended
    return _COMPLETE if verdict and not is_open else _incomplete(margin)


def _incomplete(indent: str) -> dict[str, Any]:
    return {"status": "incomplete", "indent": indent}


def _margin(line: str) -> str:
    """Return what the line begins with; tabs behind spaces count as spaces."""
    found = _MARGIN.match(line)
    margin = found[0] if found else ""
    return margin if not margin.strip("\t") else margin.replace("\t", _INDENT)


def _block(statement: Statement) -> str:
    """Return the margin of the block that a statement begins."""
    first = token_transformers.first_of(statement)
    before = first.line[: first.start[1]] if first else ""
    if before and not before.strip("\t"):
        return before + "\t"
    return " " * (first.start[1] if first else 0) + _INDENT


def _is_sunken(statement: Statement) -> bool:
    """Return whether a bracket is closed that was not opened."""
    depth = 0
    for token in statement:
        depth += token_transformers.depth_change(token)
        if depth < 0:
            return True
    return False


def _has_end(statement: Statement) -> bool:
    """Return whether all was read: no string or bracket is open at the end."""
    return statement[-1].type in (tokenize.ENDMARKER, tokenize.ERRORTOKEN)


def _is_end(statement: Statement) -> bool:
    """Return whether there is nothing in it but the end, and of blocks."""
    kinds = {token.type for token in statement}
    return tokenize.ENDMARKER in kinds and kinds <= {tokenize.DEDENT, tokenize.ENDMARKER}


def _compile(text: str) -> bool | None:
    """Return True for complete source, False for a beginning of such, None for anything else."""
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
