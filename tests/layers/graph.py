"""Arrows between modules, and the circles they make."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple


class Arrow(NamedTuple):
    """`source` needs `target`: the names of two modules, and where that is written."""

    source: str
    target: str
    file: str  # whose line it is
    line: int
    verb: str  # "imports", "includes", "calls kernel_lock in"
    through: str = ""  # the header that a C arrow goes by

    def __str__(self) -> str:
        """As a compiler writes it, so that editors find the line."""
        return f"{self.file}:{self.line}: {self.source} {self.verb} {self.target}"


@dataclass
class Sources:
    """What was read of one language."""

    language: str
    base: str  # the folder that the names of its modules start from
    files: dict[str, list[str]] = field(default_factory=dict)  # by module, from the root
    arrows: list[Arrow] = field(default_factory=list)
    graphs: list[list[Arrow]] = field(default_factory=list)  # each must be without circles

    def count(self) -> int:
        """Of files."""
        return sum(len(files) for files in self.files.values())


Neighbours = dict[str, dict[str, Arrow]]


def neighbours(arrows: list[Arrow]) -> Neighbours:
    """By source and target, the first arrow between the two."""
    found: Neighbours = defaultdict(dict)
    for arrow in arrows:
        if arrow.source != arrow.target:
            found[arrow.source].setdefault(arrow.target, arrow)
    return found


def shortest_way(graph: Neighbours, start: str, end: str, within: set[str]) -> list[Arrow]:
    """The arrows from one module to another; none when there is no way."""
    came: dict[str, Arrow] = {}
    queue = [start]
    for name in queue:
        for target, arrow in graph.get(name, {}).items():
            if target in within and target not in came:
                came[target] = arrow
                queue.append(target)
        if end in came:
            break
    way: list[Arrow] = []
    while end in came and (not way or way[0].source != start):
        way.insert(0, came[way[0].source if way else end])
    return way


def reached(graph: Neighbours, start: str, within: set[str]) -> set[str]:
    """All that can be reached by at least one arrow."""
    found: set[str] = set()
    queue = [start]
    while queue:
        new = [t for t in graph.get(queue.pop(), {}) if t in within and t not in found]
        found.update(new)
        queue.extend(new)
    return found


def knots(arrows: list[Arrow]) -> list[set[str]]:
    """The sets of modules that reach each other, largest first."""
    graph = neighbours(arrows)
    rest = {*graph, *(target for targets in graph.values() for target in targets)}
    backwards = neighbours([a._replace(source=a.target, target=a.source) for a in arrows])
    found = []
    while rest:
        start = min(rest)
        knot = reached(graph, start, rest) & reached(backwards, start, rest)
        if knot:
            found.append(knot)
        rest -= knot | {start}
    return sorted(found, key=len, reverse=True)


def shortest_circle(graph: Neighbours, knot: set[str]) -> list[Arrow]:
    """The arrows of one of the shortest circles among these modules."""
    ways = (shortest_way(graph, name, name, knot) for name in sorted(knot))
    return min((way for way in ways if way), key=len, default=[])


def circles(arrows: list[Arrow], knot: set[str]) -> list[list[Arrow]]:
    """Circles that tie a knot: with the last arrow of each taken out, it is open."""
    graph = neighbours([a for a in arrows if a.source in knot and a.target in knot])
    found = []
    while circle := shortest_circle(graph, knot):
        found.append(circle)
        last = lightest(graph, circle)
        del graph[last.source][last.target]
    return found


def lightest(graph: Neighbours, circle: list[Arrow]) -> Arrow:
    """The arrow whose source is used by most and uses the fewest: the one that points up."""
    users: dict[str, int] = defaultdict(int)
    for targets in graph.values():
        for target in targets:
            users[target] += 1
    return max(circle, key=lambda a: users[a.source] - len(graph[a.source]))
