"""
Measures kernels in interleaved rounds and prints one table of medians.

    python -m tests.bench [--rounds N] [--quick]

Other load on the machine changes the figures, hardly the ratios: each metric is measured under one
kernel after the other. Ends with 0 whatever the figures are, with 1 when a kernel does not work.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from . import measures, table
from .running import Kernel, KernelFailure, Subject, subjects


class Bench:
    """Samples of all rounds, and where kernels keep their files."""

    def __init__(self, columns: list[Subject], directory: Path, seconds: float) -> None:
        """`seconds`: how long idle kernels are watched."""
        self.columns, self.directory, self.seconds = columns, directory, seconds
        self.samples: table.Samples = {each.name: defaultdict(list) for each in columns}
        self.kernels = 0

    def new_directory(self) -> Path:
        """A directory for the next kernel."""
        self.kernels += 1
        made = self.directory / str(self.kernels)
        made.mkdir()
        return made

    def add(self, subject: Subject, values: measures.Values) -> None:
        """Adds what was measured."""
        for key, value in values.items():
            self.samples[subject.name][key].append(value)

    def measure_lifetimes(self, times: int) -> None:
        """Kernels that start and end, one at a time."""
        for _ in range(times):
            for subject in self.columns:
                with failure_context(subject, "lifetime"):
                    self.add(subject, measures.lifetime(subject, self.new_directory()))

    def measure_together(self) -> None:
        """Kernels that run side by side; each metric is measured under one after the other."""
        with contextlib.ExitStack() as stack:
            kernels = []
            for subject in self.columns:
                kernels.append(Kernel(subject, self.new_directory()))
                stack.callback(kernels[-1].close)
                with failure_context(subject, "start"):
                    measures.first_result(kernels[-1])
            self.idle(kernels, "wakeups")
            for measure in measures.MEASURES:
                for kernel in kernels:
                    with failure_context(kernel.subject, measure.__name__):
                        self.add(kernel.subject, measure(kernel))
            self.idle(kernels, "wakeups after")

    def idle(self, kernels: list[Kernel], key: str) -> None:
        """All kernels at once: they do nothing."""
        for kernel, values in zip(kernels, measures.idle(kernels, self.seconds, key), strict=True):
            self.add(kernel.subject, values)


@contextlib.contextmanager
def failure_context(subject: Subject, what: str) -> Iterator[None]:
    """Names the kernel and the metric of a failure."""
    try:
        yield
    except (KernelFailure, AssertionError, KeyError) as error:
        raise KernelFailure(f"{subject.name}, {what}: {error}") from error


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="5")
    parser.add_argument("--quick", action="store_true", help="one round, 2 s of idleness")
    return parser.parse_args()


def main() -> None:
    """Runs the rounds."""
    chosen = options()
    rounds = 1 if chosen.quick else chosen.rounds
    columns = subjects()
    for each in columns:
        print(f"bench: {each.name}: {' '.join(each.argv)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="carme-bench-") as directory:
        bench = Bench(columns, Path(directory), 2 if chosen.quick else 5)
        try:
            for number in range(rounds):
                print(f"bench: round {number + 1} of {rounds}", file=sys.stderr, flush=True)
                bench.measure_lifetimes(1 if chosen.quick else 3)
                bench.measure_together()
        except KernelFailure as failure:
            sys.exit(f"bench: {failure}")
    print(table.render(bench.samples))


if __name__ == "__main__":
    main()
