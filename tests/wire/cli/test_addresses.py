"""The addresses that `carme kernel` opens, and those that it can not open."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness import kernels
from harness.cli import ADDRESS, NO_PYTHON, Carme, program
from wire.cli.connections import PORTS, Writer, free_ports

pytestmark = pytest.mark.skipif(not kernels.IS_CARME, reason="tests the program carme")


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
