"""A small tree of source files, and what the checker says about it."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ORDER = """
[limits]
code in low mid top lib src tests
at most 2 modules in a folder
at most 9 lines in a file
at most 1 users of a module that is no leaf
[C]
low: the lowest
mid, only low: above it
top, only mid: above both
except top/main -> low/open.h: joins all
<zmq.h> in top/socket.c: nobody else knows it
browser top/browser/*: instead of the desktop's
table low/table.c: constants
[Python lib/_carme]
session, leaf: the state
run: runs cells
.: what is first
[TypeScript src]
common: both sides
page: JupyterLab's side
"""


class Tree:
    """A tree of source files, and what the checker says about it."""

    def __init__(self, root):
        self.root = root
        self.add("order.txt", ORDER)
        self.add("lib/_carme/__init__.pyi", "def publish() -> None: ...\n")
        self.add("low/a.h", "struct a;\nvoid a_do(struct a *self);\n")
        self.add("low/a.c", '#include "low/a.h"\nvoid a_do(struct a *self)\n{\n}\n')

    def add(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def state(self, line):
        """One line more in the order."""
        self.add("order.txt", (self.root / "order.txt").read_text() + line + "\n")

    def check(self, *options):
        command = [
            sys.executable,
            "-m",
            "layers",
            "--order",
            self.root / "order.txt",
            *options,
            self.root,
        ]
        done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stderr, done.stdout

    def finds(self, *texts):
        """It fails, and says each of these."""
        code, wrong, out = self.check(*PENDING)
        assert code == 1, out
        for text in texts:
            assert text in wrong, wrong

    def is_clean(self):
        code, wrong, out = self.check(*PENDING)
        assert (code, wrong) == (0, ""), wrong
        assert ": 0 circles, 0 arrows against the order" in out


# lines of ORDER for which a small tree has nothing
PENDING = ("--pending", "C:line,Python:line,TypeScript:line,code:line")


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)
