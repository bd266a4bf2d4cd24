"""`python3 -m layers [--report] [--hold LANGUAGE:KIND,...] [ROOT]`: holds the order of layers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from layers.order import Unreadable, read_order
from layers.report import check, summary

ORDER = "tests/layers/order.txt"


def main() -> int:
    """1 when something is wrong that is to be held."""
    parser = argparse.ArgumentParser(prog="layers", description=__doc__)
    parser.add_argument("--report", action="store_true", help="says all, holds nothing")
    parser.add_argument("--hold", help="only these are wrong: C:order,C:header")
    parser.add_argument("--order", type=Path, help=ORDER)
    parser.add_argument("root", nargs="?", type=Path, default=Path())
    options = parser.parse_args()
    try:
        rules = read_order(options.order or options.root / ORDER)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    read, findings = check(options.root, rules)
    held = options.hold.split(",") if options.hold else None
    wrong = [f for f in findings if held is None or f"{f.language}:{f.kind}" in held]
    for finding in findings if options.report else wrong:
        print(finding.text, file=sys.stdout if options.report else sys.stderr)
    print(summary(read, findings))
    return bool(wrong) and not options.report


if __name__ == "__main__":
    sys.exit(main())
