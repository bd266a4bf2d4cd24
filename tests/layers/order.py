"""The order of the layers, as order.txt states it; which arrows point against it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from layers.graph import Arrow, Sources

SECTION = re.compile(r"\[(\w+)(?: +(\S+))?\]$")
LINE = re.compile(r"(?P<name>\S+?)(?P<leaf>, leaf)?(?:, only (?P<only>[^:]+))?: (?P<why>.+)$")


class Unreadable(Exception):
    """A line of the order that means nothing."""


@dataclass
class Layer:
    """A line: a folder or a module, and whom it may import."""

    name: str
    place: int
    leaf: bool
    only: set[str] | None  # of the lines above; None: each of them


@dataclass
class Order:
    """One section of the file."""

    language: str
    base: str
    layers: dict[str, Layer] = field(default_factory=dict)
    leaves: set[str] = field(default_factory=set)
    exceptions: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, list[str]]] = field(default_factory=list)
    browser: list[str] = field(default_factory=list)

    def layer(self, module: str) -> Layer | None:
        """The line of a module: its own, or that of the nearest folder."""
        while module and module not in self.layers:
            module = module.rpartition("/")[0]
        return self.layers.get(module or ".")

    def is_leaf(self, module: str) -> bool:
        """Whether all may import it."""
        layer = self.layer(module)
        return module in self.leaves or layer is not None and layer.leaf

    def allows(self, arrow: Arrow) -> bool:
        """Whether an arrow points left, or is named as an exception."""
        source, target = self.layer(arrow.source), self.layer(arrow.target)
        if source is target or source is None or target is None:
            return True
        free = target.place < source.place and (source.only is None or target.name in source.only)
        return free or any(covers(a, b, arrow) for a, b in self.exceptions)

    def explain(self, arrow: Arrow) -> str:
        """Why an arrow is not allowed."""
        source, target = self.layer(arrow.source), self.layer(arrow.target)
        assert source and target
        if target.place > source.place:
            return f"{target.name} comes after {source.name}"
        return f"{source.name} may import only {' '.join(sorted(source.only or ()))}"

    def folders(self) -> list[str]:
        """The topmost folders of all lines."""
        return sorted({name.partition("/")[0] for name in self.layers})


def covers(source: str, target: str, arrow: Arrow) -> bool:
    """Whether an exception is about this arrow: it names modules, folders or a header."""
    return lies_in(arrow.source, source) and (
        lies_in(arrow.target, target) or arrow.through == target
    )


def lies_in(module: str, name: str) -> bool:
    """Whether it is that module, or in that folder."""
    return module == name or module.startswith(name + "/")


@dataclass
class Rules:
    """The whole file."""

    orders: dict[str, Order] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    code: list[str] = field(default_factory=list)  # the folders whose sizes count
    names: set[str] = field(default_factory=set)  # of the Python package, but no module's
    limits: dict[str, int] = field(default_factory=dict)


def statements(text: str) -> list[tuple[int, str]]:
    """The lines that say something; an indented one goes on with the one before."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(" ") and found and line.strip():
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        elif line.strip() and not line.startswith("#"):
            found.append((number, line.strip()))
    return found


def read_order(path: Path) -> Rules:
    """order.txt."""
    rules = Rules()
    order: Order | None = None
    for number, line in statements(path.read_text()):
        section = SECTION.match(line)
        if section:
            order = rules.orders[section[1]] = Order(section[1], section[2] or "")
        elif order is None or not (read_rule(rules, order, line) or read_layer(order, line)):
            raise Unreadable(f"{path}:{number}: not understood: {line}")
    return rules


Reader = Callable[[Rules, Order, "re.Match[str]"], None]
RULES: list[tuple[re.Pattern[str], Reader]] = [
    (
        re.compile(r"leaf (\S+): .+$"),
        lambda rules, order, found: order.leaves.add(found[1]),
    ),
    (
        re.compile(r"except (\S+) -> (\S+): .+$"),
        lambda rules, order, found: order.exceptions.append((found[1], found[2])),
    ),
    (
        re.compile(r"<(\S+)> in (.+?): .+$"),
        lambda rules, order, found: order.headers.append((found[1], found[2].split())),
    ),
    (
        re.compile(r"browser (.+?): .+$"),
        lambda rules, order, found: order.browser.extend(found[1].split()),
    ),
    (
        re.compile(r"table (\S+): .+$"),
        lambda rules, order, found: rules.tables.add(found[1]),
    ),
    (
        re.compile(r"name (\S+): .+$"),
        lambda rules, order, found: rules.names.add(found[1]),
    ),
    (
        re.compile(r"code in (.+)$"),
        lambda rules, order, found: rules.code.extend(found[1].split()),
    ),
    (
        re.compile(r"at most (\d+) (modules|lines|users)\b.*$"),
        lambda rules, order, found: rules.limits.update({found[2]: int(found[1])}),
    ),
]


def read_rule(rules: Rules, order: Order, line: str) -> bool:
    """What begins with a word of its own."""
    for pattern, read in RULES:
        found = pattern.match(line)
        if found:
            read(rules, order, found)
            return True
    return False


def read_layer(order: Order, line: str) -> bool:
    """A folder or a module."""
    match = LINE.match(line)
    if not match or match["name"] in order.layers:
        return False
    only = set(match["only"].split()) if match["only"] else None
    if only and not only <= set(order.layers):
        return False
    layer = Layer(match["name"], len(order.layers), bool(match["leaf"]), only)
    order.layers[layer.name] = layer
    return True


def without_line(order: Order, sources: Sources) -> list[str]:
    """The folders that the order does not name."""
    folders = {module.rpartition("/")[0] or "." for module in sources.files}
    return sorted(f for f in folders if f not in order.layers)


def without_arrow(order: Order, sources: Sources) -> list[str]:
    """The exceptions that nothing needs."""
    return [
        f"{source} -> {target}"
        for source, target in order.exceptions
        if not any(covers(source, target, arrow) for arrow in sources.arrows)
    ]


def without_folder(order: Order, sources: Sources) -> list[str]:
    """The lines that name nothing."""
    names = {*order.layers, *order.leaves} - {"."}
    files = {file for files in sources.files.values() for file in files}
    return sorted(
        n for n in names if n not in files and not any(lies_in(m, n) for m in sources.files)
    )
