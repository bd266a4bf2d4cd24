"""`?` and inspection: as IPython describes objects, within a bounded time."""

from __future__ import annotations

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import Kernel

SETUP = """
import enum, functools, time
class Slow:
    def __repr__(self): time.sleep(600)
class Busy:
    def __str__(self):
        while True: pass
    def __len__(self): return 3
class Stubborn:
    def __str__(self):
        for _ in range(3):
            try: time.sleep(600)
            except BaseException: pass
        return "at last"
class Words:
    __custom_documentations__ = {"prop": "words for prop", "other": "words for other"}
    @property
    def prop(self):
        "the property's"
        return 1
class Dynamic:
    def __getattr__(self, name): return self
class Text:
    def __str__(self): return "the str"
    def __repr__(self): return "the repr"
    def getdoc(self): return "from getdoc"
class Called:
    "class words"
    def __init__(self): "init words"
    def __call__(self, a, *, b=1): "call words"
    def __len__(self): return 5
class Color(enum.Enum):
    RED = 1
def f(a, b=2, *args, c: int = 3, **kw) -> str:
    "words"
    return a
part = functools.partial(f, 1, c=2)
@functools.lru_cache
def cached(x):
    "cached words"
    return x
def bare(x): return x
numbers = [1, {"a": 2}]
"""


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """With the objects."""
    found = kernel.client()
    found.run(SETUP)
    return found


def inspect(client: Client, code: str, detail: int = 0) -> str:
    """The text."""
    content = {"code": code, "cursor_pos": len(code), "detail_level": detail}
    return plain(client.ask("inspect_request", content).content["data"].get("text/plain", ""))


def page(client: Client, code: str) -> str:
    """What `code?` opens."""
    return plain(client.run(code).reply.content["payload"][0]["data"]["text/plain"])


def flat(text: str) -> str:
    """The text with one blank for any."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", ["Slow", "Busy", "Stubborn"])
def test_a_slow_representation_is_bounded(client: Client, name: str) -> None:
    client.run(f"slow = {name}()")
    text = inspect(client, "slow")
    assert f"{name}\n" in text
    assert client.run("1 + 1").result == "2"
    client.run(
        "import signal\nassert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("part", ["Signature: part(b=2, *args, c: int = 2, **kw) -> str", "Call signature: part("]),
        ("cached", ["Signature: cached(x)", "Docstring: cached words"]),
        ("Color.RED", ["String form: Color.RED"]),
        ("Color.RED.name", ["Type: str", "String form: RED"]),
        ("numbers[0]", ["Type: list"]),
    ],
)
def test_fields(client: Client, code: str, lines: list[str]) -> None:
    text = " ".join(inspect(client, code).split())
    for line in lines:
        assert line in text


def test_objects_with_methods_of_their_own(client: Client) -> None:
    client.run("t, c, d = Text(), Called(), Dynamic()")
    assert "String form: the str" in flat(inspect(client, "t"))
    assert "Docstring: from getdoc" in flat(inspect(client, "t"))
    found = " ".join(inspect(client, "c").split())
    assert "Signature: c(a, *, b=1) Type: Called" in found
    assert "Length: 5" in found
    assert "Docstring: class words Init docstring: init words Call docstring: call words" in found
    assert "Type: Dynamic" in flat(inspect(client, "d.whatever.more"))


def test_custom_words(client: Client) -> None:
    client.run("w = Words()")
    assert "Docstring: words for prop" in flat(inspect(client, "w.prop"))
    assert inspect(client, "w.other") == ""
    assert "Docstring: words for other" in flat(page(client, "w.other?"))
    assert "Type: NoneType" in flat(page(client, "w.undefined?"))


def test_source(client: Client) -> None:
    client.run("w = Words()")
    assert "# w.prop.fget\n@property\ndef prop(self):" in inspect(client, "w.prop", 1)
    assert "Docstring: <no docstring>\nSource:    def bare(x): return x" in inspect(
        client, "bare", 1
    )
    assert "Docstring" not in inspect(client, "f", 1)


def test_items(client: Client) -> None:
    assert "Type: dict" in flat(page(client, "numbers[1]?"))
    assert client.run("nothing_of_this_name?").stdout == (
        "Object `nothing_of_this_name` not found.\n"
    )
