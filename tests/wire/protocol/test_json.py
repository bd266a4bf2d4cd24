"""What is shown and sent by comms as JSON: as jupyter_client's session writes it, or an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

SETUP = """
import array, collections, datetime, decimal, enum, fractions, types
class Number(enum.IntEnum): A = 3
class Mine(int):
    def __repr__(self): return "mine"
    __str__ = __repr__
ordered = collections.OrderedDict(a=1, b=2)
ordered.move_to_end("a")
nan = float("nan")
def gen(): yield 1; yield 2
def show(value): display({"application/x+json": value}, raw=True)
"""
WRITTEN = [
    ("{2}", [2]),
    ("frozenset([3])", [3]),
    ("gen()", [1, 2]),
    ("iter([1, {2}])", [1, [2]]),
    ("range(3)", [0, 1, 2]),
    ("{'a': 1}.keys()", ["a"]),
    ("collections.deque([1])", [1]),
    ("types.MappingProxyType({'a': 1})", ["a"]),
    ("b'abc'", "YWJj"),
    ("bytearray(b'abc')", [97, 98, 99]),
    ("memoryview(b'abc')", [97, 98, 99]),
    ("array.array('d', [1.5])", [1.5]),
    ("fractions.Fraction(1, 4)", 0.25),
    ("Number.A", 3),
    ("Mine(5)", 5),
    ("10**30", 10**30),
    ("datetime.datetime(2020, 1, 2, 3, tzinfo=datetime.timezone.utc)", "2020-01-02T03:00:00Z"),
    ("datetime.date(2020, 1, 2)", "2020-01-02"),
    ("{None: 1, True: 2, 3: 4, 1.5: 6}", {"null": 1, "true": 2, "3": 4, "1.5": 6}),
    ("{(1, 2): {3}}", {"(1, 2)": [3]}),
    ("[1, nan, -float('inf')]", [1, "nan", "-inf"]),
    ("[gen(), nan]", [[1, 2], "nan"]),
    ("[{None: 1}, nan]", [{"None": 1}, "nan"]),
    ("[datetime.datetime(2020, 1, 2), nan]", ["2020-01-02T00:00:00.000000", "nan"]),
]
REFUSED = [
    "object()",
    "1j",
    "decimal.Decimal(1)",
    "datetime.timedelta(1)",
    "{1: nan, '1': 2}",
    "len",
]
NUMPY = [
    ("np.int64(3)", 3),
    ("np.float64(1.5)", 1.5),
    ("np.float32(0.5)", 0.5),
    ("np.longdouble(2.5)", 2.5),
    ("np.bool_(True)", True),
    ("np.array(3)", 3),
    ("np.arange(4.0).reshape(2, 2)", [[0.0, 1.0], [2.0, 3.0]]),
    ("np.arange(6)[::2]", [0, 2, 4]),
    ("np.array([True, False])", [True, False]),
    ("np.array([1, 2], dtype='>i4')", [1, 2]),
    ("np.array(['a', 'b'])", ["a", "b"]),
    ("np.array([1, 'a', None], dtype=object)", [1, "a", None]),
    ("np.array([1.5, np.nan])", [1.5, "nan"]),
    ("{np.int64(1): np.uint8(2)}", {"1": 2}),
]
NUMPY_REFUSED = [
    "np.complex128(1)",
    "np.datetime64('2020-01-01')",
    "np.ma.array([1, 2], mask=[0, 1])",
]


@pytest.fixture(scope="module")
def numeric(tmp_path_factory: pytest.TempPathFactory, python) -> Iterator[Client]:
    """A client of a kernel that has numpy and comm."""
    path = str(ENVIRONMENTS / "systems" / "bin" / "python")
    kernel = Kernel(tmp_path_factory.mktemp("json"), python, path=path)
    found = kernel.client()
    found.run(SETUP + "import numpy as np")
    yield found
    kernel.stop()


def shown(client: Client, code: str) -> object:
    return client.run(f"show({code})").outputs[-1].content["data"]["application/x+json"]


@pytest.mark.parametrize(("code", "wanted"), WRITTEN)
def test_python_values(client: Client, code: str, wanted: object) -> None:
    client.run(SETUP)
    assert shown(client, code) == wanted


def test_naive_times_are_local(client: Client) -> None:
    client.run(SETUP + "when = datetime.datetime(2020, 1, 2, 3, 4)")
    here = client.run("when.astimezone().isoformat()").result.strip("'").replace("+00:00", "Z")
    assert shown(client, "when") == here


@pytest.mark.parametrize("code", REFUSED)
def test_what_has_no_form_is_an_error(client: Client, code: str) -> None:
    client.run(SETUP)
    assert client.execute(f"show({code})").reply.content["status"] == "error"
    assert client.run("1 + 1").result == "2"


def test_not_a_number_is_told(client: Client) -> None:
    client.run(SETUP + "import warnings")
    cell = client.run(
        "with warnings.catch_warnings():\n warnings.simplefilter('always'); show(nan)"
    )
    assert "UserWarning" in cell.stderr and "JSON" in cell.stderr


def test_it_is_as_deep_as_json_can_be(client: Client) -> None:
    client.run(SETUP + "deep = []\nfor _ in range(400): deep = [deep]")
    assert shown(client, "deep")
    client.run("deep = []; deep.append(deep)")
    assert client.execute("show(deep)").reply.content["ename"] == "ValueError"


@pytest.mark.one_python
@pytest.mark.parametrize(("code", "wanted"), NUMPY)
def test_numpy(numeric: Client, code: str, wanted: object) -> None:
    assert shown(numeric, code) == wanted
    found = type(shown(numeric, code))
    assert found is type(wanted)


@pytest.mark.one_python
@pytest.mark.parametrize("code", NUMPY_REFUSED)
def test_numpy_without_a_form(numeric: Client, code: str) -> None:
    assert numeric.execute(f"show({code})").reply.content["status"] == "error"


@pytest.mark.one_python
@pytest.mark.skipif(not IS_CARME, reason="np.bool_ is an error there")
def test_comms(numeric: Client) -> None:
    numeric.run("import comm\nc = comm.create_comm(target_name='t')")
    cell = numeric.run("c.send({'a': np.arange(2), 'b': np.bool_(False), 'c': {1}})")
    found = [m.content["data"] for m in cell.iopub if m.type == "comm_msg"]
    assert found == [{"a": [0, 1], "b": False, "c": [1]}]
