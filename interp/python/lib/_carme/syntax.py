"""What notebooks may hold that Python does not: indented cells and `name?`.

Source: IPython's documentation, "Dynamic object information" and "Input transformation".
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional


def dedent(code: str) -> str:
    """The code without the indent of its first line, as pasted from within a function."""
    lines = code.split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    if not indent:
        return code
    return "\n".join(line[len(indent) :] if line.startswith(indent) else line for line in lines)


def help_page(code: str, namespace: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """The page payload for `name?`, `?name` and, with the source, `name??`; None for other code."""
    text = code.strip()
    marks = max(len(text) - len(text.rstrip("?")), len(text) - len(text.lstrip("?")))
    name = text.strip("?").strip()
    if not 1 <= marks <= 2 or not all(part.isidentifier() for part in name.split(".")):
        return None
    from _carme import inspection

    found = inspection.inspect(name, len(name), marks - 1, namespace)
    data = found["data"] if found["found"] else {"text/plain": f"Object `{name}` not found."}
    return {"source": "page", "data": data, "start": 0}
