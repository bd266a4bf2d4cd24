"""What notebooks may hold that Python does not: indented cells, magics, commands, `name?`.

Loaded for a cell that is no plain Python, or that is a name which nothing has.
Source: IPython's documentation, "Input transformation".
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional


class Automagic:
    """Whether `cd x` may stand for `%cd x`."""

    on = True


def dedent(code: str) -> str:
    """The code without the indent of its first line, as pasted from within a function."""
    lines = code.split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    if not indent:
        return code
    return "\n".join(line[len(indent) :] if line.startswith(indent) else line for line in lines)


def as_python(code: str, namespace: Dict[str, Any]) -> Optional[str]:
    """The code as Python; None where nothing of a notebook's own is in it."""
    from _carme import transform

    made = transform.transform(dedent(code))
    if made == code:
        made = automagic(code, namespace) or code
    return None if made == code else made


def automagic(code: str, namespace: Dict[str, Any]) -> Optional[str]:
    """The call for a line that begins with a magic's name, if nothing else has that name."""
    line = code.strip()
    name = line.partition(" ")[0]
    if not Automagic.on or "\n" in line or not name.isidentifier() or name in namespace:
        return None
    rest = line[len(name) :].lstrip()
    if rest.startswith(("=", ",", "(", ":")):
        return None
    from _carme import transform
    from _carme.magics import table

    return transform.automagic(code, name) if table.is_line_magic(name) else None


def last_token(code: str) -> str:
    """The text of the last token that is no space, newline or comment, or ""."""
    from _carme.scan import tokens

    found = [text for kind, text, _ in tokens(code) if kind not in ("space", "newline", "comment")]
    return found[-1] if found else ""
