"""Python source in ANSI colours, those of IPython's "neutral" theme.

Source that does not compile is coloured as well.
"""

from keyword import kwlist

from _carme.syntax.lexer import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Style = tuple[str, str]

RED = ("\x1b[31m", "\x1b[39m")
GREEN = ("\x1b[32m", "\x1b[39m")
YELLOW = ("\x1b[33m", "\x1b[39m")
BLUE = ("\x1b[34m", "\x1b[39m")
CYAN = ("\x1b[36m", "\x1b[39m")
_KEYWORD = ("\x1b[38;5;28;01m", "\x1b[39;00m")
_WORD_OPERATOR = ("\x1b[38;5;129;01m", "\x1b[39;00m")
_BUILTIN = ("\x1b[38;5;28m", "\x1b[39m")
_EXCEPTION = ("\x1b[38;5;167;01m", "\x1b[39;00m")
_COMMENT = ("\x1b[38;5;66;03m", "\x1b[39;00m")
_DOCSTRING = ("\x1b[33;03m", "\x1b[39;00m")
_CLASS = ("\x1b[34;01m", "\x1b[39;00m")
_DECORATOR = ("\x1b[38;5;129m", "\x1b[39m")
_MARK = ("\x1b[30;43m", "\x1b[39;49m")

_WORD_OPERATORS = frozenset(("and", "in", "is", "not", "or"))


def paint(text: str, style: Style) -> str:
    """Return `text` between the codes of `style`."""
    return style[0] + text + style[1]


def colour(text: str, marks: Mapping[int, tuple[int, int]] | None = None) -> list[str]:
    r"""Return the lines of `text` (split at "\n"), coloured each by itself.

    `marks` gives, by line index, the (start, end) columns shown as being executed.
    """
    marks = marks or {}
    lines: list[list[str]] = [[]]
    column = 0
    for value, style in _styled(text):
        for index, part in enumerate(value.split("\n")):
            if index:
                lines.append([])
                column = 0
            if part:
                lines[-1].append(_piece(part, style, column, marks.get(len(lines) - 1)))
                column += len(part)
    return ["".join(parts) for parts in lines]


def colour_code(text: str) -> str:
    """Return the text coloured as `?` shows it: names have no colour of their own."""
    parts = []
    for kind, value, _ in tokens(text):
        style = _style(kind, value, "")
        if kind == "name":
            style = _KEYWORD if value in _KEYWORDS else None
        lines = value.split("\n") if style else [value]
        parts.append("\n".join(paint(line, style) if line and style else line for line in lines))
    return "".join(parts)


def _styled(text: str) -> Iterator[tuple[str, Style | None]]:
    before = "newline"  # kind or keyword of the token before; spaces do not count
    for kind, value, _ in tokens(text):
        yield value, _style(kind, value, before)
        if kind != "space":
            before = value if kind == "name" or value in ".@" else kind


def _style(kind: str, value: str, before: str) -> Style | None:
    if kind == "name":
        return _name_style(value, before)
    if kind == "string":
        return _DOCSTRING if before == "newline" else YELLOW
    if kind == "comment":
        return _COMMENT
    if kind == "number":
        return GREEN
    return _DECORATOR if value == "@" and before == "newline" else None


def _name_style(name: str, before: str) -> Style | None:
    if name in _WORD_OPERATORS:
        return _WORD_OPERATOR
    if name in _KEYWORDS:
        return _KEYWORD
    if before in _AFTER:
        return _AFTER[before]
    known = _BUILTINS.get(name)
    if known is None:
        return None
    return _EXCEPTION if isinstance(known, type) and issubclass(known, BaseException) else _BUILTIN


_KEYWORDS = frozenset(kwlist)
_AFTER: dict[str, Style | None] = {
    "def": BLUE,
    "class": _CLASS,
    "import": _CLASS,
    "from": _CLASS,
    "@": _DECORATOR,
    ".": None,
}
_BUILTINS = {
    name: value
    for name, value in __import__("builtins").__dict__.items()
    if not name.startswith("_") and callable(value)
}


def _piece(part: str, style: Style | None, column: int, mark: tuple[int, int] | None) -> str:
    if mark is None:
        return paint(part, style) if style else part
    start = min(max(mark[0] - column, 0), len(part))
    end = min(max(mark[1] - column, start), len(part))
    pieces = ((part[:start], style), (part[start:end], _MARK), (part[end:], style))
    return "".join(paint(text, code) if code else text for text, code in pieces if text)
