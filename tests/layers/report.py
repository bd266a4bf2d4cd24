"""All checks, and what they found in words."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from layers import limits, names, read_c, read_python, read_typescript
from layers.graph import Arrow, Sources, circles, knots
from layers.order import Order, Rules, lies_in, without_arrow, without_folder, without_line


class Finding(NamedTuple):
    """One thing that is wrong: of the language, its kind and the text."""

    language: str
    kind: str  # circle, order, leaf, users, modules, lines, header, line
    text: str


def of_circles(sources: Sources) -> list[Finding]:
    """Each set of modules that reach each other, with the arrows that tie it."""
    found: dict[frozenset[str], Finding] = {}
    for graph in sources.graphs:
        for knot in knots(graph):
            if frozenset(knot) not in found:
                text = describe_knot(graph, knot)
                found[frozenset(knot)] = Finding(sources.language, "circle", text)
    return list(found.values())


def describe_knot(graph: list[Arrow], knot: set[str]) -> str:
    """The names, then one circle after another."""
    lines = [f"circle of {len(knot)}: {' '.join(sorted(knot))}"]
    for circle in circles(graph, knot):
        lines.append(f"  {' -> '.join([a.source for a in circle] + [circle[0].source])}")
        lines += [f"    {arrow}" for arrow in circle]
    return "\n".join(lines)


def of_order(sources: Sources, order: Order) -> list[Finding]:
    """The arrows against the order, each with the two lines that forbid it."""
    return [
        Finding(
            sources.language,
            "order",
            f"{arrow}: against the order of layers: {order.explain(arrow)}",
        )
        for arrow in sources.arrows
        if not order.allows(arrow)
    ]


def of_users(sources: Sources, order: Order, rules: Rules) -> list[Finding]:
    """Modules with many users, and what leaves import."""
    asking = [f"{a}: a leaf imports leaves only" for a in limits.leaves_that_ask(sources, order)]
    users = [Finding(sources.language, "users", t) for t in limits.much_used(sources, order, rules)]
    return users + [Finding(sources.language, "leaf", text) for text in asking]


def of_sizes(root: Path, rules: Rules) -> list[Finding]:
    """Folders and files, those of tests apart."""
    files = limits.code_files(root, rules.code)
    texts = {
        "modules": limits.crowded_folders(files, rules),
        "lines": limits.long_files(root, files, rules),
        "line": limits.needless_tables(root, files, rules),
    }
    return [
        Finding("tests" if text.startswith("tests/") else "code", kind, text)
        for kind in texts
        for text in texts[kind]
    ]


def of_lines(sources: Sources, order: Order) -> list[Finding]:
    """Whether the order and the folders agree."""
    texts = [
        *(f"{name}: the order has no line for it" for name in without_line(order, sources)),
        *(f"{name}: in the order, not in the tree" for name in without_folder(order, sources)),
        *(f"{name}: an exception without an arrow" for name in without_arrow(order, sources)),
    ]
    return [Finding(sources.language, "line", text) for text in texts]


def of_headers(reader: read_c.Reader, order: Order) -> list[Finding]:
    """The headers of libraries that only some files may include."""
    return [
        Finding("C", "header", f"{file}:{line}: includes <{name}>: against the order of layers")
        for name, file, line in reader.foreign()
        for header, places in order.headers
        if name == header and not any(lies_in(file, place) for place in places)
    ]


def of_names(root: Path, rules: Rules) -> list[Finding]:
    """Names in strings that no module of the Python package has."""
    texts = names.unknown(root, rules.orders["Python"].base, rules.code, rules.names)
    return [Finding("Python", "name", text) for text in texts]


def read_all(root: Path, rules: Rules) -> tuple[list[Sources], list[Finding]]:
    """The three languages, and what only C can have."""
    c = rules.orders["C"]
    sources, reader = read_c.read(root, c.folders(), c.browser)
    python = read_python.read(root, rules.orders["Python"].base)
    typescript = read_typescript.read(root, rules.orders["TypeScript"].base)
    return [sources, python, typescript], of_headers(reader, c)


def check(root: Path, rules: Rules) -> tuple[list[Sources], list[Finding]]:
    """Everything."""
    read, findings = read_all(root, rules)
    for sources in read:
        order = rules.orders[sources.language]
        findings += of_circles(sources) + of_order(sources, order)
        findings += of_users(sources, order, rules) + of_lines(sources, order)
    return read, findings + of_sizes(root, rules) + of_names(root, rules)


def summary(read: list[Sources], findings: list[Finding]) -> str:
    """The last line."""
    first, *others = [f"{sources.language} {sources.count()}" for sources in read]
    circle = sum(finding.kind == "circle" for finding in findings)
    order = sum(finding.kind == "order" for finding in findings)
    rest = len(findings) - circle - order
    return (
        f"layers: {', '.join([first + ' files', *others])}: {circle} circles, "
        f"{order} arrows against the order" + (f", {rest} other findings" if rest else "")
    )
