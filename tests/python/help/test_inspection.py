"""inspection.inspect(): the fields as IPython 9.18 writes them, and no user code run for them."""

import linecache
import re
import textwrap

import pytest
from _carme.help.inspection.inspector import inspect

ANSI = re.compile(r"\x1b\[[0-9;]*m")
SOURCE = '''\
class A:
    """Doc of A"""
    def __init__(self, x, y=2):
        "init doc"
        self.inst = x
    def method(self, a, b: int = 1) -> str:
        """Does."""
    @property
    def prop(self):
        raise SystemExit
class C:
    "C doc"
    def __call__(self, q): "call doc"
def f(x, *, key=None):
    """F doc.

    more
    """
    return x
a = A(1)
c = C()
d = {"abc": 1}
lst = [1, 2, 3]
text = "y" * 1000
'''


@pytest.fixture(scope="module")
def namespace():
    name = "<cell inspected>"
    lines = [line + "\n" for line in SOURCE.split("\n")]
    linecache.cache[name] = (len(SOURCE), None, lines, name)
    values = {"__name__": "__main__"}
    exec(compile(SOURCE, name, "exec"), values)
    return values


def shown(code, namespace, cursor=None, detail=0):
    """Return the text without ANSI codes and addresses, or None when nothing was found."""
    reply = inspect(code, len(code) if cursor is None else cursor, detail, namespace)
    assert reply["status"] == "ok"
    assert reply["metadata"] == {}
    assert reply["found"] == bool(reply["data"])
    if not reply["found"]:
        return None
    return re.sub("0x[0-9a-f]+", "0x", ANSI.sub("", reply["data"]["text/plain"]))


def text(expected):
    return textwrap.dedent(expected).strip("\n")


def test_colours(namespace):
    assert inspect("f", 1, 0, namespace)["data"]["text/plain"].split("\n")[0] == (
        "\x1b[31mSignature:\x1b[39m f(x, *, key=\x1b[38;5;28;01mNone\x1b[39;00m)"
    )


def test_function(namespace):
    assert shown("f", namespace) == text(
        """
        Signature: f(x, *, key=None)
        Docstring:
        F doc.

        more
        Type:      function
        """
    )


def test_function_with_source(namespace):
    assert shown("f", namespace, detail=1) == (
        "Signature: f(x, *, key=None)\nSource:   \n"
        'def f(x, *, key=None):\n    """F doc.\n\n    more\n    """\n    return x\n'
        "Type:      function"
    )


def test_instance(namespace):
    assert shown("a", namespace) == text(
        """
        Type:           A
        String form:    <__main__.A object at 0x>
        Docstring:      Doc of A
        Init docstring: init doc
        """
    )


def test_callable_instance(namespace):
    assert shown("c", namespace) == text(
        """
        Signature:      c(q)
        Type:           C
        String form:    <__main__.C object at 0x>
        Docstring:      C doc
        Call docstring: call doc
        """
    )


def test_class(namespace):
    lines = shown("A", namespace).split("\n")
    assert lines == [
        "Init signature: A(x, y=2)",
        "Docstring:      Doc of A",
        "Init docstring: init doc",
        "Type:           type",
        "Subclasses:     ",
    ]


def test_class_of_a_cell_has_its_source(namespace):
    found = shown("C", namespace, detail=1)
    assert (
        'Source:        \nclass C:\n    "C doc"\n    def __call__(self, q): "call doc"\n' in found
    )
    assert "Docstring" not in found


def test_method(namespace):
    assert shown("a.method", namespace) == text(
        """
        Signature: a.method(a, b: int = 1) -> str
        Docstring: Does.
        Type:      method
        """
    )


def test_property_is_not_run(namespace):
    assert shown("a.prop", namespace) == text(
        """
        Type:        property
        String form: <property object at 0x>
        Docstring:   <no docstring>
        """
    )


def test_container(namespace):
    lines = shown("lst", namespace).split("\n")
    assert lines[:4] == [
        "Type:        list",
        "String form: [1, 2, 3]",
        "Length:      3",
        "Docstring:  ",
    ]


