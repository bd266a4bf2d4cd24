"""The suites: which project's, which files, how many tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.table import listed
from conformance.table.listed import Listed

# differs: Carme alone fails or skips it; both: no kernel passes it here; ignored: not even tried
KINDS = ("differs", "both", "ignored")


@dataclass(frozen=True)
class Suite:
    """
    Tests of one project's source distribution.

    `tests`: how many run; a suite that shrinks unseen would prove nothing. `kept`: None to keep the
    source tree as it is, with the project's own configuration; otherwise the files of its tests/
    that make a package of their own, because what lies beside them wants the project's kernel in
    this very process.
    """

    name: str
    project: str
    version: str
    path: str
    tests: int
    options: tuple[str, ...] = ()
    kept: tuple[str, ...] | None = None

    def listed(self) -> tuple[Listed, ...]:
        """What the project's list says of this suite's tests."""
        lines = listed.read(Path(__file__).with_name(f"{self.project}.txt"), KINDS)
        return tuple(each for each in lines if self.owns(each))

    def owns(self, line: Listed) -> bool:
        """Whether a line speaks of a test of this suite."""
        path = self.path.removesuffix(".py")
        return line.name.startswith((path, path.replace("/", ".")))

    def named(self, kind: str) -> set[str]:
        """The tests of which the list says this."""
        return {each.name for each in self.listed() if each.kind == kind}


def ipykernel(part: str, tests: int) -> Suite:
    """One file of ipykernel's tests over the wire."""
    file = f"test_{part}.py"
    helpers = ("utils.py", "test_message_spec.py")
    kept = tuple(dict.fromkeys((*helpers, file)))
    return Suite(f"ipykernel {part}", "ipykernel", "7.4.0", f"tests/{file}", tests, kept=kept)


ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
SUITES = (
    ipykernel("message_spec", 24),
    ipykernel("kernel", 35),
    ipykernel("async", 3),
    ipykernel("subshells", 23),
    Suite("nbclient", "nbclient", "0.11.0", "tests", 127, ASYNCIO),
    Suite("papermill", "papermill", "2.7.0", "papermill/tests", 502),
)
