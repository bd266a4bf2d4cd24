"""Carme and the stock Pyodide kernel of JupyterLite, in interleaved rounds; one table of medians.

python -m tests.bench.lite [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections import defaultdict

from playwright.sync_api import sync_playwright

from lite.conftest import ARGUMENTS, BROWSERS

from . import measures, sites

ROWS = {
    "result": ("page load to the first result, s", 1),
    "bytes": ("bytes for it, MB", 1),
    "execute": ("execute `pass`, reply and idle, ms", 1000),
    "inside": ("the same in the kernel alone, ms", 1000),
    "lines": ("10,000 printed lines, drawn, s", 1),
    "loop": ("pure Python loop, ms", 1000),
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    samples: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    columns = sites.subjects()
    chromium = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=list(ARGUMENTS), env={**os.environ, "HOME": home}
        )
        for number in range(rounds):
            for subject in columns:
                values = measures.first(browser, subject)
                if number == 0:
                    values |= measures.lines(browser, subject)
                for key, value in values.items():
                    samples[subject.name][key].append(value)
            samples["bare Pyodide"]["loop"].append(measures.bare(browser, columns[0]))
        browser.close()
    print(table(samples, [each.name for each in columns]))


def table(samples: dict[str, dict[str, list[float]]], names: list[str]) -> str:
    """Medians, and ours divided by the stock's."""
    rows = [f"| | {' | '.join(names)} | ratio |", "|---" * (len(names) + 2) + "|"]
    for key, (label, factor) in ROWS.items():
        middle = [statistics.median(samples[name][key]) for name in names]
        cells = " | ".join(f"{factor * value:.1f}" for value in middle)
        rows.append(f"| {label} | {cells} | {middle[0] / middle[-1]:.2f} |")
    bare = statistics.median(samples["bare Pyodide"]["loop"])
    rows.append(f"\nThe same loop in bare Pyodide: {1000 * bare:.1f} ms.")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
