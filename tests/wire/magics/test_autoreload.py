"""%autoreload: an edit reaches what cells hold of a module; what is not edited keeps its state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = pytest.mark.skipif(not IS_CARME, reason="some of it is less under ipykernel")
PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
SETUP = """
import os, sys, time
sys.dont_write_bytecode = True
sys.path.insert(0, os.getcwd())
def write(name, text, t=[time.time()]):
    t[0] += 5
    with open(name + ".py", "w") as f:
        f.write(text)
    os.utime(name + ".py", (t[0], t[0]))
%load_ext autoreload
"""
# name, mode, source, what cells do with the module m, source after an edit, expression, result
EDITS = [
    (
        "state",
        "2",
        "count = []\nX = 1\ndef f(): return 1\n",
        "import m; from m import f, X\nm.count.append(1)",
        "count = []\nX = 2\ndef f(): return 2\ndef g(): return 3\n",
        "m.count, m.X, X, f(), m.f(), m.g(), f is m.f",
        "([1], 2, 1, 2, 2, 3, True)",
    ),
    (
        "removed",
        "2",
        "A=1\ndef f(): return 1\ndef g(): return 2\n",
        "import m",
        "A=1\ndef g(): return 2\n",
        "hasattr(m,'f'), m.g()",
        "(False, 2)",
    ),
    (
        "super",
        "2",
        "class A:\n  def f(self): return 'a'\nclass B(A):\n  def f(self): return super().f()+'b'\n",
        "from m import *; b=B()\nclass C(B):\n  def f(self): return super().f()+'c'\nc=C()",
        "class A:\n  def f(self): return 'A'\nclass B(A):\n  def f(self): return super().f()+'B'\n  def n(self): return super().f()+'n'\n",
        "b.f(), c.f(), b.n(), c.n(), isinstance(c,B), isinstance(b, A)",
        "('AB', 'ABc', 'An', 'An', True, True)",
    ),
    (
        "full-super",
        "2-",
        "class A:\n  def f(self): return 'a'\nclass B(A):\n  def f(self): return super().f()+'b'\n",
        "from m import *; import m, pickle; b=B()\nclass C(B):\n  def f(self): return super().f()+'c'\nc=C(); bf=b.f",
        "class A:\n  def f(self): return 'A'\nclass B(A):\n  def f(self): return super().f()+'B'\n  def n(self): return super().f()+'n'\n",
        "b.f(), c.f(), b.n(), c.n(), isinstance(c,B), isinstance(b, A), bf(), isinstance(b, m.B), type(pickle.loads(pickle.dumps(b))) is B",
        "('AB', 'ABc', 'An', 'An', True, True, 'AB', True, True)",
    ),
    (
        "rest-changed",
        "2",
        "import os\nprint('x')\nclass E(Exception): pass\ndef f(): raise E(1)\nclass Foo:\n  def __init__(self): self.a=1\n",
        "from m import E, f, Foo; foo=Foo()",
        "import os\nprint('y')\nclass E(Exception): pass\ndef f(): raise E(2)\nclass Foo:\n  def __init__(self): self.a=1\n  def h(self): return self.a\n",
        "try: f()\nexcept E as e: print('caught', e)\nfoo.h(), isinstance(foo, Foo)",
        "(1, True)",
    ),
    (
        "enum",
        "2",
        "from enum import Enum\nclass C(Enum):\n  A=1\n  def d(self): return 'x'\n",
        "from m import C; a=C.A; L=[C.A]",
        "from enum import Enum\nclass C(Enum):\n  A=1\n  B=2\n  def d(self): return 'y'\n",
        "a.d(), C.A is a, C.B.d(), isinstance(a, C), L[0].d()",
        "('y', True, 'y', True, 'y')",
    ),
    (
        "enum-method",
        "2",
        "from enum import Enum\nclass C(Enum):\n  A=1\n  def d(self): return 'x'\n",
        "from m import C; a=C.A",
        "from enum import Enum\nclass C(Enum):\n  A=1\n  def d(self): return 'y'\n",
        "a.d(), C.A is a",
        "('y', True)",
    ),
    (
        "property",
        "2",
        "class P:\n  k=1\n  @property\n  def x(self): return 1\n  @x.setter\n  def x(self,v): self.v=v\n  @staticmethod\n  def s(): return 1\n  @classmethod\n  def c(cls): return (cls.__name__,1)\n",
        "from m import P; p=P(); s=P.s; c=P.c",
        "class P:\n  k=2\n  @property\n  def x(self): return 2\n  @x.setter\n  def x(self,v): self.v=v*2\n  @staticmethod\n  def s(): return 2\n  @classmethod\n  def c(cls): return (cls.__name__,2)\n  @property\n  def y(self): return self.k\n",
        "p.x=5\np.x, p.v, s(), c(), P.k, p.y",
        "(2, 10, 2, ('P', 2), 2, 2)",
    ),
    (
        "decorated",
        "2",
        "import functools\ndef deco(f):\n  @functools.wraps(f)\n  def w(*a): return ('w',f(*a))\n  return w\n@deco\ndef f(x): return x\n",
        "from m import f; import m",
        "import functools\ndef deco(f):\n  @functools.wraps(f)\n  def w(*a): return ('W',f(*a))\n  return w\n@deco\ndef f(x): return x*2\n",
        "f(2), m.f(2), f is m.f",
        "(('W', 4), ('W', 4), True)",
    ),
    (
        "add-deco",
        "2",
        "import functools\ndef f(x): return x\n",
        "from m import f; import m",
        "import functools\n@functools.lru_cache\ndef f(x): return x*2\n",
        "f(2), m.f(2)",
        "(4, 4)",
    ),
    (
        "dataclass",
        "2",
        "from dataclasses import dataclass\n@dataclass\nclass D:\n  a: int = 1\n",
        "from m import D; d=D()",
        "from dataclasses import dataclass\n@dataclass\nclass D:\n  a: int = 1\n  b: int = 2\n",
        "D(), isinstance(d, D)",
        "(D(a=1, b=2), True)",
    ),
    (
        "bases",
        "2",
        "class A:\n  def f(self): return 1\nclass B:\n  def g(self): return 2\n",
        "from m import B; b=B()",
        "class A:\n  def f(self): return 1\nclass B(A):\n  def g(self): return 2\n",
        "b.f(), B().f()",
        "(1, 1)",
    ),
    (
        "mangled",
        "2",
        "class A:\n  def __p(self): return 1\n  def f(self): return self.__p()\n",
        "from m import A; a=A()",
        "class A:\n  def __p(self): return 2\n  def f(self): return self.__p()+10\n",
        "a.f()",
        "11",
    ),
    (
        "nested",
        "2",
        "class A:\n  class I:\n    def f(self): return 1\n",
        "from m import A; i=A.I()",
        "class A:\n  class I:\n    def f(self): return 2\n  class J: q=1\n",
        "i.f(), A.J.q, A.I.f.__qualname__",
        "(2, 1, 'A.I.f')",
    ),
    (
        "mode3",
        "3",
        "def f(): return 1\n",
        "from m import f",
        "def f(): return 2\ndef g(): return 3\nV=5\n",
        "f(), 'g' in globals(), 'V' in globals()",
        "(2, False, False)",
    ),
    (
        "mode3-import",
        "3",
        "def f(): return 1\n",
        "import m",
        "def f(): return 2\ndef g(): return 3\nV=5\n",
        "m.f(), g(), V",
        "(2, 3, 5)",
    ),
    (
        "mode3-star",
        "3",
        "def f(): return 1\n",
        "from m import *",
        "def f(): return 2\ndef g(): return 3\nV=5\n",
        "f(), g(), V",
        "(2, 3, 5)",
    ),
    (
        "mode3-as",
        "3",
        "def f(): return 1\nx=1\n",
        "from m import x as y, f as ff",
        "def f(): return 2\nx=2\n",
        "y, ff()",
        "(2, 2)",
    ),
    ("explicit-no", "1", "def f(): return 1\n", "import m", "def f(): return 2\n", "m.f()", "1"),
    (
        "explicit",
        "1",
        "def f(): return 1\n",
        "%aimport m\n%aimport",
        "def f(): return 2\n",
        "m.f()",
        "2",
    ),
    (
        "skip",
        "all",
        "def f(): return 1\n",
        "import m\n%aimport -m\n%aimport",
        "def f(): return 2\n",
        "m.f()",
        "1",
    ),
    ("off", "0", "def f(): return 1\n", "import m", "def f(): return 2\n", "m.f()", "1"),
    (
        "now",
        "0",
        "def f(): return 1\n",
        "import m",
        "def f(): return 2\n",
        "%autoreload\nm.f()",
        "2",
    ),
    (
        "default-args",
        "2",
        "def f(a=1,*,b=2): 'd'; return a,b\n",
        "from m import f",
        "def f(a=3,*,b=4): 'e'; return a,b\n",
        "f(), f.__doc__",
        "((3, 4), 'e')",
    ),
    (
        "async",
        "2",
        "async def f(): return 1\n",
        "from m import f",
        "async def f(): return 2\n",
        "await f()",
        "2",
    ),
    ("gen", "2", "def f():\n  yield 1\n", "from m import f", "def f():\n  return 1\n", "f()", "1"),
    (
        "future",
        "2",
        "from __future__ import annotations\ndef f(a: X): return 1\n",
        "from m import f",
        "from __future__ import annotations\ndef f(a: Y): return 2\n",
        "f(1), f.__annotations__",
        "(2, {'a': 'Y'})",
    ),
    (
        "abc",
        "2",
        "from abc import *\nclass A(ABC):\n  @abstractmethod\n  def f(self): pass\nclass B(A):\n  def f(self): return 1\n",
        "from m import *; b=B()",
        "from abc import *\nclass A(ABC):\n  @abstractmethod\n  def f(self): pass\n  def g(self): return 7\nclass B(A):\n  def f(self): return 2\n",
        "b.f(), b.g(), isinstance(b, A)",
        "(2, 7, True)",
    ),
    (
        "slots",
        "2-",
        "class A:\n  __slots__=('x',)\n  def f(self): return 1\n",
        "from m import *; a=A(); a.x=4",
        "class A:\n  __slots__=('x',)\n  def f(self): return 2\n",
        "a.f(), a.x, isinstance(a,A)",
        "(2, 4, True)",
    ),
    (
        "const-class",
        "2",
        "class A:\n  k=[1]\n  def f(self): return self.k\n",
        "from m import *; a=A()",
        "class A:\n  k=[2]\n  def f(self): return self.k\n",
        "a.f(), a.k",
        "([2], [2])",
    ),
    (
        "lambda",
        "2",
        "f = lambda: 1\n",
        "from m import f; import m",
        "f = lambda: 2\n",
        "f(), m.f()",
        "(2, 2)",
    ),
    (
        "if",
        "2",
        "import sys\nif sys.platform=='q':\n  def f(): return 'q'\nelse:\n  def f(): return 1\n",
        "from m import f; import m",
        "import sys\nif sys.platform=='q':\n  def f(): return 'qq'\nelse:\n  def f(): return 2\n",
        "f(), m.f()",
        "(2, 2)",
    ),
    (
        "doc",
        "2",
        "'doc1'\nclass A:\n  'a'\n",
        "from m import A; import m",
        "'doc2'\nclass A:\n  'b'\n",
        "A.__doc__",
        "'b'",
    ),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, python) -> Iterator[Client]:
    """A client of a kernel with the extension."""
    kernel = Kernel(tmp_path_factory.mktemp("autoreload"), python)
    found = kernel.client()
    found.run(SETUP)
    yield found
    kernel.stop()


def write(client: Client, name: str, text: str) -> None:
    client.run(f"write({name!r}, {text!r})")


@pytest.mark.parametrize(
    ("name", "mode", "before", "use", "after", "asked", "result"),
    EDITS,
    ids=[each[0] for each in EDITS],
)
def test_edits(
    client: Client, name: str, mode: str, before: str, use: str, after: str, asked: str, result: str
) -> None:
    name = "edited_" + name.replace("-", "_")
    client.run(f"%autoreload {mode}")
    write(client, name, before)
    client.run(re.sub(r"\bm\b", name, use))
    write(client, name, after)
    assert client.run(re.sub(r"\bm\b", name, asked)).result == result
    client.run("%autoreload 0")


def test_an_edit_that_fails_is_told_once(client: Client) -> None:
    client.run("%autoreload 2")
    write(client, "failing", "def f(): return 1")
    client.run("import failing")
    write(client, "failing", "1/0\ndef f(): return 2")
    cell = client.run("failing.f()")
    assert cell.result == "1"
    assert "[autoreload of failing failed: Traceback" in cell.stderr
    assert "ZeroDivisionError: division by zero" in cell.stderr
    assert client.run("failing.f()").stderr == ""
    write(client, "failing", "def f(): return 3")
    assert client.run("failing.f()").result == "3"
    client.run("%autoreload 0")


def test_options_and_lists(client: Client) -> None:
    client.run("%autoreload 2 -p")
    write(client, "told", "a = 1")
    client.run("import told")
    write(client, "told", "a = 2")
    assert client.run("told.a").stdout == "Reloading 'told'.\n"
    client.run("%autoreload explicit --hide-errors")
    listed = client.run("%aimport told as t, -json\n%aimport").stdout
    assert re.fullmatch(r"Modules to reload:\n.*told\n\nModules to skip:\n.*json\n", listed)
    assert client.run("t.a").result == "2"
    assert client.execute("%autoreload 7").reply.content["ename"] == "ValueError"
    assert client.execute("%autoreload 2 -q").reply.content["ename"] == "UsageError"
    client.run("%autoreload 0")


def test_submodules_stay(client: Client) -> None:
    client.run("%autoreload 2\nos.makedirs('package', exist_ok=True)")
    write(client, "package/__init__", "a = [1].pop()")
    write(client, "package/inner", "def f(): return 1")
    client.run("import package.inner")
    write(client, "package/__init__", "a = [2].pop()")
    write(client, "package/inner", "def f(): return 2")
    assert client.run("package.a, package.inner.f()").result == "(2, 2)"
    client.run("%autoreload 0")


def test_a_named_tuple(client: Client) -> None:
    client.run("%autoreload 2")
    text = "from typing import NamedTuple\nclass T(NamedTuple):\n    a: int = 1\n"
    write(client, "tuples", text)
    client.run("from tuples import T\nt = T()")
    write(client, "tuples", text.replace("1", "2") + "    def f(self): return self.a\n")
    assert client.run("T(), T().f(), isinstance(t, T)").result == "(T(a=2), 2, True)"
    client.run("%autoreload 0")


MOVING = """def f():
    return 1


