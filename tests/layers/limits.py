"""How large a folder, a file and the circle of a module's users may be."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from layers.graph import Arrow, Sources
from layers.order import Order, Rules


def crowded_folders(sources: Sources, rules: Rules) -> list[str]:
    """The folders with too many modules."""
    counts = Counter(module.rpartition("/")[0] or "." for module in sources.files)
    limit = rules.limits["modules"]
    return [
        f"{name_folder(sources, folder)}: {count} modules; {limit} are allowed"
        for folder, count in sorted(counts.items())
        if count > limit
    ]


def name_folder(sources: Sources, folder: str) -> str:
    """From the root."""
    return "/".join(part for part in (sources.base, folder) if part not in ("", "."))


def long_files(root: Path, sources: Sources, rules: Rules) -> list[str]:
    """The files with too many lines that are no tables."""
    found = []
    limit = rules.limits["lines"]
    for path in sorted(path for paths in sources.files.values() for path in paths):
        count = (root / path).read_bytes().count(b"\n")
        if count > limit and path not in rules.tables:
            found.append(f"{path}: {count} lines; {limit} are allowed")
    return found


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
