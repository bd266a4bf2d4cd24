"""Completions as IPython gives them: characters by name, paths, modules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, Kernel

WITH_IPYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")


def complete(client: Client, code: str) -> tuple[list[str], str]:
    """What is offered, and for which text."""
    reply = client.ask("complete_request", {"code": code, "cursor_pos": len(code)}).content
    return reply["matches"], code[reply["cursor_start"] : reply["cursor_end"]]


@pytest.mark.parametrize(
    ("code", "matches", "replaced"),
    [
        ("\\alpha", ["α"], "\\alpha"),
        ("x = 1 + \\beta", ["β"], "\\beta"),
        ("'\\phi", ["ϕ"], "\\phi"),
        ("# \\bbR", ["ℝ"], "\\bbR"),
        ("x\\_1 = \\scrA", ["𝒜"], "\\scrA"),
        ("x\\hat", ["\u0302"], "\\hat"),
        ("\\alp", ["\\alpha"], "\\alp"),
        ("\\al", ["\\aleph", "\\alpha"], "\\al"),
        ("\\GREEK SMALL LETTER GAMMA", ["γ"], "\\GREEK SMALL LETTER GAMMA"),
        ("\\ROMAN NUMERAL FIVE", ["Ⅴ"], "\\ROMAN NUMERAL FIVE"),
        ("\\roman numeral five t", ["ROMAN NUMERAL FIVE THOUSAND"], "roman numeral five t"),
        ("\\snowman w", ["SNOWMAN WITHOUT SNOW"], "snowman w"),
        ("\\β", ["\\beta"], "\\β"),
        ("\\Ⅴ", ["\\ROMAN NUMERAL FIVE"], "\\Ⅴ"),
    ],
)
def test_characters_by_name(client: Client, code: str, matches: list[str], replaced: str) -> None:
    assert complete(client, code) == (matches, replaced)


def test_a_line_that_goes_on_is_no_name(client: Client) -> None:
    client.run("alphabet = 1")
    assert "alphabet" in complete(client, "x = 1 + \\\n  alphab")[0]
    assert "alphabet" in complete(client, "y = '\\d+' + alphab")[0]


@pytest.mark.one_python
def test_all_of_ipythons_names(start: Callable[..., Kernel]) -> None:
    client = start(path=WITH_IPYTHON).client()
    assert complete(client, "\\strike") == (["\u0336"], "\\strike")
    assert client.run("'IPython' in __import__('sys').modules").result == "False"
