"""Matches of a completion, and what complete_reply tells of each.

Source: "Messaging in Jupyter", "Completion"; IPython's "_jupyter_types_experimental".
"""

import time

from _carme.help import object_kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_MOST_SIGNATURES = 200


class Match:
    """One completion: the text to insert, its kind, and its value and signature if known."""

    __slots__ = ("kind", "signature", "text", "value")

    def __init__(
        self, text: str, kind: str, value: Any = object_kinds.MISSING, signature: str = ""
    ) -> None:
        self.text = text
        self.kind = kind
        self.value = value
        self.signature = signature


class Completions:
    """Completions that replace the text from `start` to the cursor."""

    __slots__ = ("matches", "start")

    def __init__(self, start: int, matches: Iterable[Match] = ()) -> None:
        self.start = start
        self.matches = list(matches)


def types(found: Completions, start: int, cursor: int, deadline: float) -> list[dict[str, Any]]:
    """Return the metadata of the matches; no more signatures are computed after the deadline."""
    return [
        {
            "start": start,
            "end": cursor,
            "text": match.text,
            "type": match.kind,
            "signature": _signature(match)
            if index < _MOST_SIGNATURES and time.monotonic() < deadline
            else match.signature,
        }
        for index, match in enumerate(found.matches)
    ]


def _signature(match: Match) -> str:
    if not object_kinds.is_function(match.value):
        return match.signature
    from _carme.help.inspection import signatures

    found = signatures.signature(match.value)
    return "" if found is None else str(found)


def _order(name: str) -> tuple[int, str]:
    return len(name) - len(name.lstrip("_")), name.lower()


def names_beginning_with(names: Iterable[str], fragment: str) -> list[str]:
    """Return the names that begin with `fragment`, ignoring case only if none begins with it."""
    private = fragment.startswith("_")
    visible = sorted({name for name in names if private or not name.startswith("_")}, key=_order)
    exact = [name for name in visible if name.startswith(fragment)]
    if exact:
        return exact
    lower = fragment.lower()
    return [name for name in visible if name.lower().startswith(lower)]
