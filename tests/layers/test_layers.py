"""The checker finds what is planted in a small tree, with its names and its line, and no more."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ORDER = """
[limits]
at most 2 modules in a folder
at most 9 lines in a file
at most 1 users of a module that is no leaf
[C]
low: the lowest
mid, only low: above it
top, only mid: above both
except top/main -> low/open.h: joins all
<zmq.h> in top/socket.c: nobody else knows it
browser top/browser/*: instead of the desktop's
table low/table.c: constants
[Python lib/_carme]
session, leaf: the state
run: runs cells
.: what is first
[TypeScript src]
common: both sides
page: JupyterLab's side
"""


class Tree:
    """A tree of source files, and what the checker says about it."""

    def __init__(self, root):
        self.root = root
        self.add("order.txt", ORDER)
        self.add("lib/_carme/__init__.pyi", "def publish() -> None: ...\n")
        self.add("low/a.h", "struct a;\nvoid a_do(struct a *self);\n")
        self.add("low/a.c", '#include "low/a.h"\nvoid a_do(struct a *self)\n{\n}\n')

    def add(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def check(self, *options):
        command = [
            sys.executable,
            "-m",
            "layers",
            "--order",
            self.root / "order.txt",
            *options,
            self.root,
        ]
        done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stderr, done.stdout

    def finds(self, *texts):
        """It fails, and says each of these."""
        code, wrong, out = self.check("--hold", ",".join(KINDS))
        assert code == 1, out
        for text in texts:
            assert text in wrong, wrong

    def is_clean(self):
        code, wrong, out = self.check("--hold", ",".join(KINDS))
        assert (code, wrong) == (0, ""), wrong
        assert ": 0 circles, 0 arrows against the order" in out


# all but the lines of ORDER for which a small tree has no folder
KINDS = [
    f"{language}:{kind}"
    for language in ("C", "Python", "TypeScript")
    for kind in ("circle", "order", "leaf", "users", "modules", "lines", "header")
]


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_a_tree_in_order(tree):
    tree.add("mid/b.c", '#include "low/a.h"\nvoid b(void)\n{\n    a_do(0);\n}\n')
    tree.add("lib/_carme/run/cells.py", "from _carme.session import state\n")
    tree.add("lib/_carme/session/state.py", "import sys\n")
    tree.add("src/page/index.ts", "import { A } from '../common/a';\n")
    tree.add("src/common/a.ts", "export const A = 1;\n")
    tree.is_clean()


# --- C -----------------------------------------------------------------------------------------


def test_an_include_against_the_order(tree):
    tree.add("mid/b.h", "struct b;\n")
    tree.add("low/c.c", '/* no\n * line */\n#include "mid/b.h"\n')
    tree.finds("low/c.c:3: low/c includes mid/b: against the order of layers")


def test_a_floor_may_be_closed_to_those_above(tree):
    tree.add("top/t.c", '#include "low/a.h"\n')
    tree.finds("top/t.c:1: top/t includes low/a: against the order of layers")


def test_an_exception_is_for_its_files_only(tree):
    tree.add("low/open.h", "void open_it(void);\n")
    tree.add("low/open.c", '#include "low/open.h"\nvoid open_it(void)\n{\n}\n')
    tree.add("top/main.c", '#include "low/open.h"\nint main(void)\n{\n    open_it();\n}\n')
    tree.add("order.txt", ORDER.replace("at most 2", "at most 3"))
    tree.is_clean()
    tree.add("top/main.c", '#include "low/a.h"\nint main(void)\n{\n    a_do(0);\n}\n')
    tree.finds("top/main.c:4: top/main calls a_do in low/a: against the order of layers")


def test_a_call_against_the_order_needs_no_include(tree):
    tree.add("low/c.h", "void hook(void);\n")
    tree.add("low/c.c", '#include "low/c.h"\nvoid c(void)\n{\n    hook();\n}\n')
    tree.add("mid/b.c", '#include "low/c.h"\nvoid hook(void)\n{\n}\n')
    tree.finds("low/c.c:4: low/c calls hook in mid/b: against the order of layers")


