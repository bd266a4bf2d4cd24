"""%time, %timeit and %prun as IPython has them: public reports.

Source: ipython/ipython#1923, #10636, #15312; IPython's documentation, IPython.core.magics.execution.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.client import Client

pytestmark = pytest.mark.one_python


@pytest.fixture
def folder(client: Client, tmp_path: Path) -> Path:
    """A directory of the test's own, in which the kernel is."""
    client.run(f"import os; os.chdir({str(tmp_path)!r})")
    return tmp_path


@pytest.mark.parametrize(
    "code",
    [
        "%%timeit -n1 -r1 -q\nx = '''a\n  b\n'''\nassert x == 'a\\n  b\\n'",
        "%%timeit -n1 -r1 -q\n    x = 1\n    y = 2\n",
        "%%timeit -n1 -r1 -q x = 2\nif x:\n    assert x == 2",
        "%%timeit -n1 -r1 -q\n# nothing but a comment\npass",
        "%timeit -n1 -r1 -q made = %pwd",
        "%timeit -n1 -r1 -q %pwd",
        "%%timeit -n1 -r1 -q\nmade = !echo a\nassert made == ['a']",
        "%%timeit -n1 -r1 -q place = %pwd\nassert place",
        "for _ in range(2):\n    %timeit -n1 -r1 -q -c pass\n    %timeit -n1 -r1 -q -t pass",
    ],
)
def test_what_can_be_timed(client: Client, code: str) -> None:
    cell = client.execute(code)
    assert (cell.status, cell.stdout, cell.stderr) == ("ok", "", "")


@pytest.mark.parametrize("code", ["return", "break", "a b", "x = ="])
def test_a_wrong_statement_is_wrong_by_itself(client: Client, code: str) -> None:
    cell = client.execute(f"%timeit -n1 -r1 {code}")
    assert cell.error == "SyntaxError"
    assert "line 1" in cell.reply.content["evalue"]


def test_the_result_under_a_name(client: Client) -> None:
    client.run("%timeit -n 3 -r 2 -q -v kept pass")
    assert client.run("kept.loops, kept.repeat, len(kept.timings)").result == "(3, 2, 2)"


def test_time_and_a_statement_behind_it(client: Client) -> None:
    cell = client.execute("%%time x = 1\nx")
    assert "Can't use statement directly after '%%time'!" in cell.reply.content["evalue"]
    assert client.run("%time --no-raise-error 1/0").status == "ok"


def test_prun_keeps_what_it_is_told_to(client: Client, folder: Path) -> None:
    cell = client.run("%prun -q -T made.txt -D made.prof sum(range(10))")
    assert cell.stdout == (
        " \n*** Profile stats marshalled to file 'made.prof'.\n"
        "\n*** Profile printout saved to text file 'made.txt'.\n"
    )
    assert not cell.reply.content["payload"]
    assert "function calls" in (folder / "made.txt").read_text()
    assert client.run("import pstats; pstats.Stats('made.prof').total_calls > 0").result == "True"


def test_prun_says_how_it_was_reduced(client: Client) -> None:
    client.run("def f():\n    for i in range(10):\n        len('a')")
    (page,) = client.run("%prun -s name -s time -l 3 -l len f()").reply.content["payload"]
    text = page["data"]["text/plain"]
    assert "14 function calls" in text
    assert "Ordered by: function name, internal time" in text
    assert "List reduced from 5 to 3 due to restriction <3>" in text


def test_prun_of_what_leaves(client: Client) -> None:
    cell = client.run("%prun -q raise SystemExit(2)")
    assert cell.stdout == "*** SystemExit exception caught in code being profiled. "
    assert client.execute("%prun -q 1/0").error == "ZeroDivisionError"
    assert client.run("%prun -q -r pass").result.startswith("<pstats.Stats")
