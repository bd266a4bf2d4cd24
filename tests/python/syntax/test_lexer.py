"""lexer: the tokens of any text, chains of names and items, and the place of a cursor."""

import pytest
from _carme.help.complete import complete
from _carme.syntax.lexer import Place, chain, tokens

pytestmark = pytest.mark.usefixtures("without_jedi")


@pytest.mark.parametrize(
    "text",
    ["'", '"', "'''", '"""', "'\\", '"\\', "f'{", "(" * 500, ")" * 500, "\\", "\0", "\ud800"],
)
def test_tokens_lose_nothing(text):
    assert "".join(value for _, value, _ in tokens(text)) == text
    assert complete(text, len(text), {})["status"] == "ok"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a", [("name", "a")]),
        ("x + a.b", [("name", "a"), ("attribute", "b")]),
        ("a['k'][-1].b", [("name", "a"), ("item", "k"), ("item", -1), ("attribute", "b")]),
        ("a[0x10]", [("name", "a"), ("item", 16)]),
        ("a[None]", [("name", "a"), ("item", None)]),
        ("a[b]", None),
        ("a[1:2]", None),
        ("a['x' 'y']", None),
        ("a[f'x']", None),
        ("[1]", [("value", [])]),
        ("{}.keys", [("value", {}), ("attribute", "keys")]),
        ("(1, a).count", [("value", ()), ("attribute", "count")]),
        ("x + (5).real", [("value", 5), ("attribute", "real")]),
        ("{a}", [("value", set())]),
        ("(a)", None),
        ("f()", None),
        ("if", None),
    ],
)
def test_chain(code, expected):
    found = [token for token in tokens(code) if token[0] != "space"]
    assert chain(found, len(found)) == expected


def test_place():
    place = Place("x = 1\nf(a, g['k'](b, ")
    assert place.call() is not None
    assert place.tokens[place.call() - 1][1] == "]"
    assert place.tokens[place.statement][1] == "f"
