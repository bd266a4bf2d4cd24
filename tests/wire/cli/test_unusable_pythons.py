"""Files that are no Python, or none that the kernel can run in."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import kernels
from harness.cli import LIBRARY, NO_PYTHON, WRONG_PYTHON, Carme, program
from harness.pythons import Python
from wire.cli.connections import Writer

pytestmark = pytest.mark.skipif(not kernels.IS_CARME, reason="tests the program carme")


def elf(**changes: int) -> bytes:
    """This Python's own file with other bytes at offsets: at_18=183 is e_machine AArch64."""
    content = bytearray(Path(sys.executable).resolve().read_bytes())
    for name, value in changes.items():
        content[int(name.removeprefix("at_"))] = value
    return bytes(content)


FOREIGN = 183 if platform.machine() != "aarch64" else 62  # EM_AARCH64, EM_X86_64


@pytest.mark.parametrize(
    ("content", "code", "part"),
    [
        (lambda: elf(at_18=FOREIGN), WRONG_PYTHON, "architecture"),
        (lambda: elf(at_4=1), WRONG_PYTHON, "architecture"),  # ELFCLASS32
        (lambda: elf(at_5=2), WRONG_PYTHON, "architecture"),  # big-endian
        (lambda: elf(at_18=FOREIGN)[:20], WRONG_PYTHON, "architecture"),
        (lambda: elf()[:40], NO_PYTHON, "no Python"),
        (lambda: elf()[:600], NO_PYTHON, "no Python"),
        (lambda: b"", NO_PYTHON, "no Python"),
        (lambda: b"\x7fELF", NO_PYTHON, "no Python"),
        (lambda: b"MZ garbage", NO_PYTHON, "no Python"),
        (lambda: Path(shutil.which("ls") or "").read_bytes(), NO_PYTHON, "no Python"),
        (lambda: b"#!/bin/sh\nexit 3\n", NO_PYTHON, "script"),
        (lambda: b"#!/bin/sh\necho nonsense\n", NO_PYTHON, "nonsense"),
        (lambda: b"#!/bin/sh\n", NO_PYTHON, "script"),
        (lambda: b"#!/nowhere/at/all\n", NO_PYTHON, "script"),
        (lambda: b"#!/bin/sh\necho /nowhere/python\n", NO_PYTHON, "/nowhere/python"),
        (lambda: b"#!/bin/sh\necho $0\n", NO_PYTHON, "no Python"),  # names itself
        (
            lambda: b"#!/bin/sh\ntrap : PIPE; while :; do echo x; done 2>&-\n",
            NO_PYTHON,
            "script",
        ),  # endless
    ],
)
def test_file_that_is_no_python(
    carme: Carme, connection: Writer, content: Callable[[], bytes], code: int, part: str
) -> None:
    path = program(carme.directory / "python", content())
    done = carme("kernel", "-f", connection(), "--python", path)
    done.refused(code, part)
    assert str(path) in done.err or "/nowhere" in done.err


def test_python_that_is_no_file(carme: Carme, connection: Writer) -> None:
    file = connection()
    text = carme.directory / "text"
    text.write_text("no program")
    for path, part in (
        ("/nowhere/python", "no such Python"),
        ("no-such-name-on-path", "no such Python"),
        (str(carme.directory), "without bin/python"),
        (str(text), "not an executable"),
    ):
        carme("kernel", "-f", file, "--python", path).refused(NO_PYTHON, path, part)


@pytest.mark.parametrize("variable", ["CARME_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX"])
def test_variable_that_leads_to_nothing(carme: Carme, connection: Writer, variable: str) -> None:
    done = carme("kernel", "-f", connection(), **{variable: "/nowhere"})
    done.refused(NO_PYTHON, variable, "/nowhere")


def test_no_python_at_all(carme: Carme, connection: Writer) -> None:
    done = carme("kernel", "-f", connection(), PATH="/nowhere")
    done.refused(NO_PYTHON, "no python3 on PATH", "--python")


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.7"])
def test_python_too_old(carme: Carme, connection: Writer, version: str) -> None:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [str(path / "bin" / "python") for path in root.glob(f"{version}.*")]
    found = [path for path in [*found, shutil.which(f"python{version}") or ""] if path]
    found = [path for path in found if "/shims/" not in path]
    if not found:
        pytest.skip(f"no Python {version} on this machine")
    for verb in (["kernel", "-f", connection()], ["list"]):
        carme(*verb, "--python", found[0]).refused(WRONG_PYTHON, found[0], version, "3.8")


def relinked(python: Python, library: str) -> bytes:
    """The interpreter's file, wanting another library than its libpython: as long a name."""
    content = Path(python.path).resolve().read_bytes()
    own = f"libpython3.{python.version[1]}.so.1.0".encode()
    assert own in content
    assert len(own) == len(library)
    return content.replace(own, library.encode())


@pytest.fixture
def shared_python() -> Python:
    """A shared one whose minor version has two digits."""
    found = [p for p in kernels.every_python() if p.shared and p.version[1] > 9]
    if not found:
        pytest.skip("no Python here has its libpython in a file")
    return found[-1]


def test_free_threaded_python(carme: Carme, connection: Writer, shared_python: Python) -> None:
    content = relinked(shared_python, "libpython3.9t.so.1.0")
    path = program(carme.directory / "python", content)
    done = carme("kernel", "-f", connection(), "--python", path)
    done.refused(WRONG_PYTHON, str(path), "free-threaded")


def test_libpython_is_missing(carme: Carme, connection: Writer, shared_python: Python) -> None:
    path = program(carme.directory / "python", relinked(shared_python, "libpython3.99.so.1.0"))
    done = carme("kernel", "-f", connection(), "--python", path)
    done.refused(LIBRARY, "libpython3.99.so.1.0")
