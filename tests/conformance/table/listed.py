"""Files that list tests with a reason each: `kind name  # reason`, one on a line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Listed:
    """A line: what is said of which test, and why."""

    kind: str
    name: str
    reason: str


def read(path: Path, kinds: tuple[str, ...]) -> tuple[Listed, ...]:
    """The file's lines; ValueError for one of another kind, or without its reason."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    return tuple(parse(line, kinds) for line in lines if line and not line.startswith("#"))


def parse(line: str, kinds: tuple[str, ...]) -> Listed:
    """One line."""
    said, _hash, reason = line.partition("  # ")
    kind, _blank, name = said.strip().partition(" ")
    if kind not in kinds or not name or not reason.strip():
        raise ValueError(f"not `{'|'.join(kinds)} NAME  # REASON`: {line}")
    return Listed(kind, name.strip(), reason.strip())
