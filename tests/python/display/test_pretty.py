"""pretty.pretty(): literal expectations, taken from IPython 9.18, and IPython itself if present."""

import collections
import dataclasses
import enum
import os
import re
import types

import pytest
from _carme.display.pretty import pretty


class Point:
    pass


class Colour(enum.Enum):
    RED = 1


class Spoken:
    def __repr__(self):
        return "line one\nline two"


class Fancy:
    def __init__(self, items):
        self.items = items

    def _repr_pretty_(self, p, cycle):
        if cycle:
            p.text("Fancy(...)")
            return
        with p.group(6, "Fancy(", ")"):
            for index, item in enumerate(self.items):
                if index:
                    p.text(",")
                    p.breakable()
                p.pretty(item)


class Indented:
    def _repr_pretty_(self, p, cycle):
        p.text("top")
        with p.indent(3):
            p.break_()
            p.begin_group(2, "<")
            p.text("in")
            p.break_()
            p.text("deep")
            p.end_group(2, ">")


class Mute(Exception):
    pass


class MyDict(dict):
    pass


class MyList(list):
    def __repr__(self):
        return "mine"


Named = collections.namedtuple("Named", "a b")


@dataclasses.dataclass
class Data:
    a: int = 1
    b: str = "x"


def function(x, *args, y=2, **kwargs):
    pass


def recursive_list():
    value = [1]
    value.append(value)
    return value


def recursive_dict():
    value = {}
    value["self"] = value
    return value


HERE = __name__
LONG = list(range(30))
TABLE = [
    (1, "1"),
    (True, "True"),
    (None, "None"),
    (..., "Ellipsis"),
    (NotImplemented, "NotImplemented"),
    (1.5, "1.5"),
    (1j, "1j"),
    ("a\nb", "'a\\nb'"),
    ("x" * 100, "'" + "x" * 100 + "'"),
    (b"ab\x00", "b'ab\\x00'"),
    ([], "[]"),
    ((), "()"),
    ((1,), "(1,)"),
    ({}, "{}"),
    (set(), "set()"),
    (frozenset(), "frozenset()"),
    ({3, 1, 2}, "{1, 2, 3}"),
    (frozenset((2, 1)), "frozenset({1, 2})"),
    ({"b": 1, "a": [1, 2]}, "{'b': 1, 'a': [1, 2]}"),
    (
        LONG,
        "[0,\n 1,\n 2,\n 3,\n 4,\n 5,\n 6,\n 7,\n 8,\n 9,\n 10,\n 11,\n 12,\n 13,\n 14,\n 15,\n 16,"
        "\n 17,\n 18,\n 19,\n 20,\n 21,\n 22,\n 23,\n 24,\n 25,\n 26,\n 27,\n 28,\n 29]",
    ),
    (
        {"first": ["a" * 20] * 2, "second": {"x": "b" * 40, "y": ("c" * 30, "d" * 30)}},
        "{'first': ['aaaaaaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaaaaaa'],\n"
        " 'second': {'x': 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',\n"
        "  'y': ('cccccccccccccccccccccccccccccc', 'dddddddddddddddddddddddddddddd')}}",
    ),
    (range(3), "range(0, 3)"),
    (slice(1, 2), "slice(1, 2, None)"),
    (collections.deque([1, 2]), "deque([1, 2])"),
    (collections.deque([1, 2], maxlen=3), "deque([1, 2], maxlen=3)"),
    (collections.defaultdict(list, a=[1]), "defaultdict(list, {'a': [1]})"),
    (collections.defaultdict(None, a=1), "defaultdict(None, {'a': 1})"),
    (collections.Counter("aab"), "Counter({'a': 2, 'b': 1})"),
    (collections.Counter(), "Counter()"),
    (collections.OrderedDict(a=1), "OrderedDict([('a', 1)])"),
    (collections.OrderedDict(), "OrderedDict()"),
    (collections.UserList([1]), "UserList([1])"),
    (
        collections.OrderedDict((i, "v" * 20) for i in range(4)),
        "OrderedDict([(0, 'vvvvvvvvvvvvvvvvvvvv'),\n             (1, 'vvvvvvvvvvvvvvvvvvvv'),\n"
        "             (2, 'vvvvvvvvvvvvvvvvvvvv'),\n             (3, 'vvvvvvvvvvvvvvvvvvvv')])",
    ),
    (Named(1, [2]), "Named(a=1, b=[2])"),
    (Data(), "Data(a=1, b='x')"),
    (types.SimpleNamespace(a=1, b=[2]), "namespace(a=1, b=[2])"),
    (types.SimpleNamespace(), "namespace()"),
    (types.MappingProxyType({"a": 1}), "mappingproxy({'a': 1})"),
    (function, f"<function {HERE}.function(x, *args, y=2, **kwargs)>"),
    (len, "<function len(obj, /)>"),
    (Point, f"{HERE}.Point"),
    (int, "int"),
    (collections.deque, "collections.deque"),
    (Colour, "<enum 'Colour'>"),
    (Colour.RED, "<Colour.RED: 1>"),
    (ValueError("x"), "ValueError('x')"),
    (ValueError(), "ValueError()"),
    (KeyError("k", 1), "KeyError('k', 1)"),
    (Mute("m"), f"{HERE}.Mute('m')"),
    (recursive_list(), "[1, [...]]"),
    (recursive_dict(), "{'self': {...}}"),
    (re.compile("a\\d", re.I), "re.compile(r'a\\d', re.IGNORECASE|re.UNICODE)"),
    (re.compile(b"a"), "re.compile(rb'a')"),
    (Spoken(), "line one\nline two"),
    ([Spoken(), 1], "[line one\n line two,\n 1]"),
    (Fancy([1, 2]), "Fancy(1, 2)"),
    (Fancy(["q" * 30] * 3), "Fancy('{0}',\n      '{0}',\n      '{0}')".format("q" * 30)),
    (Indented(), "top\n   <in\n     deep>"),
    ([Indented()], "[top\n    <in\n      deep>]"),
    (MyDict(a=1), "{'a': 1}"),
    (MyList(), "mine"),
    ({"a": 1}.keys(), "dict_keys(['a'])"),
    (list(range(1001)), None),
    ({i: i for i in range(1200)}, None),
    (set(range(1500)), None),
    ({"x", 1, (2,)}, None),
    (super(MyList, MyList()), f"<super: {HERE}.MyList, mine>"),
    (os, None),
    ("\ud800", "'\\ud800'"),
]


