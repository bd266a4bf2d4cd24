"""The code before a cursor: the name that is being typed, open brackets, the call around it.

Nothing is parsed or run, so unfinished code has an answer as well.
Source: The Python Language Reference, "Primaries" and "Atoms".
"""

from keyword import iskeyword

from _carme.syntax.lexer import string_parts, tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from _carme.syntax.lexer import Token

    # ("name", str), then any number of ("attribute", str) and ("item", constant);
    # a literal or a display begins with ("value", object) instead of the name
    Step = tuple[str, Any]

_VALUES = {"None": None, "True": True, "False": False}


class CursorContext:
    """The tokens before a cursor, and which constructs are open there.

    Attributes:
        tokens: the tokens before the fragment, without spaces, comments and newlines in brackets.
        fragment: the name or number that ends at the cursor, or "".
        start: offset of the fragment, or of the cursor.
        brackets: indexes of the brackets in `tokens` that are open at the cursor.
        statement: index in `tokens` of the statement's first token.
        string: the unclosed string the cursor is in, or None.
        is_comment: whether the cursor is in a comment.
    """

    def __init__(self, before: str) -> None:
        found = tokens(before)
        self.start = len(before)
        self.fragment = ""
        self.string: Token | None = None
        self.is_comment = False
        if found:
            self._take_last(found)
        self.tokens: list[Token] = []
        self.brackets: list[int] = []
        self.statement = 0
        for token in found:
            self._add(token)

    def _take_last(self, found: list[Token]) -> None:
        kind, text, start = found[-1]
        if kind in ("name", "number"):
            self.fragment = text
            self.start = start
            del found[-1]
        elif kind == "comment":
            self.is_comment = True
        elif kind == "string" and not string_parts(text)[3]:
            self.string = found.pop()

    def _add(self, token: Token) -> None:
        kind, text, _ = token
        if kind in ("space", "comment") or (kind == "newline" and self.brackets):
            return
        if kind == "close" and self.brackets:
            self.brackets.pop()
        elif kind == "open":
            self.brackets.append(len(self.tokens))
        self.tokens.append(token)
        if kind == "newline" or (text == ";" and not self.brackets):
            self.statement = len(self.tokens)

    def previous_text(self) -> str:
        """Return the text of the token before the fragment, or ""."""
        return self.tokens[-1][1] if self.tokens else ""

    def call_opening(self) -> int | None:
        """Return the index of the opening parenthesis of the innermost call, or None."""
        for index in reversed(self.brackets):
            if self.tokens[index][1] == "(" and index and _ends_primary(self.tokens[index - 1]):
                return index
        return None


def _ends_primary(token: Token) -> bool:
    kind, text, _ = token
    return (kind == "name" and not iskeyword(text)) or text in (")", "]")


def primary_steps(found: Sequence[Token], end: int) -> list[Step] | None:
    """Return the steps of the primary that ends before `end`: `a.b[0]` is name, attribute, item.

    None for any other expression: calls, operators, subscripts that are not constant.
    """
    steps: list[Step] = []
    index = end - 1
    while index >= 0:
        kind, text, _ = found[index]
        if kind == "close":
            opening = opening_of(found, index)
            if opening >= 0 and (not opening or not _ends_primary(found[opening - 1])):
                display = _display(found[opening : index + 1])
                return None if display is None else [("value", display), *reversed(steps)]
            if text != "]":
                return None
            inner = literal_value(found[opening + 1 : index])
            if opening < 1 or inner is None:
                return None
            steps.append(("item", inner[0]))
            index = opening - 1
        elif kind == "name" and index and found[index - 1][1] == ".":
            steps.append(("attribute", text))
            index -= 2
        else:
            first = _first_step(found[index])
            return [first, *reversed(steps)] if first else None
    return None


def _display(found: Sequence[Token]) -> Any:
    """Return an empty list, dict, set or tuple for a display of one, or None.

    Of a literal in parentheses, its value.
    """
    depth = 0
    signs = set()
    for _, text, _ in found:
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        if depth == 1:
            signs.add(text)
    if found[0][1] == "[":
        return []
    if found[0][1] == "{":
        return {} if ":" in signs or len(found) == 2 else set()
    inner = literal_value(found[1:-1])
    if inner is not None:
        return inner[0]
    return () if ("," in signs or len(found) == 2) and "for" not in signs else None


def _first_step(token: Token) -> Step | None:
    kind, text, _ = token
    if kind == "name" and text not in _VALUES and not iskeyword(text):
        return "name", text
    value = literal_value([token])
    return ("value", value[0]) if value else None


def opening_of(found: Sequence[Token], index: int) -> int:
    """Return the index of the bracket that the one at `index` closes, or -1."""
    depth = 0
    while index >= 0:
        depth += (found[index][0] == "close") - (found[index][0] == "open")
        if not depth:
            return index
        index -= 1
    return -1


def literal_value(found: Sequence[Token]) -> tuple[Any] | None:
    """Return (value,) of a literal, a number perhaps with a sign; None for anything else."""
    text = "".join(text for _, text, _ in found)
    kinds = [kind for kind, _, _ in found]
    if kinds == ["name"]:
        return (_VALUES[text],) if text in _VALUES else None
    if kinds == ["string"]:
        prefix, _, content, closed = string_parts(text)
        if not closed or "f" in prefix or "t" in prefix or "\\" in content:
            return None
        return (content.encode("latin-1", "replace") if "b" in prefix else content,)
    if kinds in (["number"], ["other", "number"]) and text[0] in "-0123456789.":
        return _number(text)
    return None


def _number(text: str) -> tuple[Any] | None:
    for convert in (lambda: int(text, 0), lambda: float(text), lambda: complex(text)):
        try:
            return (convert(),)
        except ValueError:
            continue
    return None
