"""The metrics, their units and limits, and the table of their medians."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

Samples = dict[str, dict[str, list[float]]]  # column, metric's key, one value per measurement
REFERENCE = "ipykernel"
CARME = "carme"


@dataclass(frozen=True)
class Metric:
    """A row. `limit`: of the ratio to ipykernel; `most`: of Carme's own value."""

    key: str
    title: str
    unit: str  # ms, MB, x, /s or nothing; times are measured in seconds
    limit: float | None = None
    most: float | None = None


# Limits: what the project has set itself for its first release
METRICS = (
    Metric("info", "start to kernel_info_reply", "ms"),
    Metric("result", "start to result of 1+1", "ms", limit=0.25),
    Metric("cpu", "CPU until that result", "ms"),
    Metric("execute", "execute `pass`, reply and idle", "ms", limit=0.10),
    Metric("raw", "execute `pass`, raw frames, reply", "ms", limit=0.10),
    Metric("kernel_info", "kernel_info", "ms"),
    Metric("control", "control while a cell is busy", "ms"),
    Metric("input", "input()", "ms"),
    Metric("prints 20k", "20,000 prints, lines", "/s"),
    Metric("prints 200k", "200,000 prints, lines", "/s"),
    Metric("write 50M", "one write of 50 MB, MB", "/s"),
    Metric("displays", "2,000 display_data of 1 KB", "/s"),
    Metric("large display", "display_data of 20 MB", "ms"),
    Metric("complete cold", "complete `imp`, first", "ms"),
    Metric("complete", "complete `imp`, again", "ms"),
    Metric("inspect cold", "inspect `json.dumps`, first", "ms"),
    Metric("inspect", "inspect `json.dumps`, again", "ms"),
    Metric("interrupt loop", "interrupt a loop", "ms"),
    Metric("interrupt sleep", "interrupt time.sleep", "ms"),
    Metric("interrupt await", "interrupt an await", "ms"),
    Metric("rss", "idle RSS", "MB", limit=0.40),
    Metric("pss", "idle PSS", "MB"),
    Metric("rss after", "RSS after all of this", "MB"),
    Metric("threads", "threads", ""),
    Metric("wakeups", "idle wake-ups", "/s", most=0),
    Metric("wakeups after", "idle wake-ups after all of this", "/s", most=0),
    Metric("shutdown", "shutdown", "ms"),
    Metric("user loop", "user's loop against plain python", "x"),
)


def shown(value: float, unit: str) -> str:
    """A value with its unit; three digits or more."""
    if math.isinf(value):
        return "lost"
    value *= 1000 if unit == "ms" else 1
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    number = f"{value:,.{digits}f}"
    return f"{number} {unit}".strip() if unit != "/s" else f"{number}/s"


def ratio(metric: Metric, mine: float, other: float) -> float | None:
    """Mine as a part of the other's; None where that says nothing."""
    if other == 0 or math.isinf(mine) or math.isinf(other):
        return None
    return mine / other


def verdict(metric: Metric, mine: float, part: float | None) -> str:
    """Yes or no for a metric with a limit."""
    if metric.most is not None:
        return "yes" if mine <= metric.most else "NO"
    if metric.limit is None or part is None:
        return ""
    return "yes" if part <= metric.limit else "NO"


def limit(metric: Metric) -> str:
    """The limit's text."""
    if metric.most is not None:
        return shown(metric.most, metric.unit)
    return "" if metric.limit is None else f"{metric.limit:.2f}"


def row(metric: Metric, medians: dict[str, float]) -> list[str]:
    """The cells of one metric; the first column's ratio and verdict."""
    part = ratio(metric, medians[CARME], medians[REFERENCE])
    return [
        metric.title,
        *(shown(value, metric.unit) for value in medians.values()),
        "" if part is None else f"{part:.3f}" if part < 0.1 else f"{part:.2f}",
        limit(metric),
        verdict(metric, medians[CARME], part),
    ]


def medians_of(samples: Samples, key: str) -> dict[str, float]:
    """The median of one metric for each column."""
    return {name: statistics.median(values[key]) for name, values in samples.items()}


def others(samples: Samples) -> list[str]:
    """A line for each limit that a further column of Carme's misses."""
    lines = []
    for metric in METRICS:
        medians = medians_of(samples, metric.key)
        for name in medians:
            part = ratio(metric, medians[name], medians[REFERENCE])
            if name in (CARME, REFERENCE) or verdict(metric, medians[name], part) != "NO":
                continue
            lines.append(f"{name}: {metric.title}: {shown(medians[name], metric.unit)} is over")
    return lines


def render(samples: Samples) -> str:
    """The whole table as text."""
    rows = [["metric", *samples, "ratio", "limit", "ok"]]
    rows += [row(metric, medians_of(samples, metric.key)) for metric in METRICS]
    widths = [max(len(cells[at]) for cells in rows) for at in range(len(rows[0]))]
    lines = []
    for cells in rows:
        first = cells[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        lines.append(" | ".join([first, *rest]))
    lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join([*lines, *others(samples)])