@pytest.mark.parametrize(("value", "expected"), [(v, e) for v, e in TABLE if e is not None])
def test_literal(value, expected):
    assert pretty(value) == expected


@pytest.mark.parametrize("value", [value for value, _ in TABLE], ids=lambda v: type(v).__name__)
@pytest.mark.parametrize("width", [79, 30, 5])
def test_same_as_ipython(value, width):
    ipython = pytest.importorskip("IPython.lib.pretty", reason="IPython is not installed")
    assert pretty(value, width) == ipython.pretty(value, max_width=width)


class Broken:
    def __repr__(self):
        raise RuntimeError("no repr")


class AnswersAll:
    def __getattr__(self, name):
        return self

    def __call__(self, *args):
        return 1

    def __repr__(self):
        return "all"


def test_broken_repr_is_raised():
    with pytest.raises(RuntimeError, match="no repr"):
        pretty([Broken()])


def test_instance_attributes_are_not_methods():
    assert pretty(AnswersAll()) == "all"


def test_default_object_names_its_class_and_address():
    value = Point()
    assert pretty(value) == f"<{HERE}.Point at {id(value):#x}>"


def test_long_sequences_end_after_a_thousand_items():
    lines = pretty(list(range(2000))).splitlines()
    assert len(lines) == 1001
    assert lines[-2:] == [" 999,", " ..."[:4] + "]"]


def test_deep_nesting_is_a_recursion_error():
    value = []
    for _ in range(100000):
        value = [value]
    with pytest.raises(RecursionError):
        pretty(value)


def test_no_line_is_wider_than_it_must_be():
    text = pretty({(1, 2): ["w" * 79, 1, 2]})
    assert text == "{(1,\n  2): ['" + "w" * 79 + "',\n  1,\n  2]}"
