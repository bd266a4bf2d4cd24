"""
What ipykernel showed, kept in recorded/, so that a comparison needs no second run.

A record holds for the Python and the libraries that it was made with; where the environment has
others, ipykernel is asked again.
"""

from __future__ import annotations

import functools
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from conformance.notebooks.executing import ENVIRONMENT, HERE, executed
from conformance.notebooks.views import View, views
from conformance.suites import kernels

LIBRARIES = (
    "altair bokeh ipython ipywidgets matplotlib matplotlib-inline numpy pandas plotly rich sympy tqdm"
).split()
PROBE = (
    "import sys, json; from importlib.metadata import version\n"
    "names = sys.argv[1:]\n"
    "print(json.dumps({'python': sys.version_info[:2], **{n: version(n) for n in names}}))"
)


@functools.lru_cache(maxsize=None)
def versions() -> Any:
    """Of the Python and the libraries that notebooks import."""
    command = [str(kernels.python(ENVIRONMENT)), "-c", PROBE, *LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def path(name: str) -> Path:
    """Where a notebook's record is."""
    return HERE / "recorded" / f"{name}.json"


def load(name: str) -> dict[str, View] | None:
    """The record, or None where it does not hold here."""
    if not path(name).exists():
        return None
    kept = json.loads(path(name).read_text())
    return dict(kept["cells"]) if kept["versions"] == versions() else None


def save(name: str, cells: dict[str, View]) -> None:
    """Writes the record."""
    path(name).parent.mkdir(exist_ok=True)
    content = {"versions": versions(), "cells": cells}
    path(name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def expected(name: str) -> dict[str, View]:
    """What ipykernel shows, from the record if it holds."""
    kept = load(name)
    if kept is not None:
        return kept
    with tempfile.TemporaryDirectory(prefix="carme-notebook-") as parent:
        return as_kept(views(executed(name, kernels.IPYKERNEL, Path(parent))))


def as_kept(cells: dict[str, View]) -> dict[str, View]:
    """As it comes back from a file: lists for tuples, keys as texts."""
    return dict(json.loads(json.dumps(cells)))
