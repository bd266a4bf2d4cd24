"""Fixtures: the program, a connection file, a path where no Python is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness import kernels
from harness.cli import Carme
from wire.cli.connections import PORTS, Writer, free_ports


@pytest.fixture
def carme(tmp_path: Path) -> Carme:
    """The program under test."""
    return Carme(tmp_path, kernels.PROGRAM)


@pytest.fixture
def no_python(tmp_path: Path) -> str:
    """A --python that ends `carme kernel` once it has listened."""
    return str(tmp_path / "no-such-python")


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
