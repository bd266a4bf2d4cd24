"""cursor_context: primaries of names and items, and what is open at a cursor."""

import pytest
from _carme.syntax.cursor_context import CursorContext, primary_steps
from _carme.syntax.lexer import tokens


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
def test_primary_steps(code, expected):
    found = [token for token in tokens(code) if token[0] != "space"]
    assert primary_steps(found, len(found)) == expected


def test_cursor_context():
    context = CursorContext("x = 1\nf(a, g['k'](b, ")
    assert context.call_opening() is not None
    assert context.tokens[context.call_opening() - 1][1] == "]"
    assert context.tokens[context.statement][1] == "f"
