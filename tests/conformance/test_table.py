"""The table tells of what differs, and of lists that are wrong."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from conformance.notebooks import normal, rows, viewing
from conformance.table import drawing, listed, sources
from conformance.table.listed import Listed
from conformance.table.row import Row

REFERENCE = {"a": "passed", "b": "passed", "c": "failed"}


def row(listed_lines: tuple[Listed, ...] = (), **carme: str) -> Row:
    """A row where Carme's outcomes are the reference's but for some."""
    return Row("suite", {**REFERENCE, **carme}, REFERENCE, listed_lines)


def test_nothing_differs() -> None:
    assert row().trouble() == row().differing() == []
    assert drawing.body(row())[0].split() == "suite | 2 / 1 / 0 | 2 / 1 / 0".split()


def test_what_is_worse_needs_a_reason() -> None:
    assert row(a="failed").trouble() == ["a: no reason is listed"]
    assert row(a="skipped").trouble() == ["a: no reason is listed"]
    known = (Listed("differs", "a", "on purpose"),)
    assert row(known, a="failed").trouble() == []
    assert "on purpose" in "\n".join(drawing.body(row(known, a="failed")))


def test_a_reason_in_vain_is_trouble() -> None:
    assert row((Listed("differs", "a", "no longer"),)).trouble() == [
        "a: listed, and does not differ"
    ]


def test_what_is_better_is_shown() -> None:
    assert row(c="passed").trouble() == []
    assert "c: passed, ipykernel failed" in "\n".join(drawing.body(row(c="passed")))


@pytest.mark.parametrize(
    "line", ["differs a", "differs  # reason", "unknown a  # reason", "a  # b"]
)
def test_a_line_has_kind_name_and_reason(line: str) -> None:
    with pytest.raises(ValueError, match="differs NAME"):
        listed.parse(line, ("differs",))


def test_packages_with_rows_are_found() -> None:
    assert {"kernel_test", "notebooks", "suites"} <= set(sources.packages())


def outputs(*made: Any) -> dict[str, viewing.View]:
    """The view of a notebook whose one cell has these outputs."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", id="one")])
    notebook.cells[0].outputs = [nbformat.v4.new_output(kind, **parts) for kind, parts in made]
    return viewing.views(notebook)


def test_what_cells_show_is_told_apart() -> None:
    text = ("stream", {"name": "stdout", "text": "a"})
    html = ("display_data", {"data": {"text/plain": "x", "text/html": "<b>x</b>"}})
    plain = ("display_data", {"data": {"text/plain": "x"}})
    error = ("error", {"ename": "E", "evalue": "v", "traceback": []})
    assert not viewing.differences(outputs(text, html), outputs(text, html))
    assert set(viewing.differences(outputs(text), outputs())) == {"one types", "one stdout"}
    assert set(viewing.differences(outputs(html), outputs(plain))) == {"one mime", "one data"}
    assert set(viewing.differences(outputs(error), outputs())) == {"one types", "one error"}
    assert viewing.differences(outputs(text, plain), outputs(plain, text))


def test_a_notebook_with_an_unlisted_difference_is_trouble() -> None:
    text = ("stream", {"name": "stdout", "text": "a"})
    made = rows.row("numpy", outputs(text), outputs(), ())
    assert "numpy/one stdout: no reason is listed" in made.trouble()


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
    assert normal.text(one) == normal.text(other) != one


def test_the_rest_stays() -> None:
    assert normal.text("x = 5") == "x = 5"
    assert normal.text("a" * 2000) != normal.text("a" * 1999 + "b")
