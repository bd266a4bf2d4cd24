"""Looking for a module, a failed import, a reload or a lazy load leave the kernel's part in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = pytest.mark.skipif(not IS_CARME, reason="ours")
WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")
OURS = "getpass.getpass.__module__.partition('.')[0]"

LOOKS = (
    "import importlib.util\nimportlib.util.find_spec('getpass')",
    "import pkgutil\nlist(pkgutil.iter_modules())\nimport importlib.util as u\nu.find_spec('getpass')",
    "from importlib.machinery import PathFinder\nPathFinder.find_spec('getpass')",
    "import sys\nfor finder in sys.meta_path: finder.find_spec('getpass', None)",
    "import getpass, importlib\nimportlib.reload(getpass)",
    "import getpass, sys\ndel sys.modules['getpass']",
    "import sys\nsys.modules['termios'] = None\nsys.modules['getpass'] = None\n"
    "try:\n    import getpass\nexcept ImportError:\n    pass\ndel sys.modules['getpass']",
)
LAZY = """
import importlib.util, sys
spec = importlib.util.find_spec("getpass")
spec.loader = importlib.util.LazyLoader(spec.loader)
getpass = importlib.util.module_from_spec(spec)
sys.modules["getpass"] = getpass
spec.loader.exec_module(getpass)
"""
RECIPE = """
import importlib.util, sys
spec = importlib.util.find_spec("getpass")
getpass = sys.modules["getpass"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(getpass)
"""


@pytest.mark.one_python
@pytest.mark.parametrize("look", LOOKS)
def test_a_look_takes_nothing_away(start: Callable[..., Kernel], look: str) -> None:
    client = start().client()
    client.run(look)
    client.run("import getpass")
    assert client.run(OURS).result == "'_carme'"


@pytest.mark.parametrize("load", [LAZY, RECIPE], ids=["lazy", "recipe"])
def test_a_module_that_no_import_loads(start: Callable[..., Kernel], load: str) -> None:
    client = start().client()
    client.run(load)
    assert client.run(OURS).result == "'_carme'"


def test_specs_and_loaders_are_the_standard_ones(client: Client) -> None:
    client.run("import copy, importlib.util, pickle, sys, getpass, threading, inspect")
    client.run("from importlib.machinery import ModuleSpec, SourceFileLoader")
    for name in ("getpass", "asyncio", "pdb"):
        client.run(f"spec = importlib.util.find_spec({name!r})")
        assert client.run("type(spec) is ModuleSpec").result == "True"
        assert client.run("type(spec.loader) is SourceFileLoader").result == "True"
        assert client.run("copy.copy(spec) == spec").result == "True"
        assert client.run("pickle.loads(pickle.dumps(spec)).name == spec.name").result == "True"
    for name in ("getpass", "inspect"):
        assert client.run(f"type({name}.__spec__) is ModuleSpec").result == "True"
        assert client.run(f"{name}.__loader__ is {name}.__spec__.loader").result == "True"
    client.run("finders = [type(f).__module__ for f in sys.meta_path[:-1]]")
    assert client.run("any('carme' in name for name in finders)").result == "False"


def test_tracebacks_of_imports_show_no_machinery(client: Client, tmp_path: Path) -> None:
    (tmp_path / "broken_module.py").write_text("1 / 0\n")
    client.run(f"import sys; sys.path.insert(0, {str(tmp_path)!r})")
    code = "import traceback\ntry:\n    import broken_module\nexcept ZeroDivisionError as error:\n"
    code += "    print([frame.name for frame in traceback.extract_tb(error.__traceback__)])"
    assert client.run(code).stdout == "['<module>', '<module>']\n"


FAILS = """
import sys
class Fails:
    def find_spec(self, name, path=None, target=None):
        if name == "matplotlib.rcsetup":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Fails())
"""


@pytest.mark.one_python
def test_an_import_that_fails_is_done_again(start: Callable[..., Kernel]) -> None:
    client = start(path=WIDGETS).client()
    client.run(FAILS)
    assert client.execute("import matplotlib").error == "KeyboardInterrupt"
    client.run("del sys.meta_path[0]")
    client.run("import matplotlib.pyplot as plt")
    shown = client.run("plt.plot([1, 2]);").outputs
    assert ["image/png" in each.content["data"] for each in shown] == [True]


@pytest.mark.one_python
def test_a_look_at_ipython_and_comm(start: Callable[..., Kernel]) -> None:
    client = start(path=WIDGETS).client()
    client.run("from importlib.util import find_spec\nfind_spec('IPython'), find_spec('comm')")
    client.run("import comm\nmade = comm.create_comm(target_name='t')")
    assert client.run("type(made).__module__").result == "'_carme.messages.comms'"
    client.run("import IPython")
    assert client.run("IPython.get_ipython() is get_ipython()").result == "True"
