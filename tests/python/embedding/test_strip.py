"""The sources that a browser's module has: what runs is there, in its line, and help that is asked for."""

import ast
import fnmatch
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LIB = ROOT / "interp" / "python" / "lib" / "_carme"
sys.path.insert(0, str(ROOT / "interp" / "python"))

from embedding.help_names import NAMES, help_of, magic_functions  # noqa: E402
from embedding.strip import definitions, stripped  # noqa: E402

MAGICS = magic_functions((LIB / "magics" / "builtin_magics.py").read_bytes())
FILES = sorted(LIB.rglob("*.py"))

SOURCE = b'''"""Module."""  # a comment
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

text: "Any" = "# no comment"  # one


class Kept:
    """Its help."""

    def method(self, value: int = 1) -> "Any":
        """Help, too."""
        return (value,  # first
                "\xc3\xa4")  # umlaut

    def _private(self):
        """For readers."""


def other(a, *b: int, c: str = "x",
          **d: "Any") -> None:
    """
    For readers.
    """
    raise ValueError(a)
'''


def test_a_source():
    made = stripped(SOURCE, lambda name: name in ("Kept", "Kept.method")).decode().split("\n")
    assert len(made) == SOURCE.count(b"\n") + 1
    assert made[:9] == ["", "TYPE_CHECKING = False", "", "", "", 'text = "# no comment"', "", "", "class Kept:"]  # fmt: skip
    assert made[9:15] == [
        '    """Its help."""', "", '    def method(self, value: int = 1) -> "Any":',
        '        """Help, too."""', "        return (value,", '                "ä")',
    ]  # fmt: skip
    assert made[16:] == [
        "    def _private(self):", "        pass", "", "",
        'def other(a, *b, c = "x",', "          **d):", "", "", "", "    raise ValueError(a)", "",
    ]  # fmt: skip


class OnlyWhatRuns(ast.NodeTransformer):
    """Takes docstrings and types out of a tree."""

    def visit_FunctionDef(self, node):
        node.returns = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], self.visit(node.value)), node)

    def visit_If(self, node):
        is_typing = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if is_typing and not node.orelse else self.generic_visit(node)

    def visit_Expr(self, node):
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)

    def visit_Pass(self, node):
        return None


def what_runs(source):
    """The tree as text, with the lines."""
    tree = OnlyWhatRuns().visit(ast.parse(source))
    for node in ast.walk(tree):
        node.col_offset = node.end_col_offset = node.end_lineno = 0
    return ast.dump(tree, include_attributes=True, indent=1)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIB)))
def test_what_runs_stays_in_its_line(path):
    module = ".".join(path.relative_to(LIB).with_suffix("").parts)
    source = path.read_bytes()
    made = stripped(source, help_of(module, MAGICS))
    assert len(made.split(b"\n")) == len(source.split(b"\n"))
    assert what_runs(made) == what_runs(source)


@pytest.mark.parametrize("pattern", NAMES)
def test_names_with_help_exist(pattern):
    paths = list(LIB.glob(pattern.replace(".", "/").replace("/*", "/**/*") + ".py"))
    known = {name for path in paths for name, _ in definitions(ast.parse(path.read_bytes()))}
    for each in NAMES[pattern].split():
        assert fnmatch.filter(known, each), each


def test_magics_have_their_help():
    assert "magics.cells.timing:timeit" in MAGICS
    assert "magics.system.scripts:named" in MAGICS
