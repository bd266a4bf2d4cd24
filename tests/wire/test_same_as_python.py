"""
The Python in the kernel is the user's: everything a program can see of its interpreter equals what
`python -c` sees with the same variables.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import program
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel
from harness.pythons import Python

Starter = Callable[..., Kernel]

# Left out of the comparison: sys.argv and sys.orig_argv, which tell of the command line; the
# standard streams, which are the kernel's; JPY_PARENT_PID, which the manager sets; variables that
# the kernel sets for the programs that cells start; where "" is in sys.path: as under IPython.
PROBE = """
import json, locale, os, site, sys, sysconfig, time
OTHERS = "JPY_PARENT_PID _ TERM CLICOLOR CLICOLOR_FORCE FORCE_COLOR PAGER GIT_PAGER".split()
def flags():
    names = [n for n in dir(sys.flags) if not n.startswith(("_", "n_")) and n not in ("count", "index")]
    return {name: getattr(sys.flags, name) for name in names}
seen = {
    "executable": sys.executable,
    "_base_executable": getattr(sys, "_base_executable", None),
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "exec_prefix": sys.exec_prefix,
    "base_exec_prefix": sys.base_exec_prefix,
    "platlibdir": getattr(sys, "platlibdir", None),
    "path": [each for each in sys.path if each],
    "flags": flags(),
    "version": sys.version,
    "warnoptions": sys.warnoptions,
    "xoptions": sys._xoptions,
    "dont_write_bytecode": sys.dont_write_bytecode,
    "pycache_prefix": sys.pycache_prefix,
    "filesystem": [sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()],
    "preferred": locale.getpreferredencoding(False),
    "locale": [locale.setlocale(category) for category in (locale.LC_CTYPE, locale.LC_NUMERIC)],
    "user_site": [site.ENABLE_USER_SITE, site.getusersitepackages()],
    "site_packages": site.getsitepackages(),
    "paths": sysconfig.get_paths(),
    "hash": hash("text") if os.environ.get("PYTHONHASHSEED") else None,
    "recursion": sys.getrecursionlimit(),
    "switch": sys.getswitchinterval(),
    "cwd": os.getcwd(),
    "umask": [os.umask(0o22), os.umask(0o22)][0],
    "name": __name__,
    "environment": {k: v for k, v in os.environ.items() if k not in OTHERS},
}
"""
TELL = "print(json.dumps(seen, sort_keys=True))"


def by_python(path: str, kernel: Kernel) -> dict[str, Any]:
    """What `python -c` sees."""
    done = subprocess.run(
        [path, "-c", PROBE + TELL],
        env=kernel.environment,
        cwd=kernel.work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(json.loads(done.stdout))


def by_kernel(kernel: Kernel) -> dict[str, Any]:
    """What a cell sees."""
    return dict(json.loads(kernel.client().run(PROBE + TELL).stdout))


def compare(kernel: Kernel, path: str) -> None:
    """Raises AssertionError that names each difference."""
    plain, seen = by_python(path, kernel), by_kernel(kernel)
    different = {name: (plain[name], seen[name]) for name in plain if plain[name] != seen.get(name)}
    assert not different, "\n".join(f"{k}: {a!r} but {b!r}" for k, (a, b) in different.items())


VARIABLES: dict[str, dict[str, str]] = {
    "plain": {},
    "LC_ALL=C": {"LC_ALL": "C"},
    "LC_ALL=POSIX": {"LC_ALL": "POSIX"},
    "LANG=": {"LANG": ""},
    "LC_ALL=C.UTF-8": {"LC_ALL": "C.UTF-8"},
    "PYTHONUTF8=1": {"PYTHONUTF8": "1", "LC_ALL": "C"},
    "PYTHONUTF8=0": {"PYTHONUTF8": "0", "LC_ALL": "C"},
    "PYTHONCOERCECLOCALE=0": {"PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"},
    "PYTHONIOENCODING": {"PYTHONIOENCODING": "latin-1:replace"},
    "PYTHONHASHSEED": {"PYTHONHASHSEED": "123"},
    "PYTHONWARNINGS=error": {"PYTHONWARNINGS": "error"},
    "PYTHONOPTIMIZE": {"PYTHONOPTIMIZE": "2"},
    "PYTHONDONTWRITEBYTECODE": {"PYTHONDONTWRITEBYTECODE": "1"},
    "PYTHONPYCACHEPREFIX": {"PYTHONPYCACHEPREFIX": "/nonexistent/cache"},
    "PYTHONUNBUFFERED": {"PYTHONUNBUFFERED": "1"},
    "PYTHONNOUSERSITE": {"PYTHONNOUSERSITE": "1"},
    "PYTHONSAFEPATH": {"PYTHONSAFEPATH": "1"},
    "PYTHONDEVMODE": {"PYTHONDEVMODE": "1"},
    "PYTHONINSPECT": {"PYTHONINSPECT": "1"},
    "PYTHONSTARTUP": {"PYTHONSTARTUP": "/nonexistent/startup.py"},
    "PYTHONFAULTHANDLER": {"PYTHONFAULTHANDLER": "1"},
    "PYTHONVERBOSE=": {"PYTHONVERBOSE": ""},
    "VIRTUAL_ENV": {"VIRTUAL_ENV": "/nonexistent/venv"},
    "odd values": {"ODD": "ä=€\n", "EMPTY": ""},
}


@pytest.mark.skipif(not IS_CARME, reason="ipykernel is a module that python -m runs")
class TestSame:
    """As `python -c`."""

    @pytest.mark.every_python
    @pytest.mark.parametrize("name", VARIABLES)
    def test_variables(self, start: Starter, python: Python, name: str) -> None:
        compare(start(environment=VARIABLES[name]), python.path)

    @pytest.mark.every_python
    def test_pythonpath(self, start: Starter, python: Python, tmp_path: Path) -> None:
        (tmp_path / "found_here.py").write_text("value = 5")
        kernel = start(environment={"PYTHONPATH": f"{tmp_path}:/nonexistent"})
        compare(kernel, python.path)
        assert kernel.client().run("import found_here\nfound_here.value").result == "5"

    @pytest.mark.every_python
    def test_pythonhome(self, start: Starter, python: Python) -> None:
        home = subprocess.run(
            [python.path, "-c", "import sys; print(sys.base_prefix)"],
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        compare(start(environment={"PYTHONHOME": home}), python.path)

    @pytest.mark.every_python
    @pytest.mark.parametrize("system", [False, True], ids=["isolated", "system-site"])
    def test_venv(self, start: Starter, python: Python, tmp_path: Path, system: bool) -> None:
        where = make_venv(python, tmp_path / "a venv", system)
        site = next(where.glob("lib/python3.*/site-packages"))
        (tmp_path / "linked").mkdir()
        (tmp_path / "linked" / "by_pth.py").write_text("value = 6")
        (site / "linked.pth").write_text(
            f"{tmp_path / 'linked'}\nimport sys; sys.from_pth = len(sys.path)\n"
        )
        path = str(where / "bin" / "python")
        kernel = start(path=path)
        compare(kernel, path)
        cell = kernel.client().run("import sys, by_pth\nby_pth.value, sys.from_pth > 0")
        assert cell.result == "(6, True)"

    @pytest.mark.every_python
    def test_symlink(self, start: Starter, python: Python, tmp_path: Path) -> None:
        link = tmp_path / "bin" / "mypython"
        link.parent.mkdir()
        link.symlink_to(python.path)
        compare(start(path=str(link)), str(link))

    def test_user_site(self, start: Starter, python: Python, tmp_path: Path) -> None:
        base = tmp_path / "user"
        version = f"python{python.version[0]}.{python.version[1]}"
        site = base / "lib" / version / "site-packages"
        site.mkdir(parents=True)
        (site / "of_the_user.py").write_text("value = 7")
        kernel = start(environment={"PYTHONUSERBASE": str(base)})
        compare(kernel, python.path)
        assert kernel.client().run("import of_the_user\nof_the_user.value").result == "7"

    def test_sitecustomize_may_print(
        self, start: Starter, sample: Callable[[str, str], Path]
    ) -> None:
        path = sample("sitecustomize.py", "print('from sitecustomize')\n")
        kernel = start(environment={"PYTHONPATH": str(path.parent)})
        kernel.client().is_well()


def make_venv(python: Python, where: Path, system: bool = False) -> Path:
    """A virtual environment without pip."""
    command = [python.path, "-m", "venv", "--without-pip", str(where)]
    subprocess.run(command + ["--system-site-packages"] * system, check=True, timeout=60)
    return where


@pytest.mark.skipif(not IS_CARME, reason="ipykernel needs its own packages")
class TestNothingInstalled:
    """The kernel brings nothing into the user's environment, and needs nothing from it."""

    @pytest.mark.every_python
    def test_no_module_of_others_is_loaded(self, start: Starter) -> None:
        code = (
            "import sys\n"
            "sorted({name.split('.')[0] for name in sys.modules} & "
            "{'zmq', 'jupyter_client', 'traitlets', 'tornado', 'pip'}), 'IPython.core' in sys.modules"
        )
        assert start().client().run(code).result == "([], False)"

    def test_names_of_the_user_s_are_free(self, start: Starter) -> None:
        """Only what Python itself puts into __main__, and what is there under ipykernel."""
        client = start().client()
        cell = client.run("sorted(n for n in globals() if not n.startswith('_'))")
        known = {"In", "Out", "get_ipython", "exit", "quit", "open"}
        assert set(json.loads((cell.result or "").replace("'", '"'))) <= known

    def test_user_s_module_may_have_any_name(
        self, start: Starter, sample: Callable[[str, str], Path]
    ) -> None:
        """Modules in the working directory, named as the standard library's own, come first."""
        path = sample("shell.py", "value = 1")
        for name in ("streams", "errors", "loop", "display", "pretty", "publish"):
            sample(f"{name}.py", "value = 2")
        client = start(cwd=path.parent).client()
        code = "import shell, streams, errors, loop, display\nshell.value + loop.value"
        assert client.run(code).result == "3"

    def test_directory_with_broken_modules(
        self, start: Starter, sample: Callable[[str, str], Path]
    ) -> None:
        """What lies in the user's directory is not imported before the user does it."""
        for name in ("asyncio", "traceback", "json", "inspect", "ast", "types", "re", "codeop"):
            path = sample(f"{name}.py", "raise RuntimeError('must not be imported')")
        client = start(cwd=path.parent).client()
        assert client.run("1 + 1").result == "2"


