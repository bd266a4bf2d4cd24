"""The program `carme` itself: what it refuses and how, the addresses it opens, its verbs."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness import kernels
from harness.cli import (
    ADDRESS,
    CONNECTION,
    FINE,
    LIBRARY,
    NO_PYTHON,
    USAGE,
    WRONG_PYTHON,
    Carme,
    program,
)
from harness.pythons import Python

pytestmark = pytest.mark.skipif(not kernels.IS_CARME, reason="tests the program carme")

PORTS = ("shell_port", "control_port", "stdin_port", "iopub_port", "hb_port")
CHANNELS = tuple(name.removesuffix("_port") for name in PORTS)


@pytest.fixture
def carme(tmp_path: Path) -> Carme:
    """The program under test."""
    return Carme(tmp_path, kernels.PROGRAM)


@pytest.fixture
def no_python(tmp_path: Path) -> str:
    """A --python that ends `carme kernel` once it has listened."""
    return str(tmp_path / "no-such-python")


Writer = Callable[..., Path]


def free_ports(family: int = socket.AF_INET, host: str = "127.0.0.1") -> list[int]:
    """Five ports on which nobody listens."""
    held = [socket.socket(family) for _ in PORTS]
    for each in held:
        each.bind((host, 0))
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports


@pytest.fixture
def connection(tmp_path: Path) -> Writer:
    """Writes a connection file that nobody else can read; a value of None takes a member away."""

    def write(**changes: Any) -> Path:
        members: dict[str, Any] = dict(zip(PORTS, free_ports()))
        members |= {"ip": "127.0.0.1", "transport": "tcp", "key": "a key", "kernel_name": "x"}
        members |= {"signature_scheme": "hmac-sha256", **changes}
        kept = {name: value for name, value in members.items() if value is not None}
        path = tmp_path / "connection.json"
        path.write_text(json.dumps(kept))
        path.chmod(0o600)
        return path

    return write


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


# ---------------------------------------------------------------------------------------------
# Addresses

# In the place of a Python: it tells which of five addresses accept a connection.
WITNESS = """#!{python} -IS
import json, signal, socket, os, sys
answers = []
for family, address in json.load(open({addresses!r})):
    with socket.socket(family) as one:
        one.settimeout(60)
        address = tuple(address) if isinstance(address, list) else address
        answers.append(one.connect_ex(address))
if {interrupt}:
    os.kill(os.getppid(), signal.SIGINT)
json.dump(answers, open({answers!r}, "w"))
sys.exit(1)
"""


@dataclass
class Witness:
    """Its script, and where it leaves the five results of connect()."""

    script: Path
    addresses: Path
    answers: Path

    def saw(self) -> list[int]:
        """errno's values, 0 for a connection."""
        return list(json.loads(self.answers.read_text()))


@pytest.fixture
def witness(tmp_path: Path) -> Callable[..., Witness]:
    """Makes a witness of five addresses."""

    def make(family: int, addresses: list[Any], interrupt: bool = False) -> Witness:
        made = Witness(*(tmp_path / name for name in ("witness", "addresses", "answers")))
        made.addresses.write_text(json.dumps([(family, address) for address in addresses]))
        text = WITNESS.format(
            python=sys.executable,
            addresses=str(made.addresses),
            answers=str(made.answers),
            interrupt=interrupt,
        )
        program(made.script, text)
        return made

    return make