def test_long_string_form_is_cut(namespace):
    line = shown("text", namespace).split("\n")[1]
    assert line == "String form: " + "y" * 97 + " <...> " + "y" * 97
    assert "y" * 1000 in shown("text", namespace, detail=1)


def test_large_containers_are_not_written_in_full():
    class Counted:
        calls = 0

        def __repr__(self):
            Counted.calls += 1
            return "c"

    found = shown("big", {"big": [[Counted()] * 1000] * 1000})
    assert "Length:      1000" in found
    assert Counted.calls < 10000


def test_builtin_function():
    assert shown("len", {}) == text(
        """
        Signature: len(obj, /)
        Docstring: Return the number of items in a container.
        Type:      builtin_function_or_method
        """
    )


def test_builtin_object_has_its_namespace():
    assert "Namespace:   Python builtin" in shown("Ellipsis", {})


def test_module():
    import json

    lines = shown("json", {"json": json}).split("\n")
    assert lines[0] == "Type:        module"
    assert lines[2].startswith("File: ")
    assert lines[2].endswith("json/__init__.py")


def test_long_signature_is_broken():
    namespace = {}
    names = ["parameter_with_a_long_name_" + letter for letter in "abc"]
    exec(f"def g({names[0]}, *, {names[1]}=1, {names[2]}=2) -> int: pass", namespace)
    assert shown("g", namespace).startswith(
        f"Signature:\ng(\n    {names[0]},\n    *,\n    {names[1]}=1,\n    {names[2]}=2,\n) -> int\n"
    )


def test_positional_only():
    namespace = {}
    exec("def g(a, /, b, *c, d, **e): pass\ndef h(a, /): pass", namespace)
    assert shown("g", namespace).startswith("Signature: g(a, /, b, *c, d, **e)\n")
    assert shown("h", namespace).startswith("Signature: h(a, /)\n")


@pytest.mark.parametrize(
    ("code", "cursor", "first"),
    [
        ("a.method", 3, "Signature: a.method("),
        ("a.method", 1, "Type:           A"),
        ("  f  ", 3, "Signature: f("),
        ("f(1, ", 5, "Signature: f("),
        ("f(1, [2, 3", 10, "Signature: f("),
        ("f(unknown", 9, "Signature: f("),
        ("f('x", 4, "Signature: f("),
        ("a.method(f(1), ", 15, "Signature: a.method("),
        ("len(a", 5, "Type:           A"),
        ("d['abc'].real", 13, "Type:        int"),
        ("f(", 99, "Signature: f("),
        ("f", -3, "Signature: f("),
    ],
)
def test_what_is_at_the_cursor(code, cursor, first, namespace):
    assert shown(code, namespace, cursor).startswith(first)


@pytest.mark.parametrize(
    "code", ["", "nope", "for", "# f", "f()", "1 + ", "'f'", "a.nope", "nope(", "\ud800", "\0"]
)
def test_nothing_found(code, namespace):
    assert shown(code, namespace) is None


HOSTILE = """
class Hostile:
    def __getattr__(self, name):
        raise SystemExit

    def __repr__(self):
        raise SystemExit

    def __len__(self):
        raise SystemExit

    @property
    def __doc__(self):
        raise SystemExit

    @property
    def __class__(self):
        raise SystemExit

    def __call__(self):
        raise SystemExit

class HostileMeta(type):
    def __getattribute__(cls, name):
        raise SystemExit

class HostileClass(metaclass=HostileMeta):
    pass
"""


def hostile():
    """Return the classes above; pytest would trip over them in the module itself."""
    names = {"__name__": __name__}
    exec(HOSTILE, names)
    return names["Hostile"], names["HostileClass"]


def test_hostile_objects_are_contained():
    cls, meta = hostile()
    namespace = {"h": cls(), "c": meta}
    found = shown("h", namespace)
    assert re.search(r"Type: +Hostile\n", found)
    assert "String form" not in found
    assert "Length" not in found
    assert inspect("c", 1, 1, namespace)["status"] == "ok"


def test_a_len_that_raises_is_left_out():
    class Sized:
        def __len__(self):
            raise AssertionError

    assert "Length" not in shown("s", {"s": Sized()})


def test_interrupt_gets_out():
    class Interrupted:
        def __repr__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inspect("i", 1, 0, {"i": Interrupted()})
