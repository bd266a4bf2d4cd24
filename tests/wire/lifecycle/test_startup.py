"""What runs before the first cell: PYTHONSTARTUP, and an IPython profile's settings and files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = [pytest.mark.one_python, pytest.mark.skipif(not IS_CARME, reason="ours")]
WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")
SYSTEMS = str(ENVIRONMENTS / "systems" / "bin" / "python")
ADOPTED = "'IPython.core' in __import__('sys').modules"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A profile that is empty but for its directories."""
    path = tmp_path / "ipython" / "profile_default"
    (path / "startup").mkdir(parents=True)
    return path


@pytest.fixture
def begin(start: Callable[..., Kernel], tmp_path: Path) -> Callable[..., Client]:
    """A client of a kernel with IPython, that profile, and more of the environment."""

    def make(**more: str) -> Client:
        variables = {"IPYTHONDIR": str(tmp_path / "ipython"), **more}
        return start(path=WIDGETS, environment=variables).client()

    return make


def test_startup_files_have_run(begin: Callable[..., Client], profile: Path) -> None:
    (profile / "startup" / "00.py").write_text("first = 7\nx = 'of the file'\n")
    (profile / "startup" / "01.py").write_text("raise SystemExit('no')\n")
    (profile / "startup" / "02.py").write_text("1 / 0\n")
    (profile / "startup" / "03.ipy").write_text("%env STARTED=1\nlast = first + 1\n")
    client = begin()
    assert client.run("first, last").result == "(7, 8)"
    assert client.run("%who_ls").result == "[]"
    client.run("x = 'mine'")
    client.run("import IPython")
    assert client.run("x, __import__('os').environ['STARTED']").result == "('mine', '1')"
    assert client.run("'__file__' in globals(), In[1]").result == "(False, 'first, last')"


def test_settings_have_their_lines_and_extensions(
    begin: Callable[..., Client], profile: Path, tmp_path: Path
) -> None:
    (tmp_path / "extending.py").write_text(
        "def load_ipython_extension(shell): shell.push({'extended': True})\n"
    )
    (profile / "ipython_config.py").write_text(
        "c = get_config()\nc.InteractiveShellApp.exec_lines = ['line = 1']\n"
        "c.InteractiveShellApp.extensions = ['extending']\n"
    )
    client = begin(PYTHONPATH=str(tmp_path))
    assert client.run("line, extended").result == "(1, True)"


def test_settings_that_say_nothing(begin: Callable[..., Client], profile: Path) -> None:
    """`ipython profile create` writes such a file, and a README into startup/."""
    (profile / "ipython_config.py").write_text("# a comment\n\nc = get_config()  #noqa\n")
    (profile / "ipython_kernel_config.py").write_text("c = get_config()\n# c.x = 1\n")
    (profile / "startup" / "README").write_text("1/0\n")
    assert begin().run(ADOPTED).result == "False"


def test_what_cells_have_set_stays(begin: Callable[..., Client], profile: Path) -> None:
    """IPython comes late: its files were not there at the start."""
    client = begin()
    client.run("x = y = 'mine'")
    (profile / "startup" / "00.py").write_text("x = 'of the file'\nz = 1\n")
    (profile / "ipython_config.py").write_text("c.InteractiveShellApp.exec_lines = ['y = 1']\n")
    client.run("import IPython")
    assert client.run("x, y, z").result == "('mine', 'mine', 1)"


@pytest.mark.parametrize("path", [WIDGETS, SYSTEMS], ids=["with IPython", "without"])
def test_pythonstartup(start: Callable[..., Kernel], tmp_path: Path, path: str) -> None:
    file = tmp_path / "start.py"
    file.write_text("import sys\nstarted = __name__, __file__, sys.argv\nruns = 1\n")
    where = {"PYTHONSTARTUP": "$STARTS/start.py", "STARTS": str(tmp_path)}
    client = start(environment=where, path=path).client()
    assert client.run(ADOPTED).result == "False"
    found = ("__main__", "$STARTS/start.py", [str(file)])
    assert client.run("print(started)").stdout == f"{found}\n"
    assert client.run("'__file__' in globals()").result == "False"
    assert client.run("%who_ls").result == "[]"
    if path == WIDGETS:
        client.run("runs = 2\nimport IPython")
        assert client.run("runs, In[2]").result == "(2, 'print(started)')"


def test_pythonstartup_that_fails(start: Callable[..., Kernel], tmp_path: Path) -> None:
    (tmp_path / "start.py").write_text("before = 1\nraise SystemExit(3)\n")
    for name in ("start.py", "nowhere.py"):
        path = tmp_path / f"kernel-{name}"
        path.mkdir()
        client = start(environment={"PYTHONSTARTUP": str(tmp_path / name)}).client()
        assert client.run("globals().get('before')").result == ("1" if name == "start.py" else None)


def test_pythonstartup_before_a_profiles_files(begin: Callable[..., Client], profile: Path) -> None:
    (profile / "startup" / "00.py").write_text("order.append('profile')\n")
    (profile.parent / "start.py").write_text("order = ['variable']\n")
    client = begin(PYTHONSTARTUP=str(profile.parent / "start.py"))
    assert client.run("order").result == "['variable', 'profile']"
