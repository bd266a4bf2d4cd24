"""
One row of the table: the same tests under Carme and under ipykernel.

A package of tests/conformance gets into the table by a module `rows` with a function

    def rows() -> Iterator[Row]

which runs its tests under both kernels and yields a row as soon as it has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.table.listed import Listed

# of each test by its name: "passed", "failed" or "skipped"
Outcomes = Mapping[str, str]
MISSING = "missing"


@dataclass(frozen=True)
class Row:
    """The outcomes of one suite; `listed`: the differences that are known, with their reasons."""

    suite: str
    carme: Outcomes
    ipykernel: Outcomes
    listed: tuple[Listed, ...] = ()
    # what else the reader is told: tests that run under neither, and why
    notes: tuple[str, ...] = ()
    # problems that names of tests do not tell
    more_problems: tuple[str, ...] = ()

    def differing(self) -> list[str]:
        """The tests whose outcomes are not the same, in the order of their names."""
        names = sorted({*self.carme, *self.ipykernel})
        return [each for each in names if self.of("carme", each) != self.of("ipykernel", each)]

    def of(self, kernel: str, test: str) -> str:
        """A test's outcome under one kernel."""
        outcomes: Outcomes = getattr(self, kernel)
        return outcomes.get(test, MISSING)

    def reason(self, test: str) -> str:
        """Why a test differs; empty when nobody knows."""
        return next((each.reason for each in self.listed if each.name == test), "")

    def problems(self) -> list[str]:
        """
        What must not be: Carme alone fails a test that is not listed, or a listed difference is gone.

        That ipykernel alone fails a test is shown, and is no problem of Carme's.
        """
        differing = self.differing()
        worse = [each for each in differing if self.of("carme", each) != "passed"]
        unlisted = [f"{each}: no reason is listed" for each in worse if not self.reason(each)]
        gone = [
            f"{each.name}: listed, and does not differ"
            for each in self.listed
            if each.kind == "differs" and each.name not in differing
        ]
        return [*unlisted, *gone, *self.more_problems]

    def counts(self, kernel: str) -> str:
        """Passed, failed and skipped under one kernel, as the table shows them."""
        found = Counter(getattr(self, kernel).values())
        return f"{found['passed']} / {found['failed']} / {found['skipped']}"
