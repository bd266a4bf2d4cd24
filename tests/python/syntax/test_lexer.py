"""lexer: the tokens of any text."""

import pytest
from _carme.help.completion.completer import complete
from _carme.syntax.lexer import tokens

pytestmark = pytest.mark.usefixtures("without_jedi")


@pytest.mark.parametrize(
    "text",
    ["'", '"', "'''", '"""', "'\\", '"\\', "f'{", "(" * 500, ")" * 500, "\\", "\0", "\ud800"],
)
def test_tokens_lose_nothing(text):
    assert "".join(value for _, value, _ in tokens(text)) == text
    assert complete(text, len(text), {})["status"] == "ok"
