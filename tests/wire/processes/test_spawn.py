"""multiprocessing with what cells define, under spawn and forkserver: by import, not by fork."""

from __future__ import annotations

import pytest

from harness.cell import plain
from harness.client import SLOW, Client

pytestmark = pytest.mark.better("spawned processes do not find what cells define there")
TIMEOUT = 30 * SLOW

START = """
import multiprocessing as mp, os, math, threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, wraps, partial
from collections import namedtuple
import enum
print('imports run once')
here = os.getpid()
context = mp.get_context({method!r})
def run(function, *items):
    with context.Pool(1) as pool:
        return pool.map(function, items)
"""

# what the cells define, the expression that uses it in another process, and its value
CASES = {
    "function": ("def double(n): return 2 * n", "run(double, 1, 2)", "[2, 4]"),
    "another process": ("def where(_): return os.getpid()", "run(where, 0) == [here]", "False"),
    "constant": ("K = 10\ndef add(n): return n + K", "run(add, 1)", "[11]"),
    "computed": ("table = {n: str(n) for n in range(3)}\ndef look(n): return table[n]",
                 "run(look, 2)", "['2']"),
    "latest value": ("K = 10\n---\nK = 20\ndef add(n): return n + K", "run(add, 1)", "[21]"),
    "helper": ("def inner(n): return n + 1\ndef outer(n): return inner(n) * 2",
               "run(outer, 1)", "[4]"),
    "recursion": ("def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n > 0 and even(n - 1)",
                  "run(even, 10)", "[True]"),
    "redefined": ("def f(n): return 'old'\n---\ndef f(n): return 'new'", "run(f, 1)", "['new']"),
    "module": ("def root(n): return math.sqrt(n)", "run(root, 9)", "[3.0]"),
    "alias": ("import os.path as where\nfrom math import sqrt as root\n"
              "def f(n): return where.join('a', str(root(n)))", "run(f, 4)", "['a/2.0']"),
    "class": ("class Base:\n    def __init__(self, n): self.n = n\n"
              "class Point(Base):\n    def twice(self): return Point(self.n * 2)",
              "run(Point.twice, Point(2))[0].n", "4"),
    "comes back": ("class Thing:\n    pass\ndef make(_): return Thing()",
                   "isinstance(run(make, 0)[0], Thing)", "True"),
    "dataclass": ("@dataclass(frozen=True)\nclass Pair:\n    left: int\n    right: int = 2\n"
                  "def swap(p): return Pair(p.right, p.left)",
                  "run(swap, Pair(1))", "[Pair(left=2, right=1)]"),
    "enum": ("class Colour(enum.Enum):\n    RED = 1\n    BLUE = 2\ndef other(c): return Colour.BLUE",
             "run(other, Colour.RED)[0] is Colour.BLUE", "True"),
    "namedtuple": ("Spot = namedtuple('Spot', 'x y')\ndef turn(s): return Spot(s.y, s.x)",
                   "run(turn, Spot(1, 2))", "[Spot(x=2, y=1)]"),
    "decorator": ("def louder(f):\n    @wraps(f)\n    def call(n): return f(n).upper()\n    return call\n"
                  "@louder\ndef name(n): return f'n{n}'", "run(name, 1)", "['N1']"),
    "wrapped later": ("def louder(f):\n    @wraps(f)\n    def call(n): return f(n).upper()\n    return call\n"
                      "def name(n): return f'n{n}'\nname = louder(name)", "run(name, 1)", "['N1']"),
    "cached": ("@lru_cache(None)\ndef fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)",
               "run(fib, 30)", "[832040]"),
    "lambda by name": ("shift = lambda n: n + 1\ndef f(n): return shift(n)", "run(f, 1)", "[2]"),
    "partial": ("def power(b, e): return b ** e", "run(partial(power, 2), 5)", "[32]"),
    "in a block": ("try:\n    import nothing_like_that\nexcept ImportError:\n    def f(n): return 'fallback'",
                   "run(f, 1)", "['fallback']"),
    "guard": ("def f(n): return n\nif __name__ == '__main__':\n    print('guarded')", "run(f, 1)", "[1]"),
    "method": ("class Counter:\n    step = 5\n    def up(self, n): return n + self.step",
               "run(Counter().up, 1)", "[6]"),
    "closure over a class": ("class Config:\n    rate = 3\ndef f(n): return n * Config.rate",
                             "run(f, 2)", "[6]"),
    "magic beside it": ("%time\ndef f(n): return n", "run(f, 1)", "[1]"),
    "alias of an old one": ("def f(n): return 'a'\ng = f\n---\ndef f(n): return 'b' + g(n)",
                            "run(f, 1)", "['ba']"),
    "branch that has run": ("if os.sep == '/':\n    def f(n): return 'this'\nelse:\n    def f(n): return 'that'",
                            "run(f, 1)", "['this']"),
    "package's part": ("import xml.dom.minidom\n"
                       "def f(n): return xml.dom.minidom.parseString('<a/>').documentElement.tagName",
                       "run(f, 1)", "['a']"),
    "star import": ("from math import *\ndef f(n): return floor(n)", "run(f, 1.5)", "[1]"),
    "typing": ("import typing\nT = typing.TypeVar('T')\nclass Box(typing.Generic[T]):\n"
               "    def __init__(self, n: T): self.n = n\ndef f(box: Box) -> T: return box.n",
               "run(f, Box(4))", "[4]"),
    "registered": ("from functools import singledispatch\n@singledispatch\ndef kind(n): return 'other'\n"
                   "@kind.register(int)\ndef _(n): return 'int'\ndef f(n): return kind(n)",
                   "run(f, 1)", "['int']"),
    "attributes set later": ("class A:\n    v = 1\n    def m(self): return 1\ndef two(self): return 2\n"
                             "A.v = 3\nA.m = two\ndef f(a): return a.m() + A.v", "run(f, A())", "[5]"),
    "table of lambdas": ("double = 2\ntable = {'d': lambda n: n * double}\ndef f(n): return table['d'](n)",
                         "run(f, 2)", "[4]"),
    "closure": ("def make(k):\n    def inner(n): return n * k\n    return inner\n"
                "triple = make(3)\ndef f(n): return triple(n)", "run(f, 2)", "[6]"),
    "process class": ("class Work(context.Process):\n    def run(self): print('runs')",
                      "(w := Work(), w.start(), w.join(), w.exitcode)[3]", "0"),
    "output of a command": ("lines = !echo a\ndef f(n): return lines[0]", "run(f, 1)", "['a']"),
    "name of another kind": ("@lru_cache\ndef f(n): return 1\n---\nf = 5\ndef g(n): return f",
                             "run(g, 1)", "[5]"),
    "executor": ("def double(n): return 2 * n",
                 "list(ProcessPoolExecutor(1, mp_context=context).map(double, [1]))", "[2]"),
    "queue": ("def put(q): q.put(os.getpid())",
              "(q := context.Queue(), p := context.Process(target=put, args=(q,)), p.start(), q.get() == p.pid, p.join())[3]"
              , "True"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_definition(client: Client, method: str, name: str) -> None:
    cells, expression, value = CASES[name]
    client.run("%reset -f")
    client.run(START.format(method=method))
    for cell in cells.split("\n---\n"):
        client.run(cell)
    cell = client.execute(expression, TIMEOUT)
    assert cell.result == value, cell.reply.content
    assert "imports run once" not in cell.stdout
    assert "guarded" not in cell.stdout


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_prints_are_whole_and_once(client: Client, method: str) -> None:
    client.run(START.format(method=method))
    client.run("def speak(n): print('line', n)")
    lines = client.execute("_ = run(speak, *range(20))", TIMEOUT).stdout.splitlines()
    assert sorted(lines) == sorted(f"line {n}" for n in range(20))


def test_an_error_shows_the_cell_s_line(client: Client) -> None:
    client.run(START.format(method="spawn"))
    client.run("def fail(n):\n    raise KeyError('in the child')  # this line")
    cell = client.execute("run(fail, 1)", TIMEOUT)
    assert cell.error == "KeyError"
    assert "# this line" in plain("\n".join(cell.reply.content["traceback"]))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        ("lock = threading.Lock()", "cannot pickle"),
        ("lock = bytearray(40_000_000)", "pass it as an argument"),
    ],
    ids=["unpicklable", "too large"],
)
def test_a_variable_that_can_not_be_sent_is_named(client: Client, make: str, why: str) -> None:
    client.run(START.format(method="spawn"))
    client.run(f"{make}\ndef use(n):\n    return lock[0] if n else 'unused'")
    assert client.execute("run(use, 0)", TIMEOUT).result == "['unused']"
    cell = client.execute("run(use, 1)", TIMEOUT)
    assert cell.error == "RuntimeError"
    assert "`lock`" in cell.reply.content["evalue"]
    assert why in cell.reply.content["evalue"].replace("can't", "cannot")


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
@pytest.mark.parametrize("pool", ["Pool", "executor"])
def test_what_a_pool_can_not_know_is_named(client: Client, method: str, pool: str) -> None:
    """It is older than the function. It fails, says so, and goes on."""
    client.run(START.format(method=method))
    make = "context.Pool(1)" if pool == "Pool" else "ProcessPoolExecutor(1, mp_context=context)"
    client.execute(f"%reset -f\n{START.format(method=method)}", TIMEOUT)
    client.execute(f"pool = {make}\nlist(pool.map(abs, [-1]))", TIMEOUT)
    client.run(f"def younger_{pool}(n): return n")
    cell = client.execute(f"list(pool.map(younger_{pool}, [1]))", TIMEOUT)
    assert cell.error == "RuntimeError"
    assert f"`younger_{pool}`" in cell.reply.content["evalue"]
    assert client.execute("list(pool.map(abs, [-2]))", TIMEOUT).result == "[2]"
    client.execute("pool.close() if hasattr(pool, 'close') else pool.shutdown()", TIMEOUT)