@pytest.mark.skipif(not IS_CARME, reason="compares Carme with plain python")
class TestLibraries:
    """Packages with compiled parts, in an environment that has nothing of Jupyter."""

    def data(self, start: Starter) -> Kernel:
        """A kernel in the environment with pandas and matplotlib."""
        return start(path=str(ENVIRONMENTS / "data" / "bin" / "python"))

    @pytest.mark.one_python
    def test_pandas(self, start: Starter) -> None:
        client = self.data(start).client()
        cell = client.run("import pandas\npandas.DataFrame({'a': [1, 2]})", timeout=60)
        assert "<table" in cell.data["text/html"]
        assert "a" in cell.data["text/plain"]

    @pytest.mark.one_python
    def test_matplotlib_writes_a_picture(self, start: Starter) -> None:
        client = self.data(start).client()
        code = (
            "import io, matplotlib.pyplot as plt\n"
            "plt.plot([1, 2, 3]); buffer = io.BytesIO(); plt.savefig(buffer, format='png')\n"
            "class Picture:\n    def _repr_png_(self): return buffer.getvalue()\nPicture()"
        )
        cell = client.run(code, timeout=90)
        assert len(cell.data["image/png"]) > 1000

    @pytest.mark.one_python
    def test_pyzmq_of_the_environment_is_left_alone(self, start: Starter) -> None:
        """Two libzmq in one process: each module sees its own."""
        path = str(ENVIRONMENTS / "ipykernel" / "bin" / "python")
        command = [path, "-c", "import zmq; print(zmq.zmq_version())"]
        alone = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        client = start(path=path).client()
        assert client.run("import zmq\nprint(zmq.zmq_version())").stdout == alone
        code = (
            "context = zmq.Context()\na, b = context.socket(zmq.PAIR), context.socket(zmq.PAIR)\n"
            "port = a.bind_to_random_port('tcp://127.0.0.1'); b.connect(f'tcp://127.0.0.1:{port}')\n"
            "b.send(b'through'); got = a.recv()\na.close(); b.close(); context.term(); got"
        )
        assert client.run(code).result == "b'through'"