def test_a_circle_of_calls(tree):
    both = "void one(void);\nvoid two(void);\n"
    tree.add("mid/both.h", both)
    tree.add("mid/one.c", '#include "mid/both.h"\nvoid one(void)\n{\n    two();\n}\n')
    tree.add("mid/two.c", '#include "mid/both.h"\nvoid two(void)\n{\n\n    one();\n}\n')
    tree.finds(
        "circle of 2: mid/one mid/two",
        "mid/one.c:4: mid/one calls two in mid/two",
        "mid/two.c:5: mid/two calls one in mid/one",
    )


def test_a_function_in_a_table_is_called(tree):
    tree.add("mid/both.h", "void one(void);\nvoid two(void);\n")
    tree.add(
        "mid/one.c",
        '#include "mid/both.h"\nvoid (*const table[])(void) = {\n  two\n};\nvoid one(void) {}\n',
    )
    tree.add("mid/two.c", '#include "mid/both.h"\nvoid two(void) { one(); }\n')
    tree.finds("mid/one.c:3: mid/one calls two in mid/two")


def test_a_macro_and_an_inline_function_of_a_header_call(tree):
    tree.add("mid/b.h", '#include "low/a.h"\n#define B() \\\n    a_do(0)\n')
    tree.add("mid/c.h", '#include "low/a.h"\nstatic inline void c(void)\n{\n    a_do(0);\n}\n')
    tree.add(
        "low/a.c", '#include "mid/b.h"\n#include "mid/c.h"\nvoid a_do(struct a *self) { c(); }\n'
    )
    tree.finds("circle of 2: low/a mid/c", "mid/c.h:4: mid/c calls a_do in low/a")


def test_what_is_no_call(tree):
    tree.add(
        "low/b.c",
        '#include "low/a.h"\n/* a_do(0) */\nstruct b { int (*a_do)(void); };\n'
        'int b(struct b *self, int x) { return self->a_do() + sizeof "a_do()" + x; }\n'
        "static struct b made = {.a_do = 0};\nint c(int a_do) { return a_do; }\n"
        "int d(void) { struct b *a_do = &made; return !a_do; }\n",
    )
    tree.add("low/a.c", '#include "low/a.h"\nint b();\nvoid a_do(struct a *self) { (void)self; }\n')
    code, wrong, _ = tree.check("--hold", "C:circle,C:users")
    assert (code, wrong) == (0, "")
    assert "calls" not in tree.check("--report")[2]


def test_a_static_function_of_the_same_name_is_its_own(tree):
    tree.add(
        "mid/b.c", '#include "low/a.h"\nstatic void a_do(int x) { }\nvoid b(void) { a_do(1); }\n'
    )
    tree.add("low/a.c", '#include "low/a.h"\nvoid b(void);\nvoid a_do(struct a *self) { }\n')
    tree.is_clean()


def test_a_circle_of_headers(tree):
    tree.add("mid/one.h", '#include "mid/two.h"\n')
    tree.add("mid/two.h", '\n#include "mid/one.h"\n')
    tree.finds(
        "circle of 2: mid/one.h mid/two.h",
        "mid/one.h:1: mid/one.h includes mid/two.h",
        "mid/two.h:2: mid/two.h includes mid/one.h",
    )


def pair(tree, desktop, browser):
    """A function that the desktop's program and the browser's have each for themselves."""
    tree.add("top/x.h", "void x(void);\nvoid y(void);\n")
    tree.add("top/x.c", f'#include "top/x.h"\nvoid x(void) {{ {desktop} }}\n')
    tree.add("top/browser/x.c", f'#include "top/x.h"\nvoid x(void) {{ {browser} }}\n')
    tree.add("top/y.c", '#include "top/x.h"\nvoid y(void) { x(); }\n')


