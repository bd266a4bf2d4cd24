"""The table tells of what differs, and of lists that are wrong."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from conformance.notebooks import normalized, rows, views
from conformance.table import lines, listed, packages
from conformance.table.listed import Listed
from conformance.table.row import Row

REFERENCE = {"a": "passed", "b": "passed", "c": "failed"}


def row(listed_lines: tuple[Listed, ...] = (), **carme: str) -> Row:
    """A row where Carme's outcomes are the reference's but for some."""
    return Row("suite", {**REFERENCE, **carme}, REFERENCE, listed_lines)


def test_nothing_differs() -> None:
    assert row().problems() == row().differing() == []
    assert lines.body(row())[0].split() == "suite | 2 / 1 / 0 | 2 / 1 / 0".split()


def test_what_is_worse_needs_a_reason() -> None:
    assert row(a="failed").problems() == ["a: no reason is listed"]
    assert row(a="skipped").problems() == ["a: no reason is listed"]
    known = (Listed("differs", "a", "on purpose"),)
    assert row(known, a="failed").problems() == []
    assert "on purpose" in "\n".join(lines.body(row(known, a="failed")))


def test_a_reason_in_vain_is_a_problem() -> None:
    assert row((Listed("differs", "a", "no longer"),)).problems() == [
        "a: listed, and does not differ"
    ]


def test_what_is_better_is_shown() -> None:
    assert row(c="passed").problems() == []
    assert "c: passed, ipykernel failed" in "\n".join(lines.body(row(c="passed")))


@pytest.mark.parametrize(
    "line", ["differs a", "differs  # reason", "unknown a  # reason", "a  # b"]
)
def test_a_line_has_kind_name_and_reason(line: str) -> None:
    with pytest.raises(ValueError, match="differs NAME"):
        listed.parse(line, ("differs",))


def test_packages_with_rows_are_found() -> None:
    assert {"kernel_test", "notebooks", "suites"} <= set(packages.packages())


def outputs(*made: Any) -> dict[str, views.View]:
    """The view of a notebook whose one cell has these outputs."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", id="one")])
    notebook.cells[0].outputs = [nbformat.v4.new_output(kind, **parts) for kind, parts in made]
    return views.views(notebook)


def test_what_cells_show_is_told_apart() -> None:
    text = ("stream", {"name": "stdout", "text": "a"})
    html = ("display_data", {"data": {"text/plain": "x", "text/html": "<b>x</b>"}})
    plain = ("display_data", {"data": {"text/plain": "x"}})
    error = ("error", {"ename": "E", "evalue": "v", "traceback": []})
    assert not views.differences(outputs(text, html), outputs(text, html))
    assert set(views.differences(outputs(text), outputs())) == {"one types", "one stdout"}
    assert set(views.differences(outputs(html), outputs(plain))) == {"one mime", "one data"}
    assert set(views.differences(outputs(error), outputs())) == {"one types", "one error"}
    assert views.differences(outputs(text, plain), outputs(plain, text))


def test_a_notebook_with_an_unlisted_difference_is_a_problem() -> None:
    text = ("stream", {"name": "stdout", "text": "a"})
    made = rows.row("numpy", outputs(text), outputs(), ())
    assert "numpy/one stdout: no reason is listed" in made.problems()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<A at 0x7f0011223344>", "<A at 0x55aabbccddee>"),
        ('File "/tmp/ipykernel_7/123.py", line 1', 'File "<ipython-input-12-ab>", line 1'),
        ("5.2 μs ± 20 ns per loop", "1e+03 ns ± 3.1 ms per loop"),
        ("/a/build/env/x/lib/python3.11/site-packages/m.py", "/b/build/env/y/lib/python3.11/site-packages/m.py"),
        ("id 0123456789abcdef0123456789abcdef", "id fedcba9876543210fedcba9876543210"),
    ],
)  # fmt: skip
def test_what_no_two_runs_share_is_taken_out(one: str, other: str) -> None:
    assert normalized.text(one) == normalized.text(other) != one


def test_the_rest_stays() -> None:
    assert normalized.text("x = 5") == "x = 5"
    assert normalized.text("a" * 2000) != normalized.text("a" * 1999 + "b")
