"""Names that the code before a cursor binds and that perhaps have no value yet.

Source: The Python Language Reference, "Binding of names".
"""

from keyword import iskeyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _carme.syntax.lexer import Place, Token

_KINDS = {"def": "function", "class": "class", "import": "module", "as": "statement"}


def names(place: Place) -> dict[str, str]:
    """Return the kinds of the names that are bound by name, as completion metadata calls them."""
    return dict(_bound(place.tokens))


def _bound(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    depth = 0  # of brackets
    inside = ""  # of "for" or "import", as far as its names go; of "def", its parameters
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
    """Whether a token ends what is `inside`."""
    if kind == "newline" or (inside == "for" and text == "in"):
        return True
    return text == ":" and (inside == "lambda" or (inside == "def" and not depth))


def _kind(before: str, inside: str, depth: int, after: str) -> str:
    """Return what is bound by a name between two tokens, or "" when it is only used."""
    if before in _KINDS:
        return _KINDS[before]
    if inside in ("def", "lambda") and before in ("(", ",", "*", "lambda"):
        return "param"
    if inside == "for" and before in ("for", ",", "(", "*"):
        return "statement"
    if inside == "import" and before in (",", "("):
        return "module"
    return "statement" if not depth and after in ("=", ":") and before != "." else ""