@pytest.mark.parametrize(
    ("calls", "name"), [(("y();", ""), "top/x top/y"), (("", "y();"), "top/browser/x top/y")]
)
def test_a_function_of_a_pair_of_files_counts_for_both(tree, calls, name):
    pair(tree, *calls)
    tree.finds(f"circle of 2: {name}")


def test_the_two_of_a_pair_are_never_in_one_circle(tree):
    tree.add("top/z.h", "void z(void);\n")
    tree.add("top/z.c", '#include "top/z.h"\n#include "top/x.h"\nvoid z(void) { x(); }\n')
    tree.add("top/browser/z.c", '#include "top/z.h"\nvoid z(void) { }\n')
    pair(tree, "", "")
    tree.add("top/browser/x.c", '#include "top/x.h"\n#include "top/z.h"\nvoid x(void) { z(); }\n')
    assert tree.check("--hold", "C:circle")[0] == 0


def test_a_library_that_one_file_knows(tree):
    tree.add("top/socket.c", "#include <zmq.h>\n")
    tree.is_clean()
    tree.add("top/other.c", "#include <errno.h>\n#include <zmq.h>\n")
    tree.finds("top/other.c:2: includes <zmq.h>: against the order of layers")


# --- Python ------------------------------------------------------------------------------------


def test_an_import_against_the_order(tree):
    tree.add("lib/_carme/run/cells.py", "")
    tree.add("lib/_carme/session/state.py", "import sys\nfrom _carme.run import cells\n")
    tree.finds(
        "lib/_carme/session/state.py:2: session/state imports run/cells: against the order",
        "lib/_carme/session/state.py:2: session/state imports run/cells: a leaf imports leaves only",
    )


UPWARDS = {
    "in a function": "def f():\n    from _carme.run import cells\n",
    "of a name": "def f():\n    from _carme.run.cells import run\n",
    "as": "def f():\n    import _carme.run.cells as c\n",
    "relative": "def f():\n    from ..run import cells\n",
    "by import_module": "def f():\n    import_module('_carme.run.cells')\n",
    "of sys.modules": "import sys\nx = sys.modules.get('_carme.run.cells')\n",
    "in code in a string": "\nx = '''\nfrom _carme.run.cells import x'''\n",
    "by the half of a name": "x = 'cells'\nimport_module('_carme.run.' + x)\n",
    "in an f-string": "\nimport_module(f'_carme.run.{x}')\n",
}


@pytest.mark.parametrize("text", UPWARDS.values(), ids=UPWARDS)
def test_each_way_to_import(tree, text):
    tree.add("lib/_carme/run/cells.py", "")
    tree.add("lib/_carme/session/state.py", text)
    tree.finds("lib/_carme/session/state.py:2: session/state ", " run/cells: against the order")


NO_IMPORT = {
    "type checking": "if TYPE_CHECKING:\n    from _carme.run import cells\n",
    "a docstring": "def f():\n    '''As _carme.run.cells does.'''\n",
    "a comment": "x = 1  # _carme.run.cells\n",
    "the native module": "import _carme\n_carme.publish()\nx = '_carme.publish'\n",
    "another package": "from carme.run import cells\nfrom run import cells\n",
}


@pytest.mark.parametrize("text", NO_IMPORT.values(), ids=NO_IMPORT)
def test_what_is_no_import(tree, text):
    tree.add("lib/_carme/run/cells.py", "")
    tree.add("lib/_carme/session/state.py", text)
    tree.is_clean()


def test_a_circle_through_a_function(tree):
    tree.add("lib/_carme/run/one.py", "from _carme.run import two\n")
    tree.add("lib/_carme/run/two.py", "def f():\n    from _carme.run.one import g\n")
    tree.finds(
        "circle of 2: run/one run/two",
        "lib/_carme/run/one.py:1: run/one imports run/two",
        "lib/_carme/run/two.py:2: run/two imports run/one",
    )


