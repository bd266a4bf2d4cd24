"""transform: the texts of IPython's TransformerManager for some thousand cells, and their lines."""

import ast
import sys

import pytest
from _carme.syntax import input_transformer
from notation import corpus

# A closing bracket too many: Python's tokenize counts below zero, and IPython with it.
SUNKEN = {"(\n))\n%c\n    !d", ")\n%c\n    !d"}


def parsed(text):
    """The tree without places; None where the text is no Python."""
    try:
        return ast.dump(ast.parse(text, feature_version=sys.version_info[:2]))
    except (SyntaxError, ValueError):
        return None


def test_as_ipython():
    ipython = pytest.importorskip("IPython", reason="IPython is not installed")
    if ipython.version_info[:2] < (9, 18):
        pytest.skip("the texts are those of IPython 9.18")
    from IPython.core.inputtransformer2 import TransformerManager

    manager = TransformerManager()
    different = []
    for cell in corpus():
        made = input_transformer.transform_cell(cell)
        try:
            expected = manager.transform_cell(cell)
        except Exception:  # its tokens can not be read, or it has an error: so does the cell
            expected = made
            assert parsed(made) is None, cell
        if made != expected and cell not in SUNKEN:
            different.append((cell, expected, made))
    assert not different


def test_statements_stay_on_their_lines():
    for cell in corpus():
        plain, made = input_transformer.transform_in_place(cell)
        text = input_transformer.transform_cell(cell)
        assert [line for line in made.splitlines() if line.strip()] == [
            line for line in text.splitlines() if line.strip()
        ], cell
        assert parsed(made) == parsed(text), cell
        if "%%" not in cell:
            assert made.count("\n") == plain.count("\n") + (not plain.endswith("\n")), cell


def test_many_statements_take_no_long_time():
    made = input_transformer.transform_cell("!ls\nx = 1\n" * 5000)
    assert made == "get_ipython().system('ls')\nx = 1\n" * 5000


@pytest.mark.parametrize("end", ["\x0c", "\x0b", "\x1c", "\x85", "\u2028", "\u2029"])
def test_lines_end_where_pythons_do(end):
    cell = f"x = 'a{end}%b'\n%c"
    assert (
        input_transformer.transform_cell(cell)
        == f"x = 'a{end}%b'\nget_ipython().run_line_magic('c', '')\n"
    )
