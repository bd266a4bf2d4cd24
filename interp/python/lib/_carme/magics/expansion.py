"""`{expression}` and `$name` in the lines of magics and commands.

Source: IPython's documentation, "IPython reference", "Manual capture and var expansion".
"""

import re
from string import Formatter

from _carme.shell import namespace

DOLLAR = re.compile(r"\$(?:(?P<escaped>\$)|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*))")


def expand(text: str) -> str:
    """The text with values; as it is when something in braces has none (awk's programs, JSON)."""
    try:
        return "".join(part(*each) for each in Formatter().parse(text))
    except KeyboardInterrupt:
        raise
    except Exception:
        return text


def part(literal: str, field: "str | None", form: "str | None", conversion: "str | None") -> str:
    """A literal text and the value behind it."""
    made = DOLLAR.sub(named, literal)
    if field is None:
        return made
    formatter = Formatter()
    value = formatter.convert_field(eval(field.strip(), namespace), conversion)
    text: str = formatter.format_field(value, expand(form or ""))
    return made + text


def named(found: "re.Match[str]") -> str:
    """The value of `$name`; `$$name` is for the command itself, as is what has no value here."""
    if found["escaped"]:
        return "$"
    first, *attributes = found["name"].split(".")
    if first not in namespace:
        return found[0]
    value = namespace[first]
    for index, attribute in enumerate(attributes):
        if not hasattr(value, attribute):
            return ".".join([str(value), *attributes[index:]])
        value = getattr(value, attribute)
    return str(value)
