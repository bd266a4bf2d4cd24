"""Compares what a WebAssembly module takes from its host with a list, so that nothing slips in.

Usage: check.py MODULE.so LIST

The compiler's libc and Pyodide's are of different versions: a function of libc whose arguments
point to a struct with time_t, off_t, FILE or jmp_buf in it would read another layout, silently.
LIST names what is safe, one name a line; `#` begins a comment.
Source: WebAssembly 1.0, section "Binary Format"; emscripten's "dylink.0" section.
"""

import pathlib
import sys
from typing import Iterator, List, Set, Tuple

KINDS = ("func", "table", "memory", "global")
IMPORT_SECTION = 2
# emscripten's own: the memory, the table and where the module lies in them
LINKAGE = {
    "memory",
    "__indirect_function_table",
    "__stack_pointer",
    "__memory_base",
    "__table_base",
}


class Reader:
    """Bytes that are read one after the other."""

    def __init__(self, data: bytes) -> None:
        """At the beginning."""
        self.data = data
        self.at = 0

    def number(self) -> int:
        """An unsigned LEB128."""
        result = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return result

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        self.at += count
        return self.data[self.at - count : self.at]

    def text(self) -> str:
        """A name with its length before it."""
        return self.take(self.number()).decode()


def sections(data: bytes) -> Iterator[Tuple[int, Reader]]:
    """Each section's id and contents."""
    if data[:8] != b"\0asm\1\0\0\0":
        raise SystemExit("check: no WebAssembly module")
    reader = Reader(data)
    reader.take(8)
    while reader.at < len(data):
        kind = reader.take(1)[0]
        yield kind, Reader(reader.take(reader.number()))


def skip_limits(reader: Reader) -> None:
    """The bounds of a table or memory."""
    if reader.number() & 1:
        reader.number()
    reader.number()


def imports(data: bytes) -> Set[str]:
    """The names that the module takes, functions and addresses (GOT) alike."""
    names = set()
    for kind, reader in sections(data):
        if kind != IMPORT_SECTION:
            continue
        for _ in range(reader.number()):
            reader.text()
            names.add(reader.text())
            what = KINDS[reader.take(1)[0]]
            if what == "func":
                reader.number()
            elif what == "global":
                reader.take(2)
            else:
                reader.take(1 if what == "table" else 0)
                skip_limits(reader)
    return names - LINKAGE


def allowed(text: str) -> Set[str]:
    """The names of the list."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return {line for line in lines if line}


def main(arguments: List[str]) -> int:
    """0: only what the list names is taken."""
    found = imports(pathlib.Path(arguments[0]).read_bytes())
    known = allowed(pathlib.Path(arguments[1]).read_text())
    for name in sorted(found - known):
        print(
            f"check: {arguments[0]} takes {name} from its host, which {arguments[1]} does not name:"
            " add it only if no struct of libc goes through it",
            file=sys.stderr,
        )
    for name in sorted(known - found):
        print(f"check: {arguments[1]} names {name}, which is not taken any more", file=sys.stderr)
    return int(found != known)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
