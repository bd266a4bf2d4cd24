"""Writes the C table of the files that are part of the module.

Usage: embed.py [--compiled | --stripped] OUTPUT.c MODULE.py... -- RESOURCE...
--compiled: beside its source, each module's code as this Python compiles it. It spares a kernel
under the same Python a quarter of its start; under another one each start compiles the sources of
AT_START, of which only what runs is embedded, each statement where it was, and the docstrings that
users ask for.
--stripped: the same of all sources: a browser loads the module with each page.
"""

import __future__

import importlib.util
import marshal
import pathlib
import sys
from typing import Callable, Iterable, List, Tuple

from embedding.help_names import help_of, magic_functions
from embedding.strip import stripped

Rows = Iterable[Tuple[str, bytes]]

# What each kernel has loaded after its first cell. Their code lies together: the others' pages are
# not read, which is a megabyte of a kernel's memory. A name that is missing here costs no more.
AT_START = {
    "concurrency",
    "concurrency.threads",
    "errors",
    "errors.report",
    "importer",
    "interrupts",
    "interrupts.handlers",
    "interrupts.wakeup_fd",
    "output",
    "output.abnormal_exit",
    "output.parent_request",
    "output.streams",
    "processes",
    "processes.pools",
    "run",
    "run.execution",
    "session",
    "session.current",
    "session.initial_names",
    "session.results",
    "session.sources",
    "session.state",
    "session.thread_output",
    "shell",
    "shell.entry_points",
    "shell.import_hooks",
    "shell.small_shell",
    "stand_in",
    "stand_in.installation",
    "stand_in.lazy_package",
    "stand_in.start",
    "stand_in.startup_files",
    "syntax",
    "syntax.cell_compiler",
    "syntax.lexer",
    "syntax.notebook_syntax",
}


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


def is_at_start(name: str) -> bool:
    """Whether each kernel loads this module."""
    return name.replace(".__init__", "") in AT_START


def only_what_runs(
    modules: List[Tuple[str, bytes]], is_meant: Callable[[str], bool]
) -> List[Tuple[str, bytes]]:
    """The modules, those that are meant without what only their readers need."""
    magics = magic_functions(dict(modules)["magics.builtin_magics"])
    return [
        (name, stripped(source, help_of(name, magics)) if is_meant(name) else source)
        for name, source in modules
    ]


def table(symbol: str, rows: Rows) -> str:
    """The definition of a `const struct embedded` with these names and contents.

    The text is one array in the order of the rows: a linker would sort separate literals by their
    hashes, and text compresses better beside text of its kind.
    """
    rows = list(rows)
    names = "".join(f'    "{name}\\0"\n' for name, _ in rows)
    text = "".join(f'     {literal(data)} "\\0"\n' for _, data in rows)
    lengths = ", ".join(str(len(data)) for _, data in rows)
    return (
        f'static const char {symbol}_names[] =\n{names}    "";\n'
        f'static const char {symbol}_text[] =\n{text}    "";\n'
        f"static const size_t {symbol}_lengths[] = {{{lengths or 0}}};\n"
        f"const struct embedded {symbol} = {{{symbol}_names, {symbol}_text, {symbol}_lengths}};\n"
    )


def main(arguments: List[str]) -> None:
    """Writes OUTPUT from the files named behind it."""
    option = arguments[0] if arguments[0] in ("--compiled", "--stripped") else ""
    output, rest = pathlib.Path(arguments[bool(option)]), arguments[bool(option) + 1 :]
    split = rest.index("--")
    resources = [pathlib.Path(name) for name in rest[split + 1 :]]
    modules = [(module_name(path), path.read_bytes()) for path in map(pathlib.Path, rest[:split])]
    if option:
        modules = only_what_runs(modules, is_at_start if option == "--compiled" else bool)
    modules.sort(key=lambda row: not is_at_start(row[0]))
    codes = [compiled(*row) for row in modules] if option == "--compiled" else []
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(
        '#include "interp/python/embedded.h"\n\n'
        + table("embedded_modules", [*codes, *modules])
        + table("embedded_resources", [(path.name, path.read_bytes()) for path in resources])
    )


if __name__ == "__main__":
    main(sys.argv[1:])
