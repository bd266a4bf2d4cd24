"""Kernelspecs of several environments stand side by side."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from harness import kernels
from harness.cli import FINE, Carme
from harness.pythons import Python

pytestmark = [
    pytest.mark.one_python,
    pytest.mark.skipif(not kernels.IS_CARME, reason="tests the program carme"),
]


@pytest.fixture
def carme(tmp_path: Path) -> Carme:
    """The program under test."""
    return Carme(tmp_path, kernels.PROGRAM)


def make_venv(python: Python, path: Path, *words: str) -> Path:
    """A virtual environment; its interpreter."""
    command = [python.path, "-m", "venv", "--without-pip", *words, str(path)]
    subprocess.run(command, check=True)
    return path / "bin" / "python"


def installed(carme: Carme) -> dict[str, tuple[str, str]]:
    """The user's kernelspecs: display name and Python, by name."""
    found = {}
    for file in (carme.home / ".local/share/jupyter/kernels").glob("*/kernel.json"):
        spec = json.loads(file.read_text())
        found[file.parent.name] = (spec["display_name"], spec["argv"][-1])
    return found


def test_each_environment_has_its_own(carme: Carme, python: Python, tmp_path: Path) -> None:
    version = f"Python {python.version[0]}.{python.version[1]}"
    places = {
        "data": ([], "carme-data", "data"),
        "project/.venv": ([], "carme-project", "project"),
        "other": (["--prompt", "The Größe 2"], "carme-the-gr-e-2", "The Größe 2"),
    }
    expected = {}
    for place, (words, name, title) in places.items():
        inside = make_venv(python, tmp_path / place, *words)
        done = carme("install", "--python", inside)
        assert (done.code, done.err, done.out.count("\n")) == (FINE, "", 1)
        expected[name] = (f"{version} ({title})", str(inside))
    carme("install", "--python", python.path)
    expected["carme"] = (f"{version} (Carme)", python.path)
    assert installed(carme) == expected


def test_a_replacement_is_said(carme: Carme, python: Python, tmp_path: Path) -> None:
    one, two = make_venv(python, tmp_path / "a/env"), make_venv(python, tmp_path / "b/a")
    assert str(one) not in carme("install", "--python", one).out.splitlines()[-1]
    assert carme("install", "--python", one).out.count("\n") == 1
    said = carme("install", "--python", two).out.splitlines()
    assert f"the kernel of {one}" in said[1]
    assert "--name" in said[1]
    assert installed(carme)["carme-a"][1] == str(two)
