"""
Checks an executed notebook against what its cells promise, and prints what each has shown.

    check.py EXECUTED.ipynb PAGE.html

A code cell's metadata say under "demo": `what` it shows, the `mime` type of one of its outputs
(text/plain also stands for printed text), and the texts that must be among its outputs (`says`).
The page must have a picture of the same type, or the same texts.
"""

from __future__ import annotations

import html
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WIDTH = 58  # of a line in the summary


class CheckFailed(Exception):
    """A cell that has not shown what it promises."""


@dataclass
class Outputs:
    """The outputs of a cell: texts by mime type, those of one type joined."""

    texts: dict[str, str]

    @staticmethod
    def of(cell: dict[str, Any]) -> Outputs:
        """Raises CheckFailed for an error among the outputs."""
        texts: dict[str, str] = {}
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                raise CheckFailed(f"{output['ename']}: {output['evalue']}")
            data = output.get("data") or {"text/plain": output["text"]}
            for mime, text in data.items():
                texts[mime] = texts.get(mime, "") + "".join(text)
        return Outputs(texts)

    def check(self, mime: str, says: list[str]) -> None:
        """Raises CheckFailed when the promised type or one of the texts is not there."""
        if mime not in self.texts:
            raise CheckFailed(f"no {mime} among {sorted(self.texts)}")
        everything = "\n".join(self.texts.values())
        for text in says:
            if text not in everything:
                raise CheckFailed(f"{text!r} is not in {everything!r}")

    def expected_in_page(self, mime: str) -> list[str]:
        """What a page that shows this type must have in it, character references resolved."""
        if mime.startswith("image/"):
            return [f"data:{mime};base64,"]
        if mime == "text/html":
            return [part.strip() for part in re.findall(r">([^<>]*\S[^<>]*)<", self.texts[mime])]
        return self.texts[mime].splitlines()

    def summary(self, mime: str) -> str:
        """One short line."""
        if mime.startswith("image/"):
            return f"{mime}, {len(self.texts[mime]):,} characters"
        lines = self.texts["text/plain"].splitlines()
        line = next((line for line in lines if line.strip()), "")
        short = line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
        return short if len(lines) == 1 else f"{short}  (+{len(lines) - 1} lines)"


def check_cell(cell: dict[str, Any], page: str) -> str:
    """The cell's line of the summary. Raises CheckFailed."""
    promise = cell["metadata"]["demo"]
    if not isinstance(cell["execution_count"], int):
        raise CheckFailed("was not executed")
    outputs = Outputs.of(cell)
    outputs.check(promise["mime"], promise.get("says", []))
    for part in outputs.expected_in_page(promise["mime"]):
        if part not in page:
            raise CheckFailed(f"the page has not {part!r}")
    return (
        f"  [{cell['execution_count']:>2}] {promise['what']:24} {outputs.summary(promise['mime'])}"
    )


def check(notebook: Path, page: Path) -> list[str]:
    """The summary's lines. Raises CheckFailed, with the cell's name in front."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = html.unescape(page.read_text(encoding="utf-8"))
    lines = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        try:
            lines.append(check_cell(cell, text))
        except CheckFailed as failed:
            raise CheckFailed(f"cell {cell['id']!r}: {failed}") from None
    if not lines:
        raise CheckFailed("a notebook without code")
    return lines


def main() -> None:
    """Ends with 1 and one line when a cell has not shown what it promises."""
    notebook, page = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        lines = check(notebook, page)
    except CheckFailed as failed:
        sys.exit(f"demo: {failed}")
    print("\n".join(lines))
    print(f"demo: {len(lines)} cells, none failed. Look at it: {page}")


if __name__ == "__main__":
    main()
