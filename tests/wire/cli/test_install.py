"""Which Python `carme` finds, the kernelspecs it writes, lists and removes, and its module."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness import kernels
from harness.cli import CONNECTION, FAILED, FINE, LIBRARY, USAGE, Carme, program
from harness.pythons import Python

pytestmark = pytest.mark.skipif(not kernels.IS_CARME, reason="tests the program carme")

MODULE = "_carme.abi3.so"
FILES = {"kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}


@pytest.fixture
def carme(tmp_path: Path) -> Carme:
    """The program under test."""
    return Carme(tmp_path, kernels.PROGRAM)


@pytest.fixture
def venv(tmp_path_factory: pytest.TempPathFactory, python: Python) -> Path:
    """A virtual environment in which nothing is installed."""
    path = tmp_path_factory.mktemp("venv")
    subprocess.run([python.path, "-m", "venv", "--without-pip", path], check=True)
    return path


def data(carme: Carme) -> Path:
    """Where the user's kernelspecs are."""
    mac = sys.platform == "darwin"
    return carme.home / ("Library/Jupyter" if mac else ".local/share/jupyter") / "kernels"


def read_spec(directory: Path) -> dict[str, Any]:
    """kernel.json, after a look at its neighbours."""
    assert {path.name for path in directory.iterdir()} == FILES
    assert (directory / "logo-32x32.png").read_bytes().startswith(b"\x89PNG")
    return dict(json.loads((directory / "kernel.json").read_text()))


def found_python(carme: Carme, *words: str | Path, **environment: str) -> str:
    """The Python that `carme install` settles on."""
    done = carme("install", "--to", "found", *words, **environment)
    assert (done.code, done.err) == (FINE, ""), done
    return str(read_spec(carme.directory / "found")["metadata"]["carme"]["python"])


# ---------------------------------------------------------------------------------------------
# Finding a Python


@pytest.mark.every_python
def test_environment_keeps_its_path(carme: Carme, python: Python, venv: Path) -> None:
    inside = str(venv / "bin" / "python")
    assert found_python(carme, "--python", inside) == inside
    assert found_python(carme, "--python", venv) == inside
    assert found_python(carme, "--python", python.path) == python.path


@pytest.mark.one_python
def test_order_of_the_search(carme: Carme, python: Python, tmp_path: Path) -> None:
    places = {}
    for name in ("CARME_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX", "PATH"):
        places[name] = tmp_path / name
        (places[name] / "bin").mkdir(parents=True)
        for link in ("python", "python3"):
            (places[name] / "bin" / link).symlink_to(python.path)
    tools = {name: str(path / "bin" if name == "PATH" else path) for name, path in places.items()}
    for name in list(tools):
        link = "python3" if name == "PATH" else "python"
        assert found_python(carme, **tools) == str(places[name] / "bin" / link)
        tools[name] = ""
        tools["PATH"] = str(places["PATH"] / "bin")


@pytest.mark.one_python
def test_name_on_path_and_relative_path(carme: Carme, python: Python, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "snake").symlink_to(python.path)
    expected = str(there / "snake")
    assert found_python(carme, "--python", "snake", PATH=f"/nowhere::{there}") == expected
    assert found_python(carme, "--python", "there/snake") == expected
    assert found_python(carme, "--python", "./there/snake") == expected


@pytest.mark.every_python
def test_script_is_asked_once(carme: Carme, python: Python, venv: Path, tmp_path: Path) -> None:
    inside = venv / "bin" / "python"
    text = f'#!/bin/sh\necho run >> "{tmp_path}/runs"\necho welcome\nexec "{inside}" "$@"\n'
    script = program(tmp_path / "shim", text)
    assert found_python(carme, "--python", script) == str(inside)
    assert (tmp_path / "runs").read_text() == "run\n"


# ---------------------------------------------------------------------------------------------
# install, list, remove


@pytest.mark.every_python
def test_install_for_each_python(carme: Carme, python: Python) -> None:
    done = carme("install", "--python", python.path)
    assert (done.code, done.err) == (FINE, "")
    assert str(data(carme) / "carme") in done.out
    spec = read_spec(data(carme) / "carme")
    argv = [str(kernels.PROGRAM), "kernel", "-f", "{connection_file}", "--python", python.path]
    assert spec == {
        "argv": argv,
        "display_name": f"Python {python.version[0]}.{python.version[1]} (Carme)",
        "language": "python",
        "interrupt_mode": "signal",
        "kernel_protocol_version": "5.5",
        "metadata": {"debugger": False, "carme": {"python": python.path}},
    }


