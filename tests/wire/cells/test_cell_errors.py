"""Errors of cells: what is said of them, where they point, and that the kernel goes on."""

from __future__ import annotations

import re

import pytest

from harness.cell import kinds, plain
from harness.client import Client


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("1/0", "ZeroDivisionError", "division by zero"),
        ("raise ValueError('ä', 1)", "ValueError", "('ä', 1)"),
        ("raise KeyError('k')", "KeyError", "'k'"),
        ("raise Exception", "Exception", ""),
        ("class Own(Exception): pass\nraise Own('o')", "Own", "o"),
        ("import nowhere_at_all", "ModuleNotFoundError", "No module named 'nowhere_at_all'"),
        ("assert False, 'no'", "AssertionError", "no"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
    ],
)
def test_error(client: Client, code: str, name: str, value: str) -> None:
    cell = client.execute(code)
    assert cell.error == name
    assert cell.reply.content["evalue"] == value
    assert name in cell.traceback
    assert kinds(cell.iopub) == ["busy", "execute_input", "error", "idle"]
    error = next(m for m in cell.iopub if m.type == "error")
    shown = {name: error.content[name] for name in ("ename", "evalue", "traceback")}
    assert shown.items() <= cell.reply.content.items()


def test_output_before_an_error_is_kept(client: Client) -> None:
    cell = client.execute("print('before')\n1/0\nprint('never')")
    assert cell.stdout == "before\n"
    assert kinds(cell.iopub)[2:] == ["stream", "error", "idle"]


def test_traceback_shows_lines_of_the_cell(client: Client) -> None:
    cell = client.execute("def broken(n):\n    return 10 // n\n\nbroken(0)  # here it is called")
    shown = plain(cell.traceback)
    assert "return 10 // n" in shown
    assert "broken(0)  # here it is called" in shown


def test_traceback_shows_lines_of_an_earlier_cell(client: Client) -> None:
    client.run("def from_before():\n    raise RuntimeError('deep')")
    client.run("def from_before_too():\n    from_before()")
    shown = plain(client.execute("from_before_too()").traceback)
    assert "raise RuntimeError('deep')" in shown
    assert "    from_before()" in shown


def test_traceback_has_no_frame_of_the_kernel(client: Client) -> None:
    shown = plain(client.execute("1/0").traceback)
    assert "exec(" not in shown
    assert "_carme" not in shown and "ipykernel/" not in shown


def test_traceback_tells_the_cause(client: Client) -> None:
    code = "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise ValueError('late') from e"
    shown = plain(client.execute(code).traceback)
    assert "ZeroDivisionError" in shown
    assert "direct cause" in shown
    assert shown.index("ZeroDivisionError") < shown.index("late")


def test_syntax_error_points_at_the_place(client: Client) -> None:
    cell = client.execute("a = 1\nb = = 2")
    assert cell.error == "SyntaxError"
    shown = plain(cell.traceback)
    assert "b = = 2" in shown
    assert "^" in shown


def test_syntax_error_runs_nothing(client: Client) -> None:
    client.run("ran = False")
    assert client.execute("ran = True\n)").error in ("SyntaxError",)
    assert client.run("ran").result == "False"


def test_sources_of_cells_are_found(client: Client) -> None:
    client.run("def documented():\n    'text'\n    return 1")
    code = "import inspect\nprint(inspect.getsource(documented))"
    assert "return 1" in client.run(code).stdout


def test_system_exit_is_an_error_and_the_kernel_stays(client: Client) -> None:
    cell = client.execute("raise SystemExit('bye')")
    assert cell.error == "SystemExit"
    lines = [re.sub("\x1b[^m]*m", "", line) for line in cell.reply.content["traceback"]]
    assert lines == [
        "An exception has occurred, use %tb to see the full traceback.\n",
        "SystemExit: bye\n",
    ]
    assert "raise SystemExit('bye')" not in cell.traceback
    lines = client.run("%tb").outputs[0].content["traceback"]
    assert "raise SystemExit('bye')" in re.sub("\x1b[^m]*m", "", "".join(lines))


def test_system_exit_without_a_value(client: Client) -> None:
    cell = client.execute("import sys\nsys.exit()")
    assert re.sub("\x1b[^m]*m", "", cell.traceback).endswith("\nSystemExit\n")


def test_deep_recursion_is_an_error(client: Client) -> None:
    cell = client.execute("def down(): down()\ndown()", timeout=30)
    assert cell.error == "RecursionError"


@pytest.mark.better("its reply tells the ename NoneType")
def test_failing_repr_is_an_error(client: Client) -> None:
    cell = client.execute("class Bad:\n    def __repr__(self): return 1/0\nBad()")
    assert cell.error == "ZeroDivisionError"


@pytest.mark.better("it publishes two errors")
def test_exception_whose_str_fails(client: Client) -> None:
    code = "class Worse(Exception):\n    def __str__(self): raise RuntimeError\nraise Worse"
    assert client.execute(code).error == "Worse"


def test_warnings_name_the_cell(client: Client) -> None:
    cell = client.run("import warnings\nwarnings.warn('take care')")
    assert "take care" in cell.stderr
