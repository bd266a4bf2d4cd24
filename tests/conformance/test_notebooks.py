"""Notebooks show under Carme what they show under ipykernel: what ipykernel shows is recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.notebooks import recorded
from conformance.notebooks.executing import executed, names
from conformance.notebooks.rows import LIST, known
from conformance.notebooks.views import differences, views
from conformance.table import listed
from harness.kernels import IS_CARME, KIND


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", names())
def test_same_as_ipykernel(name: str, tmp_path: Path) -> None:
    """What differs is what the list says, no more and no less."""
    found = recorded.as_kept(views(executed(name, KIND, tmp_path)))
    differ = differences(found, recorded.expected(name))
    expected = {each.name.partition("/")[2] for each in known(name)} if IS_CARME else set()
    wrong = {each: pair for each, pair in differ.items() if each not in expected}
    told = [f"--- {each}\nfound: {a}\nipykernel: {b}" for each, (a, b) in wrong.items()]
    assert not told, "\n".join(told)
    assert not expected - set(differ), "listed, and does not differ"


def test_the_list_speaks_of_notebooks() -> None:
    known_names = tuple(f"{name}/" for name in names())
    assert all(each.name.startswith(known_names) for each in listed.read(LIST, ("differs",)))


def test_notebooks_are_worth_it() -> None:
    """The records show outputs of every type, widgets and pictures."""
    views_of_all = [view for name in names() for view in recorded.expected(name).values()]
    seen = {kind for view in views_of_all for kind in view.get("types", [])}
    mimes = {mime for view in views_of_all for each in view.get("mime", []) for mime in each}
    assert seen == {"stdout", "stderr", "display_data", "execute_result", "error"}
    assert mimes >= {"text/html", "text/latex", "image/png", "image/svg+xml", "image/jpeg"}
    assert "application/vnd.jupyter.widget-view+json" in mimes
    assert sum("types" in view for view in views_of_all) > 200
