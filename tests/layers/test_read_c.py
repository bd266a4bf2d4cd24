"""The checker finds what is planted in C, with its names and its line, and no more."""

import pytest


def test_an_include_against_the_order(tree):
    tree.add("mid/b.h", "struct b;\n")
    tree.add("low/c.c", '/* no\n * line */\n#include "mid/b.h"\n')
    tree.finds("low/c.c:3: low/c includes mid/b: against the order of layers: mid comes after low")


def test_a_floor_may_be_closed_to_those_above(tree):
    tree.add("top/t.c", '#include "low/a.h"\n')
    tree.finds(
        "top/t.c:1: top/t includes low/a: against the order of layers: top may import only mid"
    )


def test_an_exception_is_for_its_files_only(tree):
    tree.add("low/open.h", "void open_it(void);\n")
    tree.add("low/open.c", '#include "low/open.h"\nvoid open_it(void)\n{\n}\n')
    tree.add("top/main.c", '#include "low/open.h"\nint main(void)\n{\n    open_it();\n}\n')
    tree.state("at most 3 modules in a folder")
    tree.is_clean()
    tree.add("top/main.c", '#include "low/a.h"\nint main(void)\n{\n    a_do(0);\n}\n')
    tree.finds("top/main.c:4: top/main calls a_do in low/a: against the order of layers")


def test_a_call_against_the_order_needs_no_include(tree):
    tree.add("low/c.h", "void hook(void);\n")
    tree.add("low/c.c", '#include "low/c.h"\nvoid c(void)\n{\n    hook();\n}\n')
    tree.add("mid/b.c", '#include "low/c.h"\nvoid hook(void)\n{\n}\n')
    tree.finds("low/c.c:4: low/c calls hook in mid/b: against the order of layers")


@pytest.mark.parametrize("prototype", ["void hook(void);", ""])
def test_a_call_needs_no_header(tree, prototype):
    tree.add("low/c.c", prototype + "\nvoid c(void)\n{\n    hook();\n}\n")
    tree.add("mid/b.c", "void hook(void)\n{\n}\n")
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


def test_an_inline_function_calls_what_its_header_declares(tree):
    tree.add("low/a.h", "void a_do(void);\nstatic inline void a(void) { a_do(); }\n")
    tree.add("low/a.c", "")
    tree.add("mid/b.c", '#include "low/a.h"\nvoid a_do(void) { }\n')
    tree.finds("low/a.h:2: low/a calls a_do in mid/b: against the order of layers")


def test_what_is_no_call(tree):
    tree.add(
        "low/b.c",
        '#include "low/a.h"\n/* a_do(0) */\nstruct b { int (*a_do)(void); };\n'
        'int b(struct b *self, int x) { return self->a_do() + sizeof "a_do()" + x; }\n'
        "static struct b made = {.a_do = 0};\nint c(int a_do) { return a_do; }\n"
        "int d(void) { struct b *a_do = &made; return !a_do; }\n"
        "int e(void) { char b[2], *a_do; return e(b, a_do); }\n",
    )
    tree.add("low/a.c", '#include "low/a.h"\nint b();\nvoid a_do(struct a *self) { (void)self; }\n')
    tree.is_clean()
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
    tree.state("at most 3 modules in a folder")
    tree.state("at most 3 users of a module")
    tree.is_clean()


def test_a_library_that_one_file_knows(tree):
    tree.add("top/socket.c", "#include <zmq.h>\n")
    tree.is_clean()
    tree.add("top/other.c", "#include <errno.h>\n#include <zmq.h>\n")
    tree.finds("top/other.c:2: includes <zmq.h>: against the order of layers")