def g():
    raise ValueError("x")


class C:
    @property
    def p(self):
        return (lambda: 1 / 0)()
"""


def test_lines_of_tracebacks(client: Client) -> None:
    client.run("%autoreload 2")
    write(client, "moved", MOVING)
    client.run("import moved, traceback, inspect\nclass_of_moved = moved.C")
    edited = MOVING.replace("    return 1\n", "    return 2\n\n\nNEW = 1\n")
    write(client, "moved", edited)
    code = """
def line(call):
    try: call()
    except Exception as e: return traceback.extract_tb(e.__traceback__)[-1].line
print(line(moved.g), line(lambda: class_of_moved().p), moved.f(), inspect.getsource(moved.g))
"""
    assert client.run(code).stdout == (
        'raise ValueError("x") return (lambda: 1 / 0)() 2 def g():\n    raise ValueError("x")\n\n'
    )
    client.run("%autoreload 0")


@pytest.mark.one_python
def test_ipython_is_not_needed(start: Callable[..., Kernel], tmp_path: Path) -> None:
    client = start(path=PYTHON).client()
    client.run(SETUP + "%autoreload 2")
    write(client, "plain", "def f(): return 1")
    client.run("from plain import f")
    write(client, "plain", "def f(): return 2")
    assert client.run("f()").result == "2"
    assert client.run("'IPython.core' in sys.modules").result == "False"
