"""Rows as lines of text."""

from __future__ import annotations

from conformance.table.row import Row

WIDTHS = (30, 26, 26)
TITLES = ("suite", "Carme", "ipykernel")


def line(*cells: str) -> str:
    """Columns of text."""
    padded = [cell.ljust(width) for cell, width in zip(cells, WIDTHS)]
    return " | ".join(padded).rstrip()


def head() -> list[str]:
    """The titles."""
    below = "passed / failed / skipped"
    rule = "-+-".join("-" * width for width in WIDTHS)
    return [line(*TITLES), line("", below, below), rule]


def body(row: Row) -> list[str]:
    """The row, and under it each test that differs with its reason."""
    drawn = [line(row.suite, row.counts("carme"), row.counts("ipykernel"))]
    for test in row.differing():
        drawn.append(f"    {test}: {row.of('carme', test)}, ipykernel {row.of('ipykernel', test)}")
        drawn.append(f"        {row.reason(test) or 'no reason is listed'}")
    drawn += [f"    {note}" for note in row.notes]
    return drawn + [f"    PROBLEM: {each}" for each in row.problems()]
