"""Where rows come from: the module `rows` of each package beside this one."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from conformance.table.row import Row

BESIDE = Path(__file__).parents[1]


def packages() -> list[str]:
    """The packages that have rows, by name."""
    return sorted(module.parent.name for module in BESIDE.glob("*/rows.py"))


def rows(chosen: list[str]) -> Iterator[Row]:
    """The rows of some packages, or of all when none is named."""
    for name in chosen or packages():
        yield from importlib.import_module(f"conformance.{name}.rows").rows()
