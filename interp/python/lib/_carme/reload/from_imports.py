"""The names that cells import with `from … import`, for `%autoreload 3`.

Source: IPython's documentation, "autoreload", "Import Conflict Resolution".
"""

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List

    Imports = Dict[str, Dict[str, List[str]]]


def note(imports: Imports, code: str) -> None:
    """Adds those of a cell. `imports`: module to its names to the names bound in cells."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                add(imports.setdefault(node.module, {}), alias.name, alias.asname or alias.name)


def add(names: Dict[str, List[str]], name: str, bound: str) -> None:
    """Adds one name; `bound` stands only for the object that was imported last."""
    for other in [each for each in names if each != name and bound in names[each]]:
        names[other].remove(bound)
        if not names[other]:
            del names[other]
    if bound not in names.setdefault(name, []):
        names[name].append(bound)
