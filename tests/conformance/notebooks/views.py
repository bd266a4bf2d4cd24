"""A cell's outputs by aspects, in each of which two kernels agree or differ."""

from __future__ import annotations

from collections import Counter
from typing import Any

from conformance.notebooks import normalized

# of a cell: types, mime, stdout, stderr, data, metadata, error; what is empty is left out
View = dict[str, Any]
WIDGETS = "application/vnd.jupyter.widget-state+json"
WHOLE = "(widgets)"  # takes the place of a cell's id


def views(notebook: Any) -> dict[str, View]:
    """The views of all cells by their ids, and the widgets that are left."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = {cell.id: view(cell.outputs) for cell in code}
    models = notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
    names = Counter(model["model_name"] for model in models.values())
    return {**found, WHOLE: {"models": dict(sorted(names.items()))} if names else {}}


def view(outputs: list[Any]) -> View:
    """The aspects of one cell's outputs."""
    bundles = [each for each in outputs if "data" in each]
    errors = [each for each in outputs if each.output_type == "error"]
    made = {
        "types": types(outputs),
        "mime": [sorted(each.data) for each in bundles],
        "stdout": stream(outputs, "stdout"),
        "stderr": stream(outputs, "stderr"),
        "data": [{m: normalized.value(m, v) for m, v in each.data.items()} for each in bundles],
        "metadata": [each.metadata for each in bundles if each.metadata],
        "error": [[each.ename, normalized.text(each.evalue)] for each in errors],
    }
    return {aspect: seen for aspect, seen in made.items() if seen}


def stream(outputs: list[Any], name: str) -> str:
    """All that came on one stream."""
    return normalized.text("".join(each.text for each in outputs if each.get("name") == name))


def types(outputs: list[Any]) -> list[str]:
    """
    The types in their order, a run of one stream as one.

    Where a cell writes to both streams they come first: ipykernel keeps no order between the two.
    """
    both = {each.name for each in outputs if each.output_type == "stream"} == {"stdout", "stderr"}
    kinds = ["stderr", "stdout"] if both else []
    for each in outputs:
        kind = each.get("name", each.output_type)
        repeated = each.output_type == "stream" and (both or kinds[-1:] == [kind])
        if not repeated:
            kinds.append(kind)
    return kinds


def differences(found: dict[str, View], expected: dict[str, View]) -> dict[str, tuple[Any, Any]]:
    """What is not the same, by `cell aspect`: (found, expected)."""
    differ = {}
    for cell in {**expected, **found}:
        here, there = found.get(cell, {}), expected.get(cell, {})
        for aspect in {**there, **here}:
            pair = here.get(aspect), there.get(aspect)
            if pair[0] != pair[1]:
                differ[f"{cell} {aspect}"] = pair
    return differ
