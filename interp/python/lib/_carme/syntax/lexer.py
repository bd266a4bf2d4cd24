"""Tokens of Python source, also of source that is unfinished or has syntax errors.

A regular expression finds the tokens, so every text has some; nothing is parsed or run.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    Token = tuple[str, str, int]  # kind, text, offset of its first character

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


def tokens(text: str) -> list[Token]:
    """Return all tokens of `text`; their texts, joined, give `text` again.

    Kinds: comment, string, number, name, newline, space, open, close, other (one character).
    """
    return [
        (match.lastgroup or "other", match.group(), match.start())
        for match in _TOKEN.finditer(text)
    ]


def logical_lines(text: str) -> list[tuple[int, int, bool]]:
    """Return (first line, last line, whether it is a comment) of each logical line of `text`.

    Lines are counted from 0. Adjacent comment lines are one entry; blank lines have none.
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