@pytest.mark.parametrize(
    ("cells", "use", "why"),
    [
        ("exec('def unwritten(n): return n')", "run(unwritten, 1)", "`unwritten` is not one"),
        ("@broken\ndef f(n): return n", "run(f, 1)", "`f` of the notebook can not be defined"),
    ],
    ids=["by exec", "fails there"],
)
def test_what_can_not_be_made_again_is_named(
    client: Client, cells: str, use: str, why: str
) -> None:
    client.run(START.format(method="spawn"))
    client.run("def broken(f): return f if os.getpid() == here else 1 / 0")
    client.run(cells)
    cell = client.execute(use, TIMEOUT)
    assert cell.error == "RuntimeError"
    assert why in cell.reply.content["evalue"]


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_child_displays_as_text(client: Client, method: str) -> None:
    client.run(START.format(method=method))
    client.run("def show(n): display(n)")
    assert client.execute("_ = run(show, 7)", TIMEOUT).stdout == "7\n"


def test_cells_do_not_run_again(client: Client) -> None:
    client.run(START.format(method="spawn"))
    client.run("import tempfile\nmarks = tempfile.mkdtemp()")
    client.run("tempfile.mkstemp(dir=marks)\ndef f(n): return n\ntempfile.mkstemp(dir=marks)")
    client.execute("run(f, 1)", TIMEOUT)
    assert client.run("len(os.listdir(marks))").result == "2"


def test_no_file_stays_behind(start: object) -> None:
    kernel = start()  # type: ignore[operator]
    client = kernel.client()
    client.run(START.format(method="spawn"))
    client.run("def f(n): return __import__('__main__').__file__")
    path = client.execute("print(run(f, 1)[0])", TIMEOUT).stdout.strip()
    assert path.endswith(".py")
    client.run("import os\nassert os.path.exists(%r)" % path)
    client.ask("shutdown_request", {"restart": False}, "control")
    kernel.wait_exit()
    import os.path

    assert not os.path.exists(os.path.dirname(path))
