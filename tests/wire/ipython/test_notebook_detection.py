"""Libraries that look for a notebook without asking for it find one, where IPython is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = pytest.mark.skipif(not IS_CARME, reason="ours")
WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")
ADOPTED = "'IPython.core' in __import__('sys').modules"

LOOKERS = """
import doctest, importlib.util, inspect, pickle, pkgutil, unittest, warnings, sys
importlib.util.find_spec("IPython"), importlib.util.find_spec("IPython.display")
for name, module in list(sys.modules.items()):
    for attribute in ("__name__", "__file__", "__path__", "__loader__", "__package__", "__doc__"):
        getattr(module, attribute, None)
    getattr(module, "__warningregistry__", None), getattr(module, "sought", None)
    hasattr(module, "__wrapped__"), inspect.isclass(module), repr(module), hash(module)
inspect.getmodule(len), inspect.stack()
class Case(unittest.TestCase):
    def test(self):
        with self.assertWarns(UserWarning):
            warnings.warn("x")
unittest.TextTestRunner(stream=open("/dev/null", "w")).run(Case("test"))
def sought(): pass
sought.__module__ = None
try:
    pickle.dumps(sought)
except pickle.PicklingError:
    pass
"""
MODULE = """
import importlib, sys
def made(code):
    module = type(sys)("library")
    exec(code, vars(module))
    return module
"""


@pytest.fixture
def client(start: Callable[..., Kernel]) -> Client:
    """A client of a kernel with IPython."""
    return start(path=WIDGETS).client()


def test_what_tells_a_notebook(client: Client) -> None:
    client.run("import builtins, sys, __main__")
    assert client.run("'IPython' in sys.modules, builtins.__IPYTHON__").result == "(True, True)"
    assert client.run("sys.ps1, sys.ps2").result == "('In : ', '...: ')"
    assert client.run("__main__.get_ipython() is get_ipython()").result == "True"
    assert client.run(ADOPTED).result == "False"


def test_who_looks_at_all_modules_imports_none(client: Client) -> None:
    client.run(LOOKERS)
    assert client.run(ADOPTED).result == "False"
    assert client.run("type(sys.modules['IPython'].__spec__).__name__").result == "'ModuleSpec'"


@pytest.mark.parametrize(
    ("code", "adopts"),
    [
        ("import IPython", False),
        ("from IPython import get_ipython\nfound = get_ipython()", False),
        ("import sys\nfound = sys.modules['IPython'].get_ipython()", False),
        ("import IPython\nfound = IPython.version_info >= (7, 0), IPython.__version__", False),
        ("import IPython\nfound = hasattr(IPython, 'nothing')", False),
        ("import matplotlib.pyplot as plt\nplt.ion()", False),
        (
            "import IPython, ipykernel.zmqshell as z\nkept = z.ZMQInteractiveShell\n"
            "assert isinstance(IPython.get_ipython(), kept)",
            False,
        ),
        ("import IPython.display\nfound = IPython.display.HTML", True),
        ("from IPython.core.display import HTML", True),
        ("from IPython import display\ndisplay.HTML", True),
        ("import IPython\nIPython.InteractiveShell", True),
        ("import IPython\nIPython.core.magic", True),
        ("import importlib\nimportlib.import_module('IPython.utils')", True),
        ("import tqdm.auto\nassert 'tqdm.notebook' in str(tqdm.auto.tqdm.__mro__)", True),
    ],
)
def test_libraries_import_it_at_the_first_touch(client: Client, code: str, adopts: bool) -> None:
    client.run(MODULE)
    client.run(f"library = made({code!r})")
    assert client.run(ADOPTED).result == str(adopts)
    client.run("package = sys.modules['IPython']")
    client.run("import IPython, IPython.display")
    assert client.run(ADOPTED).result == "True"
    assert client.run("IPython is package, type(package) is type(sys)").result == "(True, True)"
    assert client.run("IPython.get_ipython() is get_ipython()").result == "True"
    assert client.run("IPython.display is sys.modules['IPython.display']").result == "True"
    look = "kept = getattr(library, 'kept', type(get_ipython()))\nisinstance(get_ipython(), kept)"
    assert client.run(look).result == "True"


def test_events(client: Client) -> None:
    client.run("events = get_ipython().events\ncalls = []")
    client.run("def note(): calls.append(1)\nevents.register('post_execute', note)")
    client.run("1")
    assert client.run("len(calls)").result == "2"
    client.run("def bad(): 1/0\nevents.register('pre_execute', bad)")
    assert "ZeroDivisionError" in str([m.content for m in client.execute("2").outputs])
    client.run("events.unregister('pre_execute', bad)")
    assert client.run(ADOPTED).result == "False"
    client.run("import IPython\ncalls.clear()")
    client.run("3")
    assert client.run("len(calls)").result == "2"


def test_nothing_pretends_without_ipython(start: Callable[..., Kernel]) -> None:
    client = start(path=str(ENVIRONMENTS / "systems" / "bin" / "python")).client()
    client.run("import builtins, sys")
    assert client.run("'IPython' in sys.modules, hasattr(sys, 'ps1')").result == "(False, False)"
    assert client.run("hasattr(builtins, '__IPYTHON__')").result == "False"
    assert client.execute("import IPython").error == "ModuleNotFoundError"


@pytest.mark.every_python
def test_the_package_under_each_python(start: Callable[..., Kernel], tmp_path: Path) -> None:
    """One that is no IPython: its import, and what it says where its shell can not be had."""
    package = tmp_path / "IPython"
    (package / "core").mkdir(parents=True)
    (package / "__init__.py").write_text("from .core import thing\nloads = [1]\n")
    (package / "core" / "__init__.py").write_text("")
    (package / "core" / "thing.py").write_text("import IPython\nvalue = 7\n")
    (tmp_path / "touching.py").write_text(
        "import IPython, sys\nbefore = type(IPython) is type(sys), hasattr(IPython, 'absent')\n"
        "import IPython.core.thing\nafter = type(IPython) is type(sys), IPython.core.thing.value\n"
    )
    client = start(environment={"PYTHONPATH": str(tmp_path)}).client()
    client.run("import sys\npackage = sys.modules['IPython']")
    assert client.run("'loads' in vars(package)").result == "False"
    assert "IPython can not be used here" in client.run("import touching").stderr
    assert client.run("touching.before, touching.after").result == "((False, False), (True, 7))"
    assert client.run("package is touching.IPython, package.loads").result == "(True, [1])"
    assert client.run("import importlib\nimportlib.reload(package) is package").result == "True"
