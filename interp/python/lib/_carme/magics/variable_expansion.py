"""The expansion of `{expression}` and `$name` in the lines of magics and commands.

If all braces can be evaluated the result is IPython's. Braces that can not (awk's programs, find's
{}, JSON) are left unchanged, and the rest is still expanded.
Source: IPython's documentation, "IPython reference", "Manual capture and var expansion"; string's,
"Format String Syntax".
"""

import re
from string import Formatter

from _carme.run import caller_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple

# an even number of single quotes follows: it is not within any
DOLLAR = re.compile(
    r"\$(?:(?P<escaped>\$)(?=[\w.])|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*))"
    r"(?=(?:[^']*'[^']*')*[^']*$)"
)
BRACES = re.compile(r"\{\{|\}\}|[{}]")


class Part:
    """A part of the text, raw and expanded; is_literal: it has no braces."""

    def __init__(self, raw: str, text: str, is_literal: bool) -> None:
        """text: as IPython expands it."""
        self.raw, self.text, self.is_literal = raw, text, is_literal


def expand(text: str, names: Optional[Dict[str, Any]] = None) -> str:
    """Expand the text with the values of `names`, by default the caller's."""
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
    """Split into parts of a kind: "literal", "{" (balanced braces), "lone" (unbalanced)."""
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
    """Expand a part. Any exception: it can not be evaluated."""
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
    """Expand `$name`."""
    return DOLLAR.sub(lambda found: value_of(found, seen), text) if "$" in text else text


def value_of(found: "re.Match[str]", seen: Dict[str, Any]) -> str:
    """The value of `$name`; `$name` itself for `$$name` and for an unknown name."""
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
