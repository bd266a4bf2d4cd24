"""How large a folder and a file may be, and how many may use a module that is no leaf."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path

from layers.graph import Arrow, Sources
from layers.order import Order, Rules

CODE = (".c", ".h", ".py", ".ts", ".js", ".mjs", ".cjs")
FOREIGN = ("node_modules", "__pycache__")


def code_files(root: Path, folders: list[str]) -> list[str]:
    """All files of code under these folders."""
    found = []
    for folder in folders:
        for path, below, names in os.walk(root / folder):
            below[:] = sorted(name for name in below if name not in FOREIGN)
            found += [Path(path, name) for name in sorted(names) if name.endswith(CODE)]
    return [str(path.relative_to(root)) for path in found]


def crowded_folders(files: list[str], rules: Rules) -> list[str]:
    """The folders with too many modules."""
    modules = {path.rpartition(".")[0] for path in files if not path.endswith("/__init__.py")}
    counts = Counter(module.rpartition("/")[0] for module in modules)
    limit = rules.limits["modules"]
    return [
        f"{folder}: {count} modules; {limit} are allowed"
        for folder, count in sorted(counts.items())
        if count > limit
    ]


def count_long(root: Path, files: list[str], rules: Rules) -> dict[str, int]:
    """The lines of each file that has too many."""
    counts = {path: (root / path).read_bytes().count(b"\n") for path in files}
    return {path: count for path, count in counts.items() if count > rules.limits["lines"]}


def long_files(root: Path, files: list[str], rules: Rules) -> list[str]:
    """The files with too many lines that are no tables."""
    limit = rules.limits["lines"]
    return [
        f"{path}: {count} lines; {limit} are allowed"
        for path, count in count_long(root, files, rules).items()
        if path not in rules.tables
    ]


def needless_tables(root: Path, files: list[str], rules: Rules) -> list[str]:
    """The tables that are there no more, or are short enough."""
    needless = sorted(rules.tables - set(count_long(root, files, rules)))
    return [f"{path}: in the order as a table, but not a long file" for path in needless]


def much_used(sources: Sources, order: Order, rules: Rules) -> list[str]:
    """The modules with too many users that are no leaves."""
    users: dict[str, set[str]] = defaultdict(set)
    for arrow in sources.arrows:
        if arrow.source != arrow.target:
            users[arrow.target].add(arrow.source)
    limit = rules.limits["users"]
    return [
        f"{sources.files[name][0]}: {len(by)} modules use it and it is no leaf; {limit} are allowed"
        for name, by in sorted(users.items())
        if len(by) > limit and not order.is_leaf(name)
    ]


def leaves_that_ask(sources: Sources, order: Order) -> list[Arrow]:
    """The arrows of leaves to what is none."""
    return [a for a in sources.arrows if order.is_leaf(a.source) and not order.is_leaf(a.target)]
