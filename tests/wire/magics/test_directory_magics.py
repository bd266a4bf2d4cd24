"""%cd and its kin, and %env, answer as IPython's do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = pytest.mark.one_python
WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")


@pytest.fixture
def folder(client: Client, tmp_path: Path) -> Path:
    """A directory of the test's own, in which the kernel is; it has a directory `sub`."""
    (tmp_path / "sub").mkdir()
    client.run(f"%cd -q {tmp_path}")
    return tmp_path


def test_the_directories_so_far(start: Callable[..., Kernel]) -> None:
    client = start().client()
    assert client.run("import os\n_dh[0] == type(_dh[0])(os.getcwd()), len(_dh)").result == (
        "(True, 1)"
    )
    assert client.run(
        "import pathlib\n[type(each) is pathlib.PosixPath for each in _dh]"
    ).result == ("[True]")
    client.run("%cd -q /")
    assert client.run("_dh[-1], len(_dh), type(_dh)").result == "(PosixPath('/'), 2, list)"


def test_cd(client: Client, folder: Path) -> None:
    assert client.run("%cd 'sub'").stdout == f"{folder}/sub\n"
    assert client.run("%cd -").stdout == f"{folder}\n"
    count = client.run("len(_dh)").result
    assert client.run(f"%cd -{int(count or 0) - 2}").stdout == f"{folder}/sub\n"
    assert client.run("%cd -999").stdout == "The requested directory does not exist in history.\n"
    assert client.run("%dhist").stdout.endswith(f": {folder}/sub\n")


def test_cd_to_where_nothing_is(client: Client, folder: Path) -> None:
    text = f"[Errno 2] No such file or directory: 'nowhere'\n{folder}\n"
    assert client.run("%cd nowhere").stdout == text


def test_a_directory_that_is_gone(client: Client) -> None:
    client.run("import os, tempfile\ngone = tempfile.mkdtemp()\n%cd -q {gone}\nos.rmdir(gone)")
    assert "CWD no longer exists" in client.execute("%pwd").reply.content["evalue"]
    assert client.run("%cd /").stdout == "/\n"
    assert client.run("%pwd").result == "'/'"


def test_a_stack_of_directories(client: Client, folder: Path) -> None:
    assert client.run("%pushd sub").stdout == f"{folder}/sub\n"
    assert client.run("%dirs").result == f"['{folder}']"
    assert client.run("%popd").stdout == f"{folder}\npopd -> {folder}\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("env CARME_A=b", "CARME_A=b"),
        ("env CARME_A = b", "CARME_A=b"),
        ("env CARME_A b c", "CARME_A=b c"),
        ("env CARME_A=b=c", "CARME_A=b=c"),
        ("env CARME_A=$n", "CARME_A=5"),
        ("env CARME_A=", "CARME_A="),
        ("set_env CARME_A   B  ", "CARME_A=B"),
        ("set_env CARME_A='b'", "CARME_A='b'"),
    ],
)
def test_variables_of_the_environment(client: Client, line: str, said: str) -> None:
    client.run("n = 5")
    assert client.run("%" + line).stdout == f"env: {said}\n"
    assert client.run("%env CARME_A").result == repr(said.partition("=")[2])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("set_env CARME_A", "usage is 'set_env var=val'"),
        ("set_env CARME_A B=5", "refusing to set env var with whitespace: '5'"),
    ],
)
@pytest.mark.skipif(not IS_CARME, reason="ipykernel writes it to stderr")
def test_what_is_no_variable(client: Client, line: str, words: str) -> None:
    assert client.execute("%" + line).reply.content["evalue"] == words


@pytest.mark.skipif(not IS_CARME, reason="about handing over")
def test_ipython_knows_the_directories(start: Callable[..., Kernel]) -> None:
    client = start(path=WIDGETS).client()
    client.run("%cd -q /\nbefore = list(_dh)\nimport IPython")
    assert client.run("_dh == before").result == "True"
    assert client.run("%cd -").stdout == client.run("print(before[0])").stdout
