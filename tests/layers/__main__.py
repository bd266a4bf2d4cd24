"""`python3 -m layers [--report] [--pending LANGUAGE:KIND,...] [ROOT]`: holds the order of layers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from layers.order import Unreadable, read_order
from layers.report import check, summary

ORDER = "tests/layers/order.txt"


def read_arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="layers", description=__doc__)
    parser.add_argument("--report", action="store_true", help="tells everything, never fails")
    parser.add_argument("--pending", default="", help="what may still be: C:circle,tests:lines")
    parser.add_argument("--order", type=Path, help=ORDER)
    parser.add_argument("root", nargs="?", type=Path, default=Path())
    return parser.parse_args()


def main() -> int:
    """1 when something is wrong, 2 when the order can not be read."""
    options = read_arguments()
    try:
        rules = read_order(options.order or options.root / ORDER)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    read, findings = check(options.root, rules)
    pending = options.pending.split(",")
    wrong = [f for f in findings if f"{f.language}:{f.kind}" not in pending]
    for finding in findings if options.report else wrong:
        print(finding.text, file=sys.stdout if options.report else sys.stderr)
    print(summary(read, findings))
    return bool(wrong) and not options.report


if __name__ == "__main__":
    sys.exit(main())
