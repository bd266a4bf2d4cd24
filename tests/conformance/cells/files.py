"""
The cases of the files *.cells beside this one.

`== NAME` begins a case, `%%` its next cell. Lines that begin with `@` say of the case: `@notebook
WHY`, it is a notebook's convention and no script's; `@sorted`, lines in any order; `@python 3.11`,
from that version on. What a cell gives stands in it: `#> TEXT` a line of stdout, `#2 TEXT` a part of
stderr, `#= TEXT` the result, `#! NAME: TEXT` the error with a part of its text; what a cell does not
say it must not give. A cell's expectation includes what it prints after its end, while later cells run.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from harness.cell import Cell, plain
from harness.client import SLOW, Client

DIRECTORY = Path(__file__).parent
TIMEOUT = 30 * SLOW  # seconds for a cell
LATE = 30 * SLOW  # seconds for what a cell prints after its end
QUIET = 0.2 * SLOW  # seconds in which nothing more may come from threads and processes


@dataclass
class Expected:
    """One cell."""

    code: str = ""
    stdout: list[str] = field(default_factory=list)
    stderr: list[str] = field(default_factory=list)
    result: str | None = None
    error: str | None = None

    def read(self, line: str) -> None:
        """Takes one line of the file."""
        mark, text = line[:2], line[3:]
        if mark == "#>":
            self.stdout.append(text.replace("\\r", "\r"))
        elif mark == "#2":
            self.stderr.append(text)
        elif mark == "#=":
            self.result = text
        elif mark == "#!":
            self.error = text
        else:
            self.code += line + "\n"


@dataclass
class Case:
    """Cells that run one after the other in one kernel."""

    subject: str
    name: str
    cells: list[Expected] = field(default_factory=lambda: [Expected()])
    basis: str = "cpython"
    sorts: bool = False
    python: str = "3.8"

    @property
    def id(self) -> str:
        """A name for tests."""
        return f"{self.subject}: {self.name}"

    @property
    def is_script(self) -> bool:
        """Whether plain Python gives the same."""
        return self.basis == "cpython"

    def fits(self, version: str) -> bool:
        """Whether the case is for this Python, such as 3.11."""
        return [int(n) for n in version.split(".")] >= [int(n) for n in self.python.split(".")]

    def read(self, line: str) -> None:
        """Takes one line of the file."""
        word, _, rest = line.partition(" ")
        if line == "%%":
            self.cells.append(Expected())
        elif word == "@notebook":
            self.basis = f"notebook: {rest}"
        elif word == "@sorted":
            self.sorts = True
        elif word == "@python":
            self.python = rest
        else:
            self.cells[-1].read(line)

    def script(self) -> str:
        """All cells as one program; an error that is expected ends only its cell."""
        parts = [
            cell.code if cell.error is None else guarded(cell.code, cell.error.partition(":")[0])
            for cell in self.cells
        ]
        return "\n".join(parts)

    def compared(self, text: str) -> list[str]:
        """The lines of a text as they are compared."""
        lines = text.removesuffix("\n").split("\n") if text else []
        return sorted(lines) if self.sorts else lines

    def all_stdout(self) -> list[str]:
        """What a script prints."""
        return self.compared(joined(self.cells))


def joined(cells: list[Expected]) -> str:
    """The text of all; a line that has no end is a cell's last."""
    text = ""
    for cell in cells:
        lines = "\n".join(cell.stdout)
        ends = not any("end=''" in line for line in cell.code.splitlines()[-1:])
        text += lines + ("\n" if ends and cell.stdout else "")
    return text


def guarded(code: str, error: str) -> str:
    """A cell that fails, as a part of a script that goes on."""
    body = "".join(f"    {line}\n" for line in code.splitlines())
    return f"try:\n{body}except BaseException as _error:\n    assert type(_error).__name__ == {error!r}, _error\n"


class Run:
    """A case in a kernel, with all that came for its cells."""

    def __init__(self, client: Client, case: Case) -> None:
        """Runs the cells."""
        self.client, self.case = client, case
        self.cells = [client.execute(cell.code, TIMEOUT) for cell in case.cells]

    def differences(self) -> list[str]:
        """What is not as expected, a line each; waits for what comes late, also for what is too much."""
        end = time.monotonic() + LATE
        while (found := self.compare()) and time.monotonic() < end:
            self.client.pump(time.monotonic() + 0.05)
        if not found and self.case.subject in ("processes", "threads"):
            self.client.pump(time.monotonic() + QUIET)
            found = self.compare()
        return found

    def compare(self) -> list[str]:
        """As differences, by now."""
        self.collect()
        found: list[str] = []
        for number, (cell, expected) in enumerate(zip(self.cells, self.case.cells), 1):
            found += [f"cell {number}: {text}" for text in self.compare_cell(cell, expected)]
        return found

    def collect(self) -> None:
        """Puts messages that came late to their cells."""
        inbox = self.client.inbox["iopub"]
        for message in list(inbox):
            for cell in self.cells:
                if message.parent_id == cell.request["msg_id"]:
                    cell.iopub.append(message)
                    inbox.remove(message)

    def compare_cell(self, cell: Cell, expected: Expected) -> list[str]:
        """What is not as expected in one cell."""
        found = []
        lines = self.case.compared(cell.stdout)
        wanted = self.case.compared("\n".join(expected.stdout))
        if lines != wanted:
            found.append(f"stdout is {lines}, not {wanted}")
        stderr = plain(cell.stderr)
        found += [
            f"{text!r} is not in stderr: {stderr!r}"
            for text in expected.stderr
            if text not in stderr
        ]
        if stderr and not expected.stderr:
            found.append(f"stderr is {stderr!r}, and none is expected")
        if cell.result != expected.result:
            found.append(f"the result is {cell.result}, not {expected.result}")
        return found + self.compare_error(cell, expected)

    def compare_error(self, cell: Cell, expected: Expected) -> list[str]:
        """Whether the error is the expected one."""
        name, _, text = (expected.error or "").partition(": ")
        content = cell.reply.content
        if cell.error != (name.rstrip(":") or None):
            return [f"the error is {cell.error}: {content.get('evalue')}, not {expected.error}"]
        if text not in str(content.get("evalue", "")):
            return [f"the error's text is {content['evalue']!r}, not {text!r}"]
        return []


def read_all() -> list[Case]:
    """The cases of all files."""
    cases: list[Case] = []
    for path in sorted(DIRECTORY.glob("*.cells")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("== "):
                cases.append(Case(path.stem, line[3:]))
            elif line or cases[-1].cells[-1].code:
                cases[-1].read(line)
    return cases


CASES = read_all()
