"""The words and the connection file of `carme`: what it refuses and how."""

from __future__ import annotations

import os
from typing import Any

import pytest

from harness import kernels
from harness.cli import CONNECTION, FINE, NO_PYTHON, USAGE, Carme
from wire.cli.connections import PORTS, Writer

pytestmark = pytest.mark.skipif(not kernels.IS_CARME, reason="tests the program carme")


# ---------------------------------------------------------------------------------------------
# Words


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ([], ["verb is missing"]),
        (["frobnicate"], ["unknown verb", "frobnicate"]),
        (["--frobnicate"], ["unknown option", "--frobnicate"]),
        (["kernel"], ["-f", "is missing"]),
        (["kernel", "-f"], ["CONNECTION_FILE", "is missing"]),
        (["kernel", "-f", ""], ["CONNECTION_FILE", "is missing"]),
        (["kernel", "--frobnicate"], ["unknown option", "--frobnicate"]),
        (["install", "--use"], ["unknown option", "--use"]),
        (["install", "--user=yes"], ["no value", "--user"]),
        (["install", "--env"], ["K=V", "is missing"]),
        (["install", "--env", "NOVALUE"], ["NAME=VALUE", "NOVALUE"]),
        (["install", "--env", "=x"], ["NAME=VALUE"]),
        (["install", "--name", "a b"], ["a b", "name"]),
        (["install", "--name", "a/b"], ["a/b", "name"]),
        (["install", "--name", ".."], ["'..'", "name"]),
        (["install", "--user", "--prefix", "x"], ["--user", "--prefix"]),
        (["install", "extra"], ["unexpected argument", "extra"]),
        (["list", "extra"], ["unexpected argument", "extra"]),
        (["remove"], ["NAME", "is missing"]),
        (["remove", "a", "b"], ["unexpected argument", "b"]),
        (["remove", "../x"], ["../x", "name"]),
        (["kernel", "-f", "a\nb\x1b"], ["connection file a?b?"]),
    ],
)
def test_bad_words(carme: Carme, words: list[str], parts: list[str]) -> None:
    code = CONNECTION if words[-1:] == ["a\nb\x1b"] else USAGE
    carme(*words, CARME_PYTHON=kernels.one_python().path).refused(code, *parts)


def test_version(carme: Carme) -> None:
    done = carme("--version")
    name, version = done.out.split()
    assert (done.code, done.err, name) == (FINE, "", "carme")
    assert all(part.isdigit() for part in version.split(".")), version


def test_help_fits_a_screen_and_names_the_exit_codes(carme: Carme) -> None:
    done = carme("--help")
    assert (done.code, done.err) == (FINE, "")
    lines = done.out.splitlines()
    assert len(lines) <= 36
    assert max(map(len, lines)) <= 80
    for verb in ("kernel", "install", "list", "remove", "--version"):
        assert any(line.split()[:1] == [verb] for line in lines), verb
    codes = {line.split()[0] for line in lines if line.strip()[:1].isdigit()}
    assert codes == {str(code) for code in range(11)}


@pytest.mark.parametrize("verb", ["kernel", "install", "list", "remove"])
def test_help_of_a_verb(carme: Carme, verb: str) -> None:
    done = carme(verb, "--help")
    assert (done.code, done.err) == (FINE, "")
    assert done.out.startswith(f"usage: carme {verb}")
    assert "--python PATH" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


# ---------------------------------------------------------------------------------------------
# Connection files


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        ("{", "JSON object"),
        ('{"shell_port": 1', "JSON object"),
        ("not json", "JSON object"),
        ("[1, 2]", "JSON object"),
        ("null", "JSON object"),
        ("[" * 60000, "JSON object"),
        ('{"ip": "\udcff"}', "JSON object"),
        ("{}", "is missing"),
        (" " * 70000 + "{}", "64 KiB"),
    ],
)
def test_connection_file_is_no_object(carme: Carme, text: str, part: str) -> None:
    path = carme.directory / "connection.json"
    path.write_text(text, errors="surrogateescape")
    carme("kernel", "-f", path).refused(CONNECTION, str(path)[-100:], part)


WRONG: list[Any] = [None, "1", 0, -1, 65536, 1.5, True, []]
MEMBERS: list[tuple[str, Any]] = [
    *[(name, value) for name in PORTS for value in WRONG],
    *[(name, value) for name in ("ip", "transport") for value in ("", "a\0b")],
    *[(name, 7) for name in ("ip", "transport", "key", "signature_scheme", "kernel_name")],
    ("ip", None),
    ("key", None),
    ("transport", "udp"),
]


@pytest.mark.parametrize(("name", "value"), MEMBERS)
def test_connection_file_with_a_bad_member(
    carme: Carme, connection: Writer, name: str, value: Any
) -> None:
    path = connection(**{name: value})
    carme("kernel", "-f", path).refused(CONNECTION, str(path)[-100:], f'"{name}"')


def test_connection_file_is_missing(carme: Carme) -> None:
    carme("kernel", "-f", "nowhere.json").refused(CONNECTION, "nowhere.json", "no such file")


def test_connection_file_is_a_directory(carme: Carme) -> None:
    carme("kernel", "-f", carme.directory).refused(CONNECTION, "directory")


def test_connection_file_is_not_for_this_user(carme: Carme, connection: Writer) -> None:
    path = connection()
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read every file")
    carme("kernel", "-f", path).refused(CONNECTION, "may not read")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_connection_file_for_others_is_a_warning(
    carme: Carme, connection: Writer, no_python: str, mode: int
) -> None:
    path = connection()
    path.chmod(mode)
    done = carme("kernel", "-f", path, "--python", no_python)
    first, second = done.err.splitlines()
    assert "warning" in first
    assert str(path) in first
    assert no_python in second
    assert done.code == NO_PYTHON
