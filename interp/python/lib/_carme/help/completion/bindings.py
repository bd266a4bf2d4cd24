"""Completions of names that the code before the cursor binds; they may have no value yet.

Source: The Python Language Reference, "Binding of names".
"""

from keyword import iskeyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _carme.syntax.cursor_context import CursorContext
    from _carme.syntax.lexer import Token

_KINDS = {"def": "function", "class": "class", "import": "module", "as": "statement"}


def names(context: CursorContext) -> dict[str, str]:
    """Return the bound names, each with its kind as in the completion's metadata."""
    return dict(_bound(context.tokens))


def _bound(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    depth = 0  # of brackets
    inside = ""  # the targets of "for", the names of "import", the parameters of "def" or "lambda"
    before = ""
    for (kind, text, _), after in zip(tokens, [*tokens[1:], ("newline", "", 0)]):
        depth += (kind == "open") - (kind == "close")
        if text in ("for", "import", "def", "lambda"):
            inside = text
        elif _ends(inside, kind, text, depth):
            inside = ""
        elif kind == "name" and not iskeyword(text):
            found = _kind(before, inside, depth, after[1])
            if found:
                yield text, found
        before = text


def _ends(inside: str, kind: str, text: str, depth: int) -> bool:
    """Whether a token ends the part of a statement that is `inside`."""
    if kind == "newline" or (inside == "for" and text == "in"):
        return True
    return text == ":" and (inside == "lambda" or (inside == "def" and not depth))


def _kind(before: str, inside: str, depth: int, after: str) -> str:
    """Return the kind of a name between two tokens, or "" if it is not bound there."""
    if before in _KINDS:
        return _KINDS[before]
    if inside in ("def", "lambda") and before in ("(", ",", "*", "lambda"):
        return "param"
    if inside == "for" and before in ("for", ",", "(", "*"):
        return "statement"
    if inside == "import" and before in (",", "("):
        return "module"
    return "statement" if not depth and after in ("=", ":") and before != "." else ""
