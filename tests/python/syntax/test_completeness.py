"""completeness.is_complete(): what IPython 9.18 answers, but for tabs and ends of lines."""

import string
import sys

import pytest
from _carme.syntax.completeness import is_complete
from notation import corpus

# Answers recorded from ipykernel with IPython 9.18: source, indent (None: complete; False: invalid).
AS_IPYTHON = [
    ("", None),
    ("a", None),
    ("a =", False),
    ("if x:", "    "),
    ("if x:  # why", "    "),
    ("if x:\n    y", "    "),
    ("if x:\n    y\n", None),
    ("def f():\n  return 1", "  "),
    ("for i in x:\n    pass\n\n", None),
    ("(1,", ""),
    ("'''abc", ""),
    ("x \\", ""),
    ("@deco", ""),
    ("await x", None),
    ("async with x:\n    y\n", None),
    ("async def f():\n    await x", "    "),
    ("1 +", False),
    ("a b", False),
    ("x = [\n1,\n", ""),
    ("try:\n    x", "    "),
    ("try:\n    x\n", "    "),
    ("return", False),
    ("  x", None),
    ("class A:", "    "),
    ("if 1:\n    if 2:\n        pass", "        "),
    ("if 1:\n    if 2:", "        "),
    ("def f():\n    x = (1,\n", "    "),
    ("'abc", False),
    ("print(1))", False),
    ("for", False),
    ("# c", None),
    ("if x: y", None),
    ("\n", None),
    ("   ", None),
    ("x;", None),
    ("if x:\n    y\nelse:", "    "),
    ("with a:\n    return 1", False),
    ("f(", ""),
    ("yield", False),
    ("x = {\n  'a': 1", "  "),
    ("raise", None),
    ("def f(a,\n      b", "      "),
    ("import", False),
    ("from x import (a,", ""),
    ("@deco\ndef f(): pass", None),
    ("f(a,\n  b)", None),
]


def answer(indent):
    if indent is None:
        return {"status": "complete"}
    return {"status": "invalid"} if indent is False else {"status": "incomplete", "indent": indent}


@pytest.mark.parametrize(("code", "indent"), AS_IPYTHON)
def test_as_ipython(code, indent):
    assert is_complete(code) == answer(indent)


@pytest.mark.parametrize(("code", "indent"), AS_IPYTHON)
def test_the_table_is_ipythons(code, indent):
    ipython = pytest.importorskip("IPython", reason="IPython is not installed")
    if ipython.version_info[0] < 9:
        pytest.skip("the table is that of IPython 9")
    from IPython.core.inputtransformer2 import TransformerManager

    status, columns = TransformerManager().check_complete(code)
    found = {"status": status}
    if status == "incomplete":
        found["indent"] = " " * (columns or 0)
    assert found == answer(indent)


def unfinished():
    """Cells as they are while somebody writes them, and all pairs of signs."""
    signs = "12abAB" + string.punctuation + " \n"
    yield from (first + second for first in ("", *signs) for second in signs)
    for cell in corpus():
        yield from (cell, cell + "\n\n", cell[: len(cell) // 2], cell[:-1])


def test_many_cells_are_as_ipythons():
    ipython = pytest.importorskip("IPython", reason="IPython is not installed")
    if ipython.version_info[:2] < (9, 18):
        pytest.skip("the answers are those of IPython 9.18")
    from IPython.core.inputtransformer2 import TransformerManager

    manager = TransformerManager()
    different = []
    for cell in unfinished():
        if "\t" in cell:  # the indent after a tab is the tab
            continue
        status, columns = manager.check_complete(cell)
        found = {"status": status}
        if status == "incomplete":
            found["indent"] = " " * (columns or 0)
        if is_complete(cell) != found:
            different.append((cell, found, is_complete(cell)))
    assert not different


@pytest.mark.parametrize("code", [code for code, _ in AS_IPYTHON])
def test_other_line_ends(code):
    assert is_complete(code.replace("\n", "\r\n")) == is_complete(code)


@pytest.mark.parametrize(
    ("code", "indent"),
    [
        ("else:", "    "),
        ("def f():\n\treturn 1", "\t"),
        ("if x:\n\tif y:", "\t\t"),
        ("if True:\n\n", ""),
        ("x = 1\nwhile x:\n    x -= 1", "    "),
        ("x[1:", ""),
        ("d = {'a':", ""),
        ("a\0b", False),
        ("\ud800", False),
        ("'\\d'", False if sys.version_info >= (3, 12) else None),
        ("\x0c", None),
        ("x = 'a\u2028b", False),
    ],
)
def test_own_answers(code, indent):
    assert is_complete(code) == answer(indent)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="match is a statement since Python 3.10")
def test_match():
    assert is_complete("match x:\n    case 1:") == answer("        ")


def test_no_warning_is_shown(capsys, recwarn):
    is_complete("x = '\\d' is 1\n")
    assert not recwarn.list
    assert capsys.readouterr().err == ""


def test_too_deep_is_an_answer():
    assert is_complete("(" * 5000 + ")" * 5000)["status"] in ("invalid", "complete")
    assert is_complete("-" * 200000 + "1")["status"] in ("invalid", "complete")
