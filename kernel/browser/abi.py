"""Writes abi.json: what the module was made for, as a page reads it.

Usage: abi.py WORKER_API.py VERSION
"""

import ast
import json
import pathlib
import sys
from typing import List


def main(arguments: List[str]) -> None:
    """Prints {"carme", "pyodide_abi", "python"}."""
    values = {}
    for node in ast.parse(pathlib.Path(arguments[0]).read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            values[ast.unparse(node.targets[0])] = node.value.value
    made_for = {"pyodide_abi": values["ABI"], "python": values["PYTHON"]}
    print(json.dumps({"carme": arguments[1], **made_for}))


if __name__ == "__main__":
    main(sys.argv[1:])
