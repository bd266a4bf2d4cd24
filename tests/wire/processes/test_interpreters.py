"""Other interpreters of the kernel's process: PEP 734, from Python 3.14 on."""

from __future__ import annotations

import pytest

from harness.client import Client
from harness.pythons import Python

SETUP = """
from concurrent.futures import InterpreterPoolExecutor
from concurrent import interpreters
def double(number):
    print('in', number)
    return 2 * number
"""


@pytest.fixture
def own(client: Client, python: Python) -> Client:
    """A client whose cells have them."""
    if python.version < (3, 14):
        pytest.skip("concurrent.interpreters came with Python 3.14")
    client.run(SETUP)
    return client


@pytest.mark.parametrize(("function", "result"), [("double", "[2, 4]"), ("abs", "[1, 2]")])
def test_pool(own: Client, function: str, result: str) -> None:
    code = f"with InterpreterPoolExecutor(2) as pool: print(list(pool.map({function}, [1, 2])))"
    lines = own.run(code).stdout.splitlines()
    printed = ["in 1", "in 2"] if function == "double" else []
    assert sorted(lines[:-1]) == printed
    assert lines[-1] == result


@pytest.mark.better("it is lost, or comes when the interpreter ends")
def test_lines_are_shown_in_their_cell(own: Client) -> None:
    own.run("other = interpreters.create()")
    assert own.run("other.exec('print(\"from there\")')").stdout == "from there\n"
    cell = own.run("other.call(double, 3)")
    assert (cell.stdout, cell.result) == ("in 3\n", "6")
    cell = own.execute("other.exec('1 / 0')")
    assert cell.error == "ExecutionFailed"
    assert "ZeroDivisionError" in cell.traceback
    own.run("other.close()")


@pytest.mark.better("AttributeError in the interpreter")
def test_definitions_of_cells(own: Client) -> None:
    """Functions that use others, classes, variables; also such as are made later, or made anew."""
    own.run("other = interpreters.create()\nfactor = 3")
    own.run("def times(number): return factor * double(number)")
    assert own.run("other.call(times, 2)").result == "12"
    own.run(
        "class Kind:\n    def __init__(self, name): self.name = name\n"
        "def name_of(kind): return kind.name"
    )
    assert own.run("other.call(name_of, Kind('one'))").result == "'one'"
    own.run("def times(number): return -double(number)")
    assert own.run("other.call(times, 2)").result == "-4"
    own.run("def times(number): return factor * number")
    assert own.run("other.call(times, 2)").result == "6"
    own.run("factor = 5")
    assert own.run("other.call(times, 2)").result == "10"
    own.run("other.exec('mine = 1')")
    assert own.run("other.exec('print(mine)')").stdout == "1\n"
    own.run("def times(number): return -double(number)")
    code = "with InterpreterPoolExecutor(2) as pool: print(list(pool.map(times, range(20))))"
    shown = own.run(code).stdout
    assert shown.endswith(str([-2 * number for number in range(20)]) + "\n")
    own.run("other.close()")


def test_what_can_not_be_there(own: Client) -> None:
    own.run("other = interpreters.create()")
    cell = own.execute("import threading\nlock = threading.Lock()\nother.call(print, lock)")
    assert cell.error == "NotShareableError"
    own.run("other.close()")
