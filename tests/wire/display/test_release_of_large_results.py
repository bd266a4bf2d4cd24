"""What only Out and `_` still hold of a large array ends with the last of the user's names for it.

Source: IPython's documentation, %xdel and %reset ("try hard to delete it from IPython's internals").
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = pytest.mark.one_python
better = pytest.mark.better("IPython keeps what was shown until %xdel")
PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
MAKER = """
import numpy, weakref
refs = {}
def new(name, count=500_000):
    made = numpy.zeros(count)
    refs[name] = weakref.ref(made)
    return made
def alive():
    return sorted(name for name, ref in refs.items() if ref() is not None)
"""


@pytest.fixture(scope="module", params=["own", "IPython"])
def module_kernel(request, tmp_path_factory, python) -> Iterator[Kernel]:
    """A kernel that runs cells by itself, and one whose cells IPython runs."""
    if request.param == "IPython" and not IS_CARME:
        pytest.skip("IPython's shell is the only one there")
    kernel = Kernel(tmp_path_factory.mktemp("kept"), python, path=PYTHON)
    if request.param == "IPython":
        kernel.client().run("get_ipython().events")
    yield kernel
    kernel.stop()


@pytest.fixture
def client(module_kernel: Kernel) -> Client:
    """Its client, with a maker of arrays whose end can be seen."""
    made = module_kernel.client()
    made.run("%reset -f")
    made.run(MAKER)
    return made


def run(client: Client, *cells: str) -> str:
    """Runs cells, and tells which arrays are alive."""
    for cell in cells:
        client.run(cell)
    return client.run("print(alive())").stdout.strip()


@better
@pytest.mark.parametrize("end", ["del a", "a = None", "globals().pop('a'); None"])
def test_a_value_that_lost_its_name(client: Client, end: str) -> None:
    client.run("a = new('a')")
    assert run(client, "a", "1") == "['a']"
    assert run(client, end) == "[]"


@better
def test_a_view_keeps_nothing_alive(client: Client) -> None:
    client.run("a = new('a')")
    assert run(client, "a[:3]", "del a") == "[]"


@better
def test_another_name_keeps_it(client: Client) -> None:
    client.run("a = b = new('a')")
    assert run(client, "a", "del a") == "['a']"
    assert client.run("_ is b or __ is b or b is list(Out.values())[-1]").result == "True"
    assert run(client, "del b") == "[]"


@better
def test_a_list_keeps_it_and_out_does(client: Client) -> None:
    client.run("a = new('a'); kept = [a]")
    client.run("a")
    assert run(client, "del a") == "['a']"
    assert client.run("any(each is kept[0] for each in Out.values())").result == "True"
    assert run(client, "del kept") == "[]"


def test_what_never_had_a_name_stays(client: Client) -> None:
    assert run(client, "new('a')", "1", "2") == "['a']"
    assert client.run("len(Out)").result == "3"


def test_what_is_small_stays(client: Client) -> None:
    client.run("a = new('a', 10)")
    assert run(client, "a", "del a") == "['a']"


def test_xdel_of_what_is_shown(client: Client) -> None:
    client.run("a = new('a', 10)")
    assert run(client, "a", "%xdel a") == "[]"
    client.run("a = new('b', 10)")
    assert run(client, "a", "%xdel -n a") == "['b']"


def test_reset_of_out(client: Client) -> None:
    assert run(client, "new('a')", "1", "2", "3", "%reset -f out") == "[]"
    assert client.run("Out, _").result == "({}, '')"
