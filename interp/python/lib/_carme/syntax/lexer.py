"""Tokens of Python source that may be unfinished or wrong, and what stands before a cursor.

A regular expression finds the tokens, so there is always an answer; nothing is parsed or run.
"""

import re
from keyword import iskeyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    # (kind, text, offset of its first character)
    Token = tuple[str, str, int]
    # ("name", str), then any number of ("attribute", str) and ("item", constant);
    # or ("value", constant) in the place of the name.
    Step = tuple[str, Any]

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>[bfrtuBFRTU]{0,2}(?:
        '{3}(?:[^\\]|\\.|\\\Z)*?(?:'{3}|\Z)
      | "{3}(?:[^\\]|\\.|\\\Z)*?(?:"{3}|\Z)
      | '(?:[^'\\\n]|\\.|\\\Z)*(?:'|(?=\n)|\Z)
      | "(?:[^"\\\n]|\\.|\\\Z)*(?:"|(?=\n)|\Z)))
  | (?P<number>0[xXoObB][0-9a-fA-F_]+ | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?[jJ]?)
  | (?P<name>[^\W\d]\w*)
  | (?P<newline>\n)
  | (?P<space>(?:\\\n|[ \t\f\r])+)
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<other>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_VALUES = {"None": None, "True": True, "False": False}


def tokens(text: str) -> list[Token]:
    """Return all tokens of `text`; joined, their texts are `text`.

    Kinds: comment, string, number, name, newline, space, open, close, other (one character).
    """
    return [
        (match.lastgroup or "other", match.group(), match.start())
        for match in _TOKEN.finditer(text)
    ]


def logical_lines(text: str) -> list[tuple[int, int, bool]]:
    """Return (first line, last line, whether a comment) of the logical lines of `text`.

    Lines are counted from 0. Comments that follow one another are one entry; blank lines none.
    """
    spans: list[tuple[int, int, bool]] = []
    line = depth = 0
    start = -1
    comment = False
    for kind, value, _ in tokens(text):
        if kind == "newline" and not depth and start >= 0:
            spans.append(_joined(spans, start, line, comment))
            start = -1
        elif kind not in ("newline", "space") and start < 0:
            start = line
            comment = kind == "comment"
        depth = max(0, depth + (kind == "open") - (kind == "close"))
        line += value.count("\n")
    if start >= 0:
        spans.append(_joined(spans, start, line, comment))
    return spans


def _joined(
    spans: list[tuple[int, int, bool]], first: int, last: int, comment: bool
) -> tuple[int, int, bool]:
    if comment and spans and spans[-1][2] and spans[-1][1] == first - 1:
        first = spans.pop()[0]
    return first, last, comment


def string_parts(text: str) -> tuple[str, str, str, bool]:
    """Return (prefix, quote, content, whether it is closed) of a string token."""
    prefix = text[: len(text) - len(text.lstrip("bfrtuBFRTU"))]
    body = text[len(prefix) :]
    quote = body[:3] if body[:3] in ("'''", '"""') else body[:1]
    content = body[len(quote) :]
    inner = content[: -len(quote)]
    escaped = (len(inner) - len(inner.rstrip("\\"))) % 2
    if content.endswith(quote) and not escaped:
        return prefix.lower(), quote, inner, True
    return prefix.lower(), quote, content, False


class Place:
    """What stands before a cursor.

    Attributes:
        tokens: the tokens before the fragment, without spaces, comments and newlines in brackets.
        fragment: the name or number that ends at the cursor, or "".
        start: offset of the fragment, or of the cursor.
        brackets: indexes of the brackets in `tokens` that are open at the cursor.
        statement: index in `tokens` of the statement's first token.
        string: the unclosed string the cursor is in, or None.
        comment: whether the cursor is in a comment.
    """

    def __init__(self, before: str) -> None:
        found = tokens(before)
        self.start = len(before)
        self.fragment = ""
        self.string: Token | None = None
        self.comment = False
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
            self.comment = True
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

    def previous(self) -> str:
        """Return the text of the token before the fragment, or ""."""
        return self.tokens[-1][1] if self.tokens else ""

    def call(self) -> int | None:
        """Return the index of the parenthesis of the call the cursor is in, or None."""
        for index in reversed(self.brackets):
            if self.tokens[index][1] == "(" and index and _ends_primary(self.tokens[index - 1]):
                return index
        return None


def _ends_primary(token: Token) -> bool:
    kind, text, _ = token
    return (kind == "name" and not iskeyword(text)) or text in (")", "]")


def chain(found: Sequence[Token], end: int) -> list[Step] | None:
    """Return the steps of the name, attributes and constant subscripts that end before `end`.

    None for anything else: calls, operators, subscripts that are computed.
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
            inner = constant(found[opening + 1 : index])
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
    """Return an object of a display's type, from bracket to bracket; None: it is not known."""
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
    inner = constant(found[1:-1])
    if inner is not None:
        return inner[0]
    return () if ("," in signs or len(found) == 2) and "for" not in signs else None


def _first_step(token: Token) -> Step | None:
    kind, text, _ = token
    if kind == "name" and text not in _VALUES and not iskeyword(text):
        return "name", text
    value = constant([token])
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


def constant(found: Sequence[Token]) -> tuple[Any] | None:
    """Return the value of one literal token (a number may have a sign) in a tuple, or None."""
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
