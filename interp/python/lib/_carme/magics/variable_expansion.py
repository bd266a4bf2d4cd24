"""`{expression}` and `$name` in the lines of magics and commands.

Where each of the braces has a value the text is what IPython makes of it. Braces that have none
(awk's programs, find's {}, JSON) stay as they are, and the names beside them have their values.
Source: IPython's documentation, "IPython reference", "Manual capture and var expansion"; string's,
"Format String Syntax".
"""

import re
from string import Formatter

from _carme.run import caller_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple

# not within single quotes: an even number of them follows
DOLLAR = re.compile(
    r"\$(?:(?P<escaped>\$)(?=[\w.])|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*))"
    r"(?=(?:[^']*'[^']*')*[^']*$)"
)
BRACES = re.compile(r"\{\{|\}\}|[{}]")


class Part:
    """A part of the text: as it is written, and with values; is_literal: nothing to evaluate."""

    def __init__(self, raw: str, text: str, is_literal: bool) -> None:
        """`text` is what IPython would make of it."""
        self.raw, self.text, self.is_literal = raw, text, is_literal


def expand(text: str, names: Optional[Dict[str, Any]] = None) -> str:
    """The text with values: those of `names`, or what the caller of the magic sees."""
    if "$" not in text and "{" not in text and "}" not in text:
        return text
    seen = caller_scope.names() if names is None else names
    parts: List[Part] = []
    whole = True
    for raw, kind in split(text):
        try:
            parts.append(evaluate(raw, kind, seen))
        except Exception:
            parts.append(Part(raw, raw, False))
            whole = False
    if not whole:
        return "".join(
            expand_dollars(part.raw, seen) if part.is_literal else part.text for part in parts
        )
    return "".join(
        expand_dollars(part.text, seen) if part.is_literal else part.text for part in parts
    )


def split(text: str) -> Iterator[Tuple[str, str]]:
    """Its parts, each with its kind: "literal", "{" (braces and what is in them), "lone"."""
    begin = place = depth = 0
    while True:
        found = BRACES.search(text, place)
        if found is None:
            break
        mark, place = found[0], found.end()
        if depth == 0 and len(mark) == 2:
            yield text[begin:place], "literal"
            begin = place
            continue
        if len(mark) == 2:
            place -= 1
            mark = mark[0]
        if depth == 0:
            yield text[begin : place - 1], "literal"
            begin = place - 1
        depth += 1 if mark == "{" else -1
        if depth <= 0:
            yield text[begin:place], "{" if depth == 0 else "lone"
            begin, depth = place, 0
    yield text[begin:], "literal" if depth == 0 else "lone"


def evaluate(raw: str, kind: str, seen: Dict[str, Any]) -> Part:
    """A part with its value. Any exception: it has none."""
    if kind == "lone":
        raise ValueError(raw)
    if kind == "literal":
        doubled = raw.endswith(("{{", "}}"))
        return Part(raw, raw[:-1] if doubled else raw, True)
    formatter = Formatter()
    ((_, field, form, conversion),) = formatter.parse(raw)
    expression = f"{field}:{form}" if form else str(field)  # so that a[1:2] is a slice
    value = formatter.convert_field(eval(expression, dict(seen)), conversion)
    return Part(raw, format(value, ""), False)


def expand_dollars(text: str, seen: Dict[str, Any]) -> str:
    """The text with the values of `$name`."""
    return DOLLAR.sub(lambda found: value_of(found, seen), text) if "$" in text else text


def value_of(found: "re.Match[str]", seen: Dict[str, Any]) -> str:
    """The value of `$name`; `$$name` is for the command itself, as is what has no value here."""
    if found["escaped"]:
        return "$"
    first, *attributes = found["name"].split(".")
    if first not in seen:
        return found[0]
    try:
        value = seen[first]
        for index, attribute in enumerate(attributes):
            if not hasattr(value, attribute):
                return ".".join([format(value, ""), *attributes[index:]])
            value = getattr(value, attribute)
        return format(value, "")
    except Exception:
        return found[0]
