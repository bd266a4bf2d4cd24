"""Names of Python modules in strings, of C, Python and TypeScript: each must be there."""

from __future__ import annotations

import re
from pathlib import Path

from layers.limits import code_files
from layers.read_python import Names


def unknown(root: Path, base: str, folders: list[str], others: set[str]) -> list[str]:
    """The strings that are names like "_carme.run.cells" and mean nothing."""
    package = Names(root / base)
    quoted = re.compile(rf"""["']({re.escape(package.package)}(?:\.[A-Za-z_]\w*)+)["']""")
    return [
        f"{path}:{number}: there is no {name}"
        for path in code_files(root, [f for f in folders if f != "tests"])
        for number, line in enumerate((root / path).read_text().splitlines(), 1)
        for name in quoted.findall(line)
        if name not in others and not package.has(name.partition(".")[2])
    ]