def test_conda_like_environment(start: Starter, python: Python, tmp_path: Path) -> None:
    """A copy of nothing but links, found by its place: as conda lays its environments out."""
    if not IS_CARME or not python.shared:
        pytest.skip("for shared Pythons under Carme")
    prefix = Path(
        subprocess.run(
            [python.path, "-c", "import sys; print(sys.base_prefix)"],
            capture_output=True, text=True, check=True,
        ).stdout.strip()
    )  # fmt: skip
    moved = tmp_path / "moved"
    (moved / "bin").mkdir(parents=True)
    (moved / "lib").symlink_to(prefix / "lib")
    (moved / "include").symlink_to(prefix / "include")
    name = f"python{python.version[0]}.{python.version[1]}"
    os.link(prefix / "bin" / name, moved / "bin" / name) if same_device(prefix, tmp_path) else (
        moved / "bin" / name
    ).write_bytes((prefix / "bin" / name).read_bytes())
    (moved / "bin" / name).chmod(0o755)
    path = str(moved / "bin" / name)
    compare(start(path=path), path)


def same_device(one: Path, other: Path) -> bool:
    """Whether a hard link is possible."""
    return one.stat().st_dev == other.stat().st_dev


def relinked(python: Python, directory: Path) -> dict[str, Path]:
    """Copies of a shared interpreter that look for libpython by $ORIGIN, or by DT_RPATH."""
    content = Path(python.path).resolve().read_bytes()
    (library,) = Path(python.path).resolve().parents[1].glob("lib/libpython3.*.so.1.0")
    runpath = bytes(library.parent) + b"\0"
    origin, tag = b"$ORIGIN/../lib\0", struct.pack("@N", 0x1D)  # DT_RUNPATH
    if runpath not in content or content.count(tag) != 1 or len(origin) > len(runpath):
        pytest.skip(f"{python.path} does not name {library.parent} in one DT_RUNPATH")
    for name in ("bin", "lib"):
        (directory / name).mkdir()
    (directory / "lib" / library.name).symlink_to(library)
    return {
        "origin": program(
            directory / "bin" / "origin",
            content.replace(runpath, origin.ljust(len(runpath), b"\0")),
        ),
        "rpath": program(
            directory / "bin" / "rpath", content.replace(tag, struct.pack("@N", 0x0F))
        ),
    }


@pytest.mark.every_python
@pytest.mark.parametrize("way", ["origin", "rpath"])
def test_finds_libpython_as_the_loader_does(
    start: Starter, python: Python, tmp_path: Path, way: str
) -> None:
    if not IS_CARME or not python.shared:
        pytest.skip("a static Python has no libpython to find")
    path = str(relinked(python, tmp_path)[way])
    compare(start(path=path), path)