def test_a_circle_of_three_is_told_as_one_way(tree):
    tree.add("lib/_carme/run/one.py", "from _carme.run import two\n")
    tree.add("lib/_carme/run/two.py", "from _carme import three\n")
    tree.add("lib/_carme/three.py", "from _carme.run import one\n")
    tree.finds("circle of 3: run/one run/two three", "run/two.py:1: run/two imports three: against")
    _, wrong, _ = tree.check("--hold", "Python:circle")
    assert wrong.count(" imports ") == 3


def test_a_package_is_what_it_has_and_its_modules_are_others(tree):
    tree.add("lib/_carme/run/__init__.py", "from _carme.run import cells\nNAME = 1\n")
    tree.add("lib/_carme/run/cells.py", "from _carme.run import NAME\n")
    tree.finds("circle of 2: run/__init__ run/cells")
    tree.add("lib/_carme/run/cells.py", "")
    tree.is_clean()


# --- TypeScript --------------------------------------------------------------------------------


def test_an_import_of_typescript_against_the_order(tree):
    tree.add("src/page/a.ts", "export const A = 1;\n")
    tree.add("src/common/b.ts", "// first\nimport {\n  A\n} from '../page/a';\n")
    tree.finds("src/common/b.ts:4: common/b imports page/a: against the order of layers")


@pytest.mark.parametrize(
    "text",
    [
        "import { B } from './b';\n",
        "import './b';\n",
        "export * from './b';\n",
        "export { B } from './b';\n",
        "import type { C } from 'c'; export { B } from './b';\n",
        "import { type C, B } from './b';\n",
        "const b = await import('./b');\n",
        "import * as b from './b.js';\n",
    ],
)
def test_a_circle_of_typescript(tree, text):
    tree.add("src/page/a.ts", text)
    tree.add("src/page/b.ts", "\nimport { A } from './a';\n")
    tree.finds(
        "circle of 2: page/a page/b",
        "src/page/a.ts:1: page/a imports page/b",
        "src/page/b.ts:2: page/b imports page/a",
    )


@pytest.mark.parametrize(
    "text",
    [
        "import type { B } from './b';\n",
        "import { type B, type C } from './b';\n",
        "export type { B } from './b';\n",
        "// import { B } from './b';\n",
        "new Worker(new URL('./b', import.meta.url));\n",
        "import { b } from 'b';\n",
    ],
)
def test_what_is_no_import_of_typescript(tree, text):
    tree.add("src/page/a.ts", text)
    tree.add("src/page/b.ts", "import { A } from './a';\n")
    tree.is_clean()


# --- sizes -------------------------------------------------------------------------------------


def test_a_crowded_folder(tree):
    for name in ("b", "c"):
        tree.add(f"low/{name}.c", "")
    tree.finds("low: 3 modules; 2 are allowed")


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
    tree.add("order.txt", ORDER + "leaf common/a: of both\n")
    tree.is_clean()


def test_the_order_and_the_folders_agree(tree):
    tree.add("src/other/a.ts", "")
    out = tree.check("--report")[2]
    assert "other: the order has no line for it" in out
    assert "common: in the order, not in the tree" in out


def test_a_line_that_is_not_understood(tree):
    tree.add("order.txt", ORDER + "page -> worker\n")
    code, wrong, _ = tree.check()
    assert code == 2 and "order.txt:21: not understood: page -> worker" in wrong


# --- how it is run -----------------------------------------------------------------------------


def test_a_report_holds_nothing(tree):
    tree.add("low/c.c", '#include "mid/b.h"\n')
    tree.add("mid/b.h", "")
    code, wrong, out = tree.check("--report")
    assert (code, wrong) == (0, "")
    assert "low/c.c:1: low/c includes mid/b: against the order of layers" in out
    assert ": 0 circles, 1 arrows against the order" in out


def test_what_is_held_may_be_chosen(tree):
    tree.add("low/c.c", '#include "mid/b.h"\n')
    tree.add("mid/b.h", "")
    assert tree.check("--hold", "Python:order")[0] == 0
    assert tree.check("--hold", "C:order")[0] == 1