@pytest.mark.one_python
def test_jupyter_sees_it(carme: Carme, python: Python) -> None:
    words = ["--name", "Mine", "--display-name", "Größe = 1", "--env", "A=b=c", "--env", "D="]
    assert carme("install", "--python", python.path, *words).code == FINE
    command = [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"]
    env = kernels.clean_environment(carme.home)
    listed = subprocess.run(command, env=env, capture_output=True, check=True)
    kernel = json.loads(listed.stdout)["kernelspecs"]["mine"]
    assert kernel["resource_dir"] == str(data(carme) / "mine")
    assert kernel["spec"]["display_name"] == "Größe = 1"
    assert kernel["spec"]["env"] == {"A": "b=c", "D": ""}
    assert kernel["spec"]["argv"][0] == str(kernels.PROGRAM)


@pytest.mark.every_python
def test_places(carme: Carme, python: Python, venv: Path, tmp_path: Path) -> None:
    share = Path("share", "jupyter", "kernels", "carme")
    inside = ["--python", str(venv)]
    for words, where in (
        (["--user", "--name", "carme"], data(carme) / "carme"),
        (["--sys-prefix", "--name", "carme"], venv / share),
        (["--prefix", "some/prefix", "--name", "carme"], tmp_path / "some" / "prefix" / share),
        (["--to", "packages/carme"], tmp_path / "packages" / "carme"),
    ):
        done = carme("install", *inside, *words)
        assert (done.code, done.err) == (FINE, ""), words
        assert str(where) in done.out
        assert read_spec(where)["argv"][-1] == str(venv / "bin" / "python")
    inside += ["--name", "carme"]
    assert carme("install", *inside, JUPYTER_DATA_DIR=str(tmp_path / "data")).code == FINE
    read_spec(tmp_path / "data" / "kernels" / "carme")


@pytest.mark.every_python
def test_list_and_remove(carme: Carme, python: Python, venv: Path) -> None:
    use = ["--python", str(venv)]
    assert "no kernel" in carme("list", *use).out
    carme("install", *use, "--sys-prefix", "--name", "Inside")
    carme("install", *use, "--name", "carme", "--display-name", "My own")
    carme("install", *use, "--prefix", "far", "--name", "far")
    done = carme("list", *use, JUPYTER_PATH=str(carme.directory / "far" / "share" / "jupyter"))
    rows = sorted(line.split() for line in done.out.splitlines())
    assert [row[0] for row in rows] == ["carme", "far", "inside"]
    assert rows[0][1:] == [str(data(carme) / "carme"), str(venv / "bin" / "python"), "My", "own"]
    assert carme("remove", "INSIDE", *use).code == FINE
    assert carme("remove", "carme", *use).code == FINE
    assert "no kernel" in carme("list", *use).out
    assert not (data(carme) / "carme").exists()
    carme("remove", "carme", *use).refused(FAILED, "no kernel carme")


@pytest.mark.one_python
def test_list_tells_a_python_that_is_gone(carme: Carme, python: Python, tmp_path: Path) -> None:
    link = tmp_path / "python"
    link.symlink_to(python.path)
    carme("install", "--python", link)
    assert "gone" not in carme("list", CARME_PYTHON=python.path).out
    link.unlink()
    assert "gone" in carme("list", CARME_PYTHON=python.path).out


@pytest.mark.one_python
def test_install_again_replaces(carme: Carme, python: Python) -> None:
    use = ["--python", python.path]
    carme("install", *use, "--env", "A=1")
    (data(carme) / "carme" / "stale").write_text("")
    assert carme("install", *use, "--display-name", "Again").code == FINE
    spec = read_spec(data(carme) / "carme")
    assert spec["display_name"] == "Again"
    assert "env" not in spec
    assert [path.name for path in data(carme).iterdir()] == ["carme"]


FOREIGN = ['{"argv": []}', '{"metadata": {"carme": 1}}', "[]", "no json", "[" * 100000]


@pytest.mark.one_python
@pytest.mark.parametrize("text", FOREIGN)
def test_foreign_kernels_stay(carme: Carme, python: Python, text: str) -> None:
    theirs = data(carme) / "theirs"
    theirs.mkdir(parents=True)
    (theirs / "kernel.json").write_text(text)
    use = ["--python", python.path]
    carme("remove", "theirs", *use).refused(FAILED, "not Carme's", str(theirs))
    carme("install", "--name", "theirs", *use).refused(FAILED, "not Carme's", str(theirs))
    carme("install", "--to", theirs, *use).refused(FAILED, "not Carme's", str(theirs))
    carme("install", "--to", carme.home, *use).refused(FAILED, "not Carme's", str(carme.home))
    assert "no kernel" in carme("list", *use).out
    assert (theirs / "kernel.json").read_text() == text


@pytest.mark.one_python
def test_not_writable(carme: Carme, python: Python) -> None:
    file = carme.directory / "file"
    file.write_text("")
    use = ["--python", python.path]
    carme("install", *use, "--prefix", file).refused(FAILED, "cannot write", str(file))
    carme("install", *use, "--prefix", "/proc/x").refused(FAILED, "cannot write", "/proc")
    assert file.read_text() == ""


@pytest.mark.one_python
def test_linked_kernelspec_loses_its_link(carme: Carme, python: Python) -> None:
    use = ["--python", python.path]
    carme("install", *use, "--to", "elsewhere")
    data(carme).mkdir(parents=True)
    (data(carme) / "linked").symlink_to(carme.directory / "elsewhere")
    assert carme("remove", "linked", *use).code == FINE
    assert not (data(carme) / "linked").is_symlink()
    read_spec(carme.directory / "elsewhere")


# ---------------------------------------------------------------------------------------------
# The module


@pytest.fixture
def lonely(tmp_path: Path) -> Carme:
    """The program without its module."""
    (tmp_path / "bin").mkdir()
    return Carme(tmp_path, Path(shutil.copy(kernels.PROGRAM, tmp_path / "bin" / "carme")))


@pytest.fixture
def connection(tmp_path: Path) -> Path:
    """A connection file for ipc."""
    ports = {f"{name}_port": 1 + i for i, name in enumerate("shell control stdin iopub hb".split())}
    path = tmp_path / "connection.json"
    path.write_text(
        json.dumps({**ports, "transport": "ipc", "ip": str(tmp_path / "s"), "key": "k"})
    )
    path.chmod(0o600)
    return path


def test_module_is_missing(lonely: Carme, connection: Path, python: Python) -> None:
    for verb in (["kernel", "-f", connection], ["list"]):
        lonely(*verb, "--python", python.path).refused(LIBRARY, MODULE, "missing")


@pytest.mark.every_python
def test_module_is_broken(lonely: Carme, connection: Path, python: Python) -> None:
    broken = lonely.program.with_name(MODULE)
    broken.write_text("no library")
    for verb in (["kernel", "-f", connection], ["list"]):
        lonely(*verb, "--python", python.path).refused(LIBRARY, str(broken))


def test_signature_scheme_is_unknown(carme: Carme, connection: Path, python: Python) -> None:
    members = json.loads(connection.read_text())
    connection.write_text(json.dumps({**members, "signature_scheme": "hmac-md5"}))
    done = carme("kernel", "-f", connection, "--python", python.path)
    done.refused(CONNECTION, str(connection), "signature_scheme", "hmac-md5")


@pytest.mark.one_python
def test_module_in_lib_and_program_behind_a_link(lonely: Carme, python: Python) -> None:
    lib = lonely.directory / "lib" / "carme"
    lib.mkdir(parents=True)
    shutil.copy(kernels.PROGRAM.with_name(MODULE), lib)
    link = lonely.directory / "link"
    link.symlink_to(lonely.program)
    assert Carme(lonely.directory, link)("install", "--python", python.path).code == FINE
    spec = read_spec(data(lonely) / "carme")
    assert spec["argv"][0] == str(lonely.program)


@pytest.mark.one_python
def test_usage_comes_before_python(carme: Carme, python: Python) -> None:
    carme("install", "--nonsense", CARME_PYTHON="/nowhere").refused(USAGE, "--nonsense")
