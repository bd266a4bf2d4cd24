"""Writes the C table of the files that are part of the module.

Usage: embed.py OUTPUT.c MODULE.py... -- RESOURCE...
"""

import pathlib
import sys
from typing import Iterable, List


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


def table(symbol: str, files: Iterable[pathlib.Path], keep_suffix: bool) -> str:
    """One `const struct embedded symbol[]` with the contents of the files."""
    rows = []
    for path in files:
        data = path.read_bytes()
        name = path.name if keep_suffix else module_name(path)
        rows.append(f'    {{"{name}",\n     {{{literal(data)},\n      {len(data)}}}}},\n')
    return f"const struct embedded {symbol}[] = {{\n{''.join(rows)}    {{0}},\n}};\n"


def main(arguments: List[str]) -> None:
    """Writes OUTPUT from the files named behind it."""
    output, rest = pathlib.Path(arguments[0]), arguments[1:]
    split = rest.index("--")
    modules = [pathlib.Path(name) for name in rest[:split]]
    resources = [pathlib.Path(name) for name in rest[split + 1 :]]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(
        '#include "interp/python/embedded.h"\n\n'
        + table("embedded_modules", modules, keep_suffix=False)
        + table("embedded_resources", resources, keep_suffix=True)
    )


if __name__ == "__main__":
    main(sys.argv[1:])
