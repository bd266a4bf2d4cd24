"""
Prints the table of `make conformance`: the same tests under Carme and under ipykernel.

    python -m conformance [PACKAGE…]

A package is a folder here with a module `rows`; without one, all. Ends with 1 when Carme does worse
than ipykernel in a way that no list explains, or a listed difference is gone.
"""

from __future__ import annotations

import sys

from conformance.table import lines, packages


def main(chosen: list[str]) -> int:
    """The table on standard output; the exit code."""
    print("\n".join(lines.head()), flush=True)
    problems = 0
    for row in packages.rows(chosen):
        print("\n".join(lines.body(row)), flush=True)
        problems += len(row.problems())
    if problems:
        print(f"{problems} differences that no list explains, or explains in vain", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
