"""%run: a program finds what it would find under `python FILE`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")

UNITTEST = """
import unittest
class Case(unittest.TestCase):
    def test_one(self):
        self.assertEqual(1 + 1, 2)
if __name__ == "__main__":
    unittest.main()
"""
DOCTEST = '''
def one():
    """
    >>> one()
    1
    """
    return 1
import doctest
print(doctest.testmod())
'''
MAIN = """
import __main__, os, pickle, sys, timeit, typing
def five():
    return 5
class A:
    x: "B"
class B:
    pass
print(__main__.five is five, __file__ == os.path.abspath(__file__), sys.argv[1:])
print(timeit.timeit("five()", setup="from __main__ import five", number=1) > 0)
print(typing.get_type_hints(A) == {"x": B}, type(pickle.loads(pickle.dumps(A()))) is A)
__version__ = "1.5"
"""
POOL = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
def square(x):
    return x * x
if __name__ == "__main__":
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            print(list(pool.map(square, [1, 2])))
"""


@pytest.fixture
def folder(client: Client, tmp_path: Path) -> Path:
    """A directory of the test's own, in which the kernel is."""
    client.run(f"import os; os.chdir({str(tmp_path)!r})")
    return tmp_path


def test_unittest(client: Client, folder: Path) -> None:
    (folder / "tests.py").write_text(UNITTEST)
    text = client.run("%run tests.py").stderr
    assert "Ran 1 test" in text and text.endswith("OK\n")
    assert "Ran 1 test" in client.run("%run -m unittest -q tests").stderr


@pytest.mark.better("finds no test")
def test_doctest(client: Client, folder: Path) -> None:
    (folder / "doc.py").write_text(DOCTEST)
    assert client.run("%run doc").stdout.endswith("attempted=1)\n")


def test_main_is_the_program(client: Client, folder: Path) -> None:
    (folder / "main.py").write_text(MAIN)
    text = "True True ['a', 'b c']\nTrue\nTrue True\n"
    assert client.run("%run main.py a 'b c'").stdout == text
    assert client.run("__version__, __name__, '__file__' in globals()").result == (
        "('1.5', '__main__', False)"
    )
    assert (
        client.run("import pickle, sys\ntype(pickle.loads(pickle.dumps(A()))) is A").result
        == "True"
    )
    assert client.run("sys.modules['__main__'].__dict__ is globals()").result == "True"
    assert client.run("%run -n main.py").stdout.startswith("False True []\n")
    assert client.run("A.__module__, __name__").result == "('main', '__main__')"


def test_pools(client: Client, folder: Path) -> None:
    (folder / "pool.py").write_text(POOL)
    assert client.run("%run pool.py").stdout == "[1, 4]\n[1, 4]\n"


def test_arguments(client: Client, folder: Path) -> None:
    (folder / "args.py").write_text("import sys\nprint(sorted(sys.argv[1:]))\n")
    for name in ("foo.txt", "bar.txt"):
        (folder / name).write_text("")
    assert client.run("%run args.py *.txt").stdout == "['bar.txt', 'foo.txt']\n"
    assert client.run('%run args.py "*.txt"').stdout == "['*.txt']\n"
    assert client.run("%run -G args.py *.txt -x").stdout == "['*.txt', '-x']\n"
    code = "import os, sys\nfound = [os.path.expanduser('~'), 'none*.x'] == sys.argv[1:]\n"
    (folder / "home.py").write_text(code)
    assert client.run("%run home.py ~ none*.x\nfound").result == "True"
    assert client.run("%run -m args -q x").stdout == "['-q', 'x']\n"
    assert client.run("def f(n):\n    %run args.py {n}\nf(5)").stdout == "['5']\n"
    assert client.run("import sys; 'args.py' in sys.argv").result == "False"


def test_what_a_program_adds_to_the_path_stays(client: Client, folder: Path) -> None:
    (folder / "adds.py").write_text("import sys\nsys.path.append('/added')\n")
    assert client.run("import sys\n%run adds.py\n'/added' in sys.path").result == "True"


def test_ends(client: Client, folder: Path) -> None:
    (folder / "zero.py").write_text("import sys\nended = 1\nsys.exit(False)\n")
    (folder / "three.py").write_text("import sys\nended = 3\nsys.exit(3)\n")
    assert client.run("%run zero.py\nended").result == "1"
    assert client.run("%run -e three.py\nended").result == "3"


