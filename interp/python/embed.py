"""Writes the C table of the files that are part of the module.

Usage: embed.py [--compiled] OUTPUT.c MODULE.py... -- RESOURCE...
--compiled: beside its source, each module's code as this Python compiles it. It spares a kernel
under the same Python a quarter of its start.
"""

import __future__

import importlib.util
import marshal
import pathlib
import sys
from typing import Iterable, List, Tuple


def literal(data: bytes) -> str:
    """The bytes as lines of a C string literal."""
    lines = []
    for start in range(0, max(len(data), 1), 24):
        lines.append('"' + "".join(f"\\{byte:03o}" for byte in data[start : start + 24]) + '"')
    return "\n     ".join(lines)


def module_name(path: pathlib.Path) -> str:
    """The module's name below `_carme`; a package is named with its __init__."""
    parts = path.with_suffix("").parts
    return ".".join(parts[parts.index("_carme") + 1 :] if "_carme" in parts else parts[-1:])


def compiled(name: str, source: bytes) -> Tuple[str, bytes]:
    """The row of a module's code: its name with this Python's magic number, and the code."""
    flags = __future__.annotations.compiler_flag
    code = compile(source, f"<carme {name}>", "exec", flags, True)
    return f"{name}@{importlib.util.MAGIC_NUMBER.hex()}", marshal.dumps(code)


def table(symbol: str, rows: Iterable[Tuple[str, bytes]]) -> str:
    """One `const struct embedded symbol[]` of names and contents."""
    lines = [
        f'    {{"{name}",\n     {{{literal(data)},\n      {len(data)}}}}},\n' for name, data in rows
    ]
    return f"const struct embedded {symbol}[] = {{\n{''.join(lines)}    {{0}},\n}};\n"


def main(arguments: List[str]) -> None:
    """Writes OUTPUT from the files named behind it."""
    is_compiled = arguments[0] == "--compiled"
    output, rest = pathlib.Path(arguments[is_compiled]), arguments[is_compiled + 1 :]
    split = rest.index("--")
    resources = [pathlib.Path(name) for name in rest[split + 1 :]]
    modules = [(module_name(path), path.read_bytes()) for path in map(pathlib.Path, rest[:split])]
    codes = [compiled(*row) for row in modules] if is_compiled else []
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(
        '#include "interp/python/embedded.h"\n\n'
        + table("embedded_modules", [*modules, *codes])
        + table("embedded_resources", [(path.name, path.read_bytes()) for path in resources])
    )


if __name__ == "__main__":
    main(sys.argv[1:])
