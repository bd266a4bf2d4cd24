"""inspect, pickle and doctest of what cells define."""

from __future__ import annotations

import pytest

from harness.client import Client

CELL = '''import inspect, pickle, doctest, dataclasses, enum
def f(x):
    """
    >>> f(2)
    4
    """
    return x * 2
class A:
    @property
    def p(self): return 1
    def m(self):
        return 3
class Outer:
    class Inner:
        number = 1
same = lambda g: g
@same
def h(): return 5
@dataclasses.dataclass
class Point:
    x: int = 0
class Colour(enum.Enum):
    RED = 1
l = lambda z: z + 1'''


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("f", "def f(x):\n"),
        ("A.m", "    def m(self):\n        return 3\n"),
        ("A.p.fget", "    @property\n    def p(self): return 1\n"),
        ("h", "@same\ndef h(): return 5\n"),
        ("l", "l = lambda z: z + 1"),
    ],
)
def test_source_of_functions(client: Client, name: str, source: str) -> None:
    client.run(CELL)
    assert client.run(f"print(inspect.getsource({name}))").stdout.startswith(source)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "A",
            "class A:\n    @property\n    def p(self): return 1\n    def m(self):\n        return 3",
        ),
        ("Point", "class Point:\n    x: int = 0\n"),
        ("Colour", "class Colour(enum.Enum):\n    RED = 1\n"),
        ("Outer.Inner", "    class Inner:\n        number = 1\n"),
    ],
)
@pytest.mark.better("IPython's classes have no source")
def test_source_of_classes(client: Client, name: str, source: str) -> None:
    client.run(CELL)
    client.run("later = 1")
    found = client.run(f"print(inspect.getsource({name}))").stdout
    assert source.strip() in found
    assert found.strip().startswith(("class ", "@dataclasses"))


@pytest.mark.better("IPython's classes have no source")
def test_a_class_that_is_defined_again(client: Client) -> None:
    client.run("import inspect\nclass Again:\n    first = 1")
    client.run("class Again:\n    second = 2")
    assert "second" in client.run("print(inspect.getsource(Again))").stdout


def test_a_class_of_no_cell(client: Client) -> None:
    client.run("import inspect\nmade = type('Made', (), {})")
    assert client.execute("inspect.getsource(made)").error in ("OSError", "TypeError")
    assert client.execute("inspect.getfile(int)").error == "TypeError"
    assert client.run("inspect.getfile(inspect.Signature)").result.endswith("inspect.py'")


def test_pickle_and_doctest(client: Client) -> None:
    client.run(CELL)
    client.run("data = pickle.dumps([f, A, A()])")
    assert client.run("g, B, b = pickle.loads(data)\ng is f, B is A, b.m()").result == (
        "(True, True, 3)"
    )
    assert client.run("doctest.testmod()").result == "TestResults(failed=0, attempted=1)"