@pytest.mark.better("has no exit() for programs")
def test_exit_ends_the_program_alone(client: Client, folder: Path) -> None:
    (folder / "leaves.py").write_text("print('begun')\nexit()\nprint('not this')\n")
    assert client.run("%run leaves.py\nprint('on')").stdout == "begun\non\n"
    (folder / "leaving.py").write_text("quit(3)\n")
    assert client.execute("import leaving").error == "SystemExit"
    assert client.run("1").result == "1"


@pytest.mark.better("a program that fails is no error")
def test_failures_are_shown_and_the_cell_goes_on(client: Client, folder: Path) -> None:
    (folder / "fails.py").write_text("before = 1\n1 / 0\n")
    (folder / "exits.py").write_text("import sys\nsys.exit(3)\n")
    (folder / "wrong.py").write_text("1 +\n")
    for name, error in [
        ("fails", "ZeroDivisionError"),
        ("exits", "SystemExit"),
        ("wrong", "SyntaxError"),
    ]:
        cell = client.run(f"%run {name}.py\n'on'")
        assert [each.content["ename"] for each in cell.iopub if each.type == "error"] == [error]
        assert cell.result == "'on'"
    assert client.run("before, __name__").result == "(1, '__main__')"


def test_inside(client: Client, folder: Path) -> None:
    (folder / "uses.py").write_text("made = given + 1\nnames = __name__, __file__\n")
    code = "given = 1\n%run -i uses.py\nmade, names, __name__"
    assert client.run(code).result == "(2, ('__main__', 'uses.py'), '__main__')"


@pytest.mark.better("writes through a terminal: its line ends and colours")
def test_cells_in_a_file(client: Client, folder: Path) -> None:
    (folder / "tool.ipy").write_text("x_ipy = 5\n!echo from ipy\nplace = __file__\nx_ipy\n")
    cell = client.run("%run tool.ipy\nx_ipy, place")
    assert (cell.stdout, cell.result) == ("from ipy\n", "(5, 'tool.ipy')")


@pytest.mark.skipif(not IS_CARME, reason="needs nbformat")
@pytest.mark.parametrize("version", [3, 4])
def test_notebooks(client: Client, folder: Path, version: int) -> None:
    name = "source" if version == 4 else "input"
    cells = [
        {"cell_type": "code", name: ["a_nb = 1\n", "%time 1"]},
        {"cell_type": "markdown", "source": "# text"},
        {"cell_type": "code", name: f"b_nb = {version}"},
    ]
    book = {"cells": cells} if version == 4 else {"worksheets": [{"cells": cells}]}
    (folder / "book.ipynb").write_text(json.dumps({"nbformat": version, **book}))
    assert "Wall time" in client.run("%run book.ipynb").stdout
    assert client.run("a_nb, b_nb").result == f"(1, {version})"


def test_time(client: Client, folder: Path) -> None:
    (folder / "said.py").write_text("print('said')\n")
    text = client.run("%run -t said.py").stdout
    assert text.startswith("said\n\nIPython CPU timings (estimated):\n  User   : ")
    text = client.run("%run -t -N3 said.py").stdout
    assert text.startswith("said\n" * 3) and "Total runs performed: 3\n" in text


def test_profile(client: Client, folder: Path) -> None:
    if (
        client.run("import importlib.util as u; u.find_spec('IPython') is not None").result
        == "True"
    ):
        pytest.skip("%run -p is IPython's where it is installed")
    (folder / "sums.py").write_text("def total():\n    return sum(range(9))\ntotal()\nended = 1\n")
    (page,) = client.run("%run -p -s cumulative -l 20 sums.py").reply.content["payload"]
    text = page["data"]["text/plain"]
    assert "sums.py:1(total)" in text and "Ordered by: cumulative time" in text
    assert client.run("ended").result == "1"
    assert "Stats" in str(client.run("%run -p -r sums.py").result)


@pytest.mark.skipif(not IS_CARME, reason="about handing over")
def test_ipython_comes_while_a_program_runs(start: Callable[..., Kernel], tmp_path: Path) -> None:
    client = start(path=WIDGETS).client()
    (tmp_path / "asks.py").write_text("import IPython\nshell = IPython.get_ipython()\nx = 5\n")
    client.run(f"%run {tmp_path}/asks.py")
    assert client.run("shell.user_module.__dict__ is globals(), x").result == "(True, 5)"
