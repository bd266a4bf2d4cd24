"""A tree in order, sizes, and how the checker is run."""

from layers.conftest import PENDING


def test_a_tree_in_order(tree):
    tree.add("mid/b.c", '#include "low/a.h"\nvoid b(void)\n{\n    a_do(0);\n}\n')
    tree.add("lib/_carme/run/cells.py", "from _carme.session import state\n")
    tree.add("lib/_carme/session/state.py", "import sys\n")
    tree.add("src/page/index.ts", "import { A } from '../common/a';\n")
    tree.add("src/common/a.ts", "export const A = 1;\n")
    tree.is_clean()


def test_a_crowded_folder(tree):
    for name in ("b", "c"):
        tree.add(f"low/{name}.c", "")
    tree.finds("low: 3 modules; 2 are allowed")


def test_a_header_and_a_package_are_no_modules_of_their_own(tree):
    tree.add("low/b.c", "")
    tree.add("lib/_carme/run/__init__.py", "")
    tree.add("lib/_carme/run/a.py", "")
    tree.add("lib/_carme/run/b.py", "")
    tree.add("src/node_modules/d.js", "")
    tree.is_clean()


def test_a_folder_of_tests(tree):
    for name in ("a", "b", "c"):
        tree.add(f"tests/wire/test_{name}.py", "")
    tree.finds("tests/wire: 3 modules; 2 are allowed")


def test_a_long_file_that_is_no_table(tree):
    tree.add("low/table.c", "\n" * 10)
    tree.is_clean()
    tree.add("lib/_carme/run/cells.py", "\n" * 10)
    tree.finds("lib/_carme/run/cells.py: 10 lines; 9 are allowed")


def test_a_module_with_many_users_is_a_leaf(tree):
    tree.add("src/common/a.ts", "")
    tree.add("src/page/b.ts", "import '../common/a';\n")
    tree.add("src/page/c.ts", "import '../common/a';\n")
    tree.finds("src/common/a.ts: 2 modules use it and it is no leaf; 1 are allowed")
    tree.state("leaf common/a: of both")
    tree.is_clean()


def test_the_order_and_the_folders_agree(tree):
    tree.add("src/other/a.ts", "")
    out = tree.check("--report")[2]
    assert "other: the order has no line for it" in out
    assert "common: in the order, not in the tree" in out
    assert "low/table.c: in the order as a table, but not a long file" in out
    assert "top/main -> low/open.h: an exception without an arrow" in out


def test_a_line_that_is_not_understood(tree):
    tree.state("page -> worker")
    code, wrong, _ = tree.check()
    assert code == 2 and "order.txt:22: not understood: page -> worker" in wrong


def test_a_report_holds_nothing(tree):
    tree.add("low/c.c", '#include "mid/b.h"\n')
    tree.add("mid/b.h", "")
    code, wrong, out = tree.check("--report")
    assert (code, wrong) == (0, "")
    assert "low/c.c:1: low/c includes mid/b: against the order of layers" in out
    assert ": 0 circles, 1 arrows against the order" in out


def test_what_is_pending_is_not_held(tree):
    tree.add("low/c.c", '#include "mid/b.h"\n')
    tree.add("mid/b.h", "")
    pending = PENDING[1]
    assert tree.check("--pending", pending + ",Python:order")[0] == 1
    assert tree.check("--pending", pending + ",C:order")[:2] == (0, "")
