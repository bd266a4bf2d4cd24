"""kernel/browser/check.py: the list of what the browser's module takes."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "kernel" / "browser"))
import check  # noqa: E402


def name(text):
    return bytes([len(text)]) + text.encode()


# func, memory with one and with two bounds, table, two globals
IMPORTS = [
    name("env") + name("malloc") + b"\x00\x03",
    name("env") + name("memory") + b"\x02\x00\x01",
    name("env") + name("memory") + b"\x02\x01\x01\x80\x80\x04",
    name("env") + name("__indirect_function_table") + b"\x01\x70\x00\x04",
    name("env") + name("__memory_base") + b"\x03\x7f\x00",
    name("GOT.mem") + name("PyExc_ValueError") + b"\x03\x7f\x01",
    name("env") + name("clock_gettime") + b"\x00\x85\x01",
]


def module(*imports):
    body = bytes([len(imports)]) + b"".join(imports)
    custom = b"\x00" + bytes([3]) + name("xy")
    return (
        b"\0asm\1\0\0\0"
        + custom
        + b"\x02"
        + bytes([0x80 | len(body) & 0x7F, len(body) >> 7])
        + body
    )


def test_names():
    assert check.imports(module(*IMPORTS)) == {"malloc", "PyExc_ValueError", "clock_gettime"}
    assert check.imports(module()) == set()


def test_list():
    assert check.allowed("# libc\nmalloc\n\n  free # plain\n") == {"malloc", "free"}


@pytest.mark.parametrize(
    ("names", "status", "words"),
    [
        ("malloc\nPyExc_ValueError\nclock_gettime", 0, ""),
        ("malloc\nPyExc_ValueError", 1, "takes clock_gettime"),
        ("malloc\nPyExc_ValueError\nclock_gettime\nstat", 1, "names stat"),
    ],
)
def test_verdict(tmp_path, capsys, names, status, words):
    program, text = tmp_path / "module.so", tmp_path / "list"
    program.write_bytes(module(*IMPORTS))
    text.write_text(names)
    assert check.main([str(program), str(text)]) == status
    assert words in capsys.readouterr().err


def test_no_module():
    with pytest.raises(SystemExit):
        check.imports(b"\x7fELF")
