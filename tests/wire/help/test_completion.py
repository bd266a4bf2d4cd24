"""Completion: from the live namespace, from the code by jedi where the environment has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.client import SLOW, Client
from harness.gate import Gate
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel
from harness.until import until

pytestmark = pytest.mark.one_python
PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
NAMES = """
import collections, os
d = {'alpha': 1, 'al b': 2, ('t1', 'u1'): 3, ('t1', 'v1'): 5, ('t2', 'w1'): 6, 7: 8, b'by': 9}
def f(aa, bb=2, *, cc):
    return aa
class K:
    attr = 1
    ran = []
    def meth(self, x):
        return [x]
    @property
    def prop(self):
        K.ran.append(1)
        return 'text'
k = K()
L = [K(), K()]
s = 'text'
"""


def completed(client: Client, code: str) -> dict[str, Any]:
    """The content of the answer at the end of the code."""
    reply = client.ask("complete_request", {"code": code, "cursor_pos": len(code)})
    content: dict[str, Any] = reply.content
    assert content["cursor_end"] == len(code)
    return content


def warm(client: Client) -> None:
    """Asks until jedi is there and has read what it needs."""
    until(lambda: "append" in completed(client, "[1, 2].")["matches"], "jedi", 60 * SLOW)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, python) -> Iterator[Kernel]:
    """One kernel for most of the tests."""
    options = {"path": PYTHON} if IS_CARME else {}
    kernel = Kernel(tmp_path_factory.mktemp("completion"), python, **options)
    try:
        client = kernel.client()
        client.run(NAMES)
        warm(client)
        yield kernel
    finally:
        kernel.stop()


@pytest.fixture
def client(shared: Kernel) -> Iterator[Client]:
    """A client of it."""
    yield shared.client()


@pytest.mark.parametrize(
    ("code", "start", "wanted"),
    [
        ("K().me", 4, ["meth"]),
        ("L[0].me", 5, ["meth"]),
        ("for each in L:\n    each.me", 24, ["meth"]),
        ("def g(p: K):\n    p.me", 19, ["meth"]),
        ("x = K()\nx.me", 10, ["meth"]),
        ("class Q:\n    def zz(self):\n        self.z", 40, ["zz"]),
        ("'x'.up", 4, ["upper"]),
        ("(1).bit_l", 4, ["bit_length"]),
        ("int(s.upp", 6, ["upper"]),
        ("f'{s.upp", 5, ["upper"]),
        ("%%time\ns.upp", 9, ["upper"]),
        ("\N{GRINNING FACE} = 1; s.upp", 9, ["upper"]),
        ("d['", 3, ["al b", "alpha", "t1", "t2"]),
        ('d["al', 3, ["al b", "alpha"]),
        ("d['t1', '", 9, ["u1", "v1"]),
        ("d['t2', \"w", 9, ["w1"]),
        ("d[b'", 4, ["by"]),
        ("d[7", 2, ["7"]),
        ("import os.p", 7, ["os.path"]),
        ("from os.path import jo", 20, ["join"]),
        ("x = os.path.jo", 12, ["join"]),
        ("open('/usr/li", 6, ["/usr/lib/"]),
        ("%%ti", 0, ["%%time", "%%timeit"]),
        ("def g(parameter):\n    return para", 29, ["parameter"]),
        ("value_of_mine = 1\nvalue_of", 18, ["value_of_mine"]),
    ],
)
def test_positions(client: Client, code: str, start: int, wanted: list[str]) -> None:
    def is_answered() -> bool:
        content = completed(client, code)
        return content["cursor_start"] == start and {*wanted} <= {*content["matches"]}

    until(is_answered, f"{wanted} at {start}")  # jedi may miss an answer's 150 ms


@pytest.mark.parametrize("code", ["d[('t1', '", 'd[("t2", "'])
@pytest.mark.better("ipykernel offers its magics in a tuple that is written with brackets")
def test_keys_of_a_tuple_in_brackets(client: Client, code: str) -> None:
    wanted = ["u1", "v1"] if "t1" in code else ["w1"]
    assert completed(client, code)["matches"] == wanted


def test_inferred_types_and_signatures(client: Client) -> None:
    described = until(  # a busy machine's jedi misses an answer's 150 ms
        lambda: completed(client, "K().me")["metadata"]["_jupyter_types_experimental"], "types"
    )
    assert described == [
        {"start": 4, "end": 6, "text": "meth", "type": "function", "signature": "(x)"}
    ]


@pytest.mark.better("ipykernel's jedi runs properties")
def test_nothing_runs_a_property(client: Client) -> None:
    for code in (
        "k.",
        "k.prop.",
        "k.prop.up",
        "L[0].prop.",
        "[k][0].prop.",
        "k.prop[0].",
        "(k).pro",
    ):
        completed(client, code)
    assert client.run("K.ran").result == "[]"


@pytest.mark.skipif(not IS_CARME, reason="ours")
def test_jedi_is_not_waited_for(start: Callable[..., Kernel], sample: Callable, gate: Gate) -> None:
    """A jedi whose import does not end delays no answer, nor a cell."""
    slow = sample("jedi.py", gate.wait)
    client = start(path=PYTHON).client()
    client.run(f"import sys\nsys.path.insert(0, {str(slow.parent)!r})\nvalue = 'x'")
    assert completed(client, "value.upper().lo")["matches"] == []
    assert completed(client, "value.upp")["matches"] == ["upper"]
    assert client.run("value").result == "'x'"


@pytest.mark.skipif(not IS_CARME, reason="ours")
def test_a_broken_jedi_is_no_answer(start: Callable[..., Kernel], sample: Callable) -> None:
    broken = sample("jedi.py", "1/0\n")
    client = start(path=PYTHON).client()
    client.run(f"import sys\nsys.path.insert(0, {str(broken.parent)!r})\nvalue = 'x'")
    for _ in range(2):
        assert completed(client, "value.upper().lo")["matches"] == []
    assert client.run("value").stderr == ""


@pytest.mark.skipif(not IS_CARME, reason="the environment is ours")
def test_columns_of_a_table(start: Callable[..., Kernel]) -> None:
    client = start(path=PYTHON).client()
    client.run("import pandas as pd\nt = pd.DataFrame({'col a': [1], 'colb': [2]}, index=['row'])")
    assert completed(client, "t['")["matches"] == ["col a", "colb"]
    assert completed(client, 't["col ')["matches"] == ["col a"]
    assert completed(client, "t.loc[:, 'c")["matches"] == ["col a", "colb"]
    assert completed(client, "t.loc['")["matches"] == ["row"]
    assert completed(client, "t['colb'].memory_u")["matches"] == ["memory_usage"]