def has_ipv6() -> bool:
    """Whether this machine has ::1."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("ip", "family", "reached"),
    [
        ("127.0.0.1", socket.AF_INET, "127.0.0.1"),
        ("localhost", socket.AF_INET, "127.0.0.1"),
        ("0.0.0.0", socket.AF_INET, "127.0.0.2"),
        ("*", socket.AF_INET, "127.0.0.2"),
        ("::1", socket.AF_INET6, "::1"),
        ("[::1]", socket.AF_INET6, "::1"),
    ],
)
def test_listens_before_python_starts(
    carme: Carme, connection: Writer, witness: Any, ip: str, family: int, reached: str
) -> None:
    if family == socket.AF_INET6 and not has_ipv6():
        pytest.skip("no IPv6 on this machine")
    ports = free_ports(family, reached)
    path = connection(ip=ip, **dict(zip(PORTS, ports)))
    seen = witness(family, [(reached, port) for port in ports])
    done = carme("kernel", "-f", path, "--python", seen.script)
    assert seen.saw() == [0] * 5
    done.refused(NO_PYTHON, str(seen.script))


def test_listens_on_ipc(carme: Carme, connection: Writer, witness: Any) -> None:
    prefix = str(carme.directory / "socket")
    path = connection(transport="ipc", ip=prefix, **dict(zip(PORTS, range(1, 6))))
    seen = witness(socket.AF_UNIX, [f"{prefix}-{number}" for number in range(1, 6)])
    for _again in range(2):  # the second finds the first one's socket files
        carme("kernel", "-f", path, "--python", seen.script).refused(NO_PYTHON)
        assert seen.saw() == [0] * 5
    mode = stat.S_IMODE(os.stat(f"{prefix}-1").st_mode)
    assert not mode & stat.S_IWOTH


def test_an_early_interrupt_is_not_fatal(carme: Carme, connection: Writer, witness: Any) -> None:
    ports = free_ports()
    path = connection(**dict(zip(PORTS, ports)))
    seen = witness(socket.AF_INET, [("127.0.0.1", port) for port in ports], interrupt=True)
    carme("kernel", "-f", path, "--python", seen.script).refused(NO_PYTHON)
    assert seen.saw() == [0] * 5


def test_closed_descriptors_are_filled(carme: Carme, connection: Writer) -> None:
    seen = carme.directory / "seen"
    names = " ".join(f"/proc/$PPID/fd/{number}" for number in range(3))
    script = program(carme.directory / "python", f"#!/bin/sh\nreadlink {names} > {seen}\nexit 1\n")
    closing = program(
        carme.directory / "closing", f'#!/bin/sh\nexec "{carme.program}" "$@" <&- >&- 2>&-\n'
    )
    done = Carme(carme.directory, closing)("kernel", "-f", connection(), "--python", script)
    assert done.code == NO_PYTHON
    assert seen.read_text() == "/dev/null\n" * 3


@pytest.fixture
def listener() -> Iterator[Callable[..., socket.socket]]:
    """Makes listening sockets that are closed after the test."""
    held: list[socket.socket] = []

    def make(family: int, address: Any) -> socket.socket:
        held.append(socket.socket(family))
        held[-1].bind(address)
        held[-1].listen()
        return held[-1]

    yield make
    for each in held:
        each.close()


@pytest.mark.parametrize("name", PORTS)
def test_port_taken(
    carme: Carme, connection: Writer, listener: Any, no_python: str, name: str
) -> None:
    port = listener(socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
    done = carme("kernel", "-f", connection(**{name: port}), "--python", no_python)
    done.refused(ADDRESS, f"127.0.0.1:{port}", f"({name.removesuffix('_port')})", "taken")


def test_port_given_twice(carme: Carme, connection: Writer, no_python: str) -> None:
    port = free_ports()[0]
    path = connection(control_port=port, hb_port=port)
    done = carme("kernel", "-f", path, "--python", no_python)
    done.refused(ADDRESS, str(port), "control", "hb")


@pytest.mark.parametrize(
    ("ip", "part"), [("192.0.2.1", "192.0.2.1"), ("x" * 70, "look up"), ("1.2.3.4.5 ", "look up")]
)
def test_address_that_is_not_ours(
    carme: Carme, connection: Writer, no_python: str, ip: str, part: str
) -> None:
    done = carme("kernel", "-f", connection(ip=ip), "--python", no_python)
    done.refused(ADDRESS, part, '"ip"')


def ipc_connection(connection: Writer, prefix: Path | str) -> Path:
    """A connection file with the paths PREFIX-1 to PREFIX-5."""
    return connection(transport="ipc", ip=str(prefix), **dict(zip(PORTS, range(1, 6))))


def test_socket_path_taken(carme: Carme, connection: Writer, listener: Any, no_python: str) -> None:
    prefix = carme.directory / "socket"
    listener(socket.AF_UNIX, f"{prefix}-3")
    done = carme("kernel", "-f", ipc_connection(connection, prefix), "--python", no_python)
    done.refused(ADDRESS, f"{prefix}-3", "(stdin)", "taken")


def test_socket_path_holds_a_file(carme: Carme, connection: Writer, no_python: str) -> None:
    prefix = carme.directory / "socket"
    precious = Path(f"{prefix}-2")
    precious.write_text("precious")
    done = carme("kernel", "-f", ipc_connection(connection, prefix), "--python", no_python)
    done.refused(ADDRESS, str(precious), "(control)")
    assert precious.read_text() == "precious"


@pytest.mark.parametrize(("prefix", "part"), [("x" * 110, "too long"), ("missing/x", "No such")])
def test_socket_path_is_impossible(
    carme: Carme, connection: Writer, no_python: str, prefix: str, part: str
) -> None:
    done = carme("kernel", "-f", ipc_connection(connection, prefix), "--python", no_python)
    done.refused(ADDRESS, prefix, "(shell)", part)


# ---------------------------------------------------------------------------------------------
# Pythons


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
