"""Which TypeScript module imports which.

`import type` and `export type` do not count: nothing of them is left when the program runs. Nor
does the address of a worker's file: that is another program.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from layers.graph import Arrow, Sources

COMMENT = re.compile(
    r"//[^\n]*|/\*.*?\*/|('(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`)", re.S
)
IMPORT = re.compile(
    r"(?:^|;)[ \t]*(?:import|export)\b(?P<clause>[^'\";=()]*?)(?:\bfrom\s*)?['\"](?P<from>[^'\"]+)['\"]"
    r"|\b(?:import|require)\s*\(\s*['\"](?P<call>[^'\"]+)['\"]",
    re.M,
)


def without_comments(text: str) -> str:
    """The same lines."""
    return COMMENT.sub(lambda m: m[0] if m[1] else " " + "\n" * m[0].count("\n"), text)


def is_type_only(clause: str) -> bool:
    """`type X`, or braces in which each name has its own `type`."""
    clause = clause.strip()
    if clause.startswith("type ") or clause.startswith("type{"):
        return True
    names = [name.strip() for name in clause.strip("{} \n").split(",") if name.strip()]
    return clause.startswith("{") and bool(names) and all(n.startswith("type ") for n in names)


def resolve(module: str, name: str, modules: dict[str, str]) -> str | None:
    """The module that a relative name means, or None."""
    if not name.startswith("."):
        return None
    parts: list[str] = []
    for part in (PurePosixPath(module).parent / name).parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    path = "/".join(parts)
    candidates = (path, re.sub(r"\.(js|ts)$", "", path), path + "/index")
    return next((each for each in candidates if each in modules), None)


def visit_file(module: str, text: str, modules: dict[str, str]) -> list[Arrow]:
    """The arrows of one module."""
    found = []
    text = without_comments(text)
    for match in IMPORT.finditer(text):
        target = resolve(module, match["from"] or match["call"], modules)
        if target and target != module and not is_type_only(match["clause"] or ""):
            line = text.count("\n", 0, match.start("from" if match["from"] else "call")) + 1
            found.append(Arrow(module, target, modules[module], line, "imports"))
    return found


def read(root: Path, base: str) -> Sources:
    """The TypeScript of a tree."""
    folder = root / base
    paths = sorted(p for p in folder.rglob("*.ts") if not p.name.endswith(".d.ts"))
    modules = {str(p.relative_to(folder))[:-3]: str(p.relative_to(root)) for p in paths}
    sources = Sources("TypeScript", base, {name: [path] for name, path in modules.items()})
    for module, path in modules.items():
        sources.arrows += visit_file(module, (root / path).read_text(), modules)
    sources.graphs = [sources.arrows]
    return sources
