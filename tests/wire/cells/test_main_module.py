"""What `__main__` holds, before IPython and under it: ipykernel's names, and all of it pickles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")
ours = pytest.mark.skipif(not IS_CARME, reason="ours")
NAMES = [
    "In",
    "Out",
    "_",
    "__",
    "___",
    "__builtin__",
    "__builtins__",
    "__doc__",
    "__loader__",
    "__name__",
    "__package__",
    "__spec__",
    "_dh",
    "_i",
    "_i1",
    "_ih",
    "_ii",
    "_iii",
    "_oh",
    "exit",
    "get_ipython",
    "open",
    "quit",
]


def test_names(start: Callable[..., Kernel]) -> None:
    client = start().client()
    assert client.run("print(sorted(globals()))").stdout == f"{NAMES}\n"
    assert client.run("Out is _oh, In is _ih").result == "(True, True)"
    assert client.run("__builtin__ is __import__('builtins')").result == "True"
    assert client.run("[__loader__, __spec__, __package__]").result == "[None, None, None]"


def test_directories(start: Callable[..., Kernel], tmp_path: Path) -> None:
    """`_dh[0]` is where the notebook began: a path, whatever the directory is by then."""
    client = start(cwd=tmp_path).client()
    client.run("import os; os.chdir('/')")
    assert client.run("_dh").result == f"[PosixPath({str(tmp_path)!r})]"
    client.run("%cd -q /tmp")
    assert client.run("print(_dh[0] / 'x', _dh[-1])").stdout == f"{tmp_path / 'x'} /tmp\n"


@pytest.mark.parametrize("first", ["pass", "import IPython"])
def test_open(start: Callable[..., Kernel], first: str, tmp_path: Path) -> None:
    client = start(path=WIDGETS, cwd=tmp_path).client() if IS_CARME else start().client()
    client.run(first)
    assert client.execute("open(0)").error == "ValueError"
    client.run("with open('a.txt', 'w', encoding='utf-8') as file: file.write('x')")
    assert client.run("open(file='a.txt').read()").result == "'x'"
    client.run("import builtins, os\nend = os.dup(1)")
    client.run("builtins.open(end, 'w').close(); builtins.open is not open")


@ours
@pytest.mark.one_python
def test_names_of_the_users_own_stay(start: Callable[..., Kernel]) -> None:
    client = start(path=WIDGETS).client()
    client.run("from webbrowser import open\nexit = 5\nquit = 'q'\nmine = open")
    assert client.run("%who_ls").result == "['exit', 'mine', 'open', 'quit']"
    client.run("import IPython")
    assert client.run("open is mine, exit, quit").result == "(True, 5, 'q')"


@ours
@pytest.mark.one_python
def test_reset_brings_them_back(start: Callable[..., Kernel]) -> None:
    client = start().client()
    client.run("open = exit = 1")
    client.run("%reset -f")
    assert client.run("callable(open), callable(exit)").result == "(True, True)"
    assert client.run("%who_ls").result == "[]"


@ours
@pytest.mark.one_python
@pytest.mark.parametrize("first", ["pass", "import IPython"])
def test_all_of_it_is_pickled(start: Callable[..., Kernel], first: str, tmp_path: Path) -> None:
    """As sessions are: each value by itself; another kernel, without IPython, reads the first."""
    client = start(path=WIDGETS, cwd=tmp_path).client()
    client.run(first)
    client.run("import pickle\nnames = 'get_ipython exit quit In Out _dh'.split()")
    client.run("kept = {n: pickle.dumps(globals()[n]) for n in names}")
    assert client.run("pickle.loads(kept['get_ipython'])() is get_ipython()").result == "True"
    assert client.run("callable(pickle.loads(kept['exit']))").result == "True"


@ours
@pytest.mark.one_python
@pytest.mark.parametrize("first", ["pass", "import IPython"])
def test_gettext(start: Callable[..., Kernel], first: str) -> None:
    """A `_` in builtins is a translation's: results do not hide it."""
    client: Client = start(path=WIDGETS).client()
    client.run(first)
    client.run("12")
    client.run("import builtins\nbuiltins._ = str.upper")
    client.run("5")
    assert client.run("_('a')").result == "'A'"
    client.run("del builtins._")
