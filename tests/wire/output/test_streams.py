"""sys.stdin, sys.stdout and sys.stderr as scripts and libraries use them, and a user's own.

Source: plexe-ai/plexe#45, marcelm/cutadapt#763, PaddlePaddle/ERNIE#779, ipython/ipykernel#470,
ipython/ipykernel#1119, chaquo/chaquopy#1083, pallets/click#1185.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from harness.cell import Cell
from harness.client import Client
from harness.kernels import IS_CARME, Kernel, systems_options

ABSENT = "its stream has none"
TEE = "class Tee:\n    def __init__(self, to): self.to = to\n    def write(self, text): return self.to.write(text)\n"


def answered(client: Client, code: str, *answers: str) -> Cell:
    """A cell that asks so often."""
    request = client.send_execute(code, allow_stdin=True)
    for answer in answers:
        client.answer(answer, client.input_request(request))
    return client.finish(request)


@pytest.fixture
def streams(client: Client) -> Iterator[Client]:
    """A client whose kernel has its own streams again after the test."""
    client.run("import io, os, sys\nkept = sys.stdout, sys.stderr")
    yield client
    client.run("import sys; sys.stdout, sys.stderr = kept")
    assert client.run("print('back')").stdout == "back\n"


@pytest.mark.better(ABSENT)
def test_reconfigure(client: Client) -> None:
    cell = client.run(
        "import sys\nsys.stdout.reconfigure(line_buffering=True)\n"
        "sys.stdout.reconfigure(encoding='utf-8', errors='replace', write_through=True)\nprint('é')"
    )
    assert cell.stdout == "é\n"
    assert client.run("sys.stdout.errors, sys.stdout.write_through").result == "('replace', True)"
    assert client.execute("sys.stdout.reconfigure(colour=True)").error == "TypeError"


@pytest.mark.better(ABSENT)
def test_buffer_is_one_object(client: Client) -> None:
    client.run("import sys\nkept = sys.stdout.buffer")
    assert client.run("kept is sys.stdout.buffer").result == "True"
    cell = client.run(
        "print('a')\n_ = sys.stdout.buffer.write(b'b\\n')\nprint('c')\nkept.close(); print(kept.closed)"
    )
    assert cell.stdout == "a\nb\nc\nFalse\n"


@pytest.mark.better(ABSENT)
def test_much_at_once_is_written_whole(client: Client) -> None:
    client.run("import sys")
    cell = client.run("n = sys.stdout.buffer.write(b'x' * 3_000_000 + b'\\n'); print(n)")
    assert cell.stdout == "x" * 3_000_000 + "\n3000001\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [("encoding.upper()", "'UTF-8'"), ("name", "'stdout'"), ("closed", "False")],
)
def test_attributes_are_as_ipykernel_has_them(client: Client, name: str, value: str) -> None:
    assert client.run(f"import sys\nsys.stdout.{name}").result == value


def test_only_text_can_be_written(client: Client) -> None:
    cell = client.execute("import sys\nsys.stdout.write(b'x')")
    assert cell.reply.content["evalue"] == "write() argument must be str, not <class 'bytes'>"


def test_the_header_of_the_cell(client: Client) -> None:
    cell = client.run("import sys\nsys.stdout.parent_header['msg_id']")
    assert cell.result == repr(cell.request["msg_id"])


@pytest.mark.better(ABSENT)
@pytest.mark.parametrize(
    "make",
    [
        "io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')",
        "os.fdopen(os.dup(1), 'w', encoding='utf-8')",
        "__import__('codecs').getwriter('utf-8')(sys.stdout.buffer)",
    ],
)
def test_what_another_stream_keeps_is_its_cell_s(streams: Client, make: str) -> None:
    assert streams.run(f"sys.stdout = {make}\nprint('first é')").stdout == "first é\n"
    assert streams.run("print('second')").stdout == "second\n"


def test_a_closed_stream_fails_cells_that_print(streams: Client) -> None:
    streams.run("sys.stdout = io.StringIO(); sys.stdout.close()")
    assert streams.run("6 * 7").result == "42"
    assert streams.execute("1 / 0").error == "ZeroDivisionError"
    assert streams.execute("print('x')").error == "ValueError"


def test_no_streams_at_all(streams: Client) -> None:
    streams.run("sys.stdout = sys.stderr = None")
    assert streams.run("print('x')\n6 * 7").result == "42"
    assert streams.execute("1 / 0").error == "ZeroDivisionError"
    streams.run("import warnings; warnings.warn('w')")
    assert answered(streams, "input('? ')", "yes").result == "'yes'"


def test_a_stream_that_can_but_write(streams: Client) -> None:
    assert streams.run(TEE + "sys.stdout = Tee(sys.stdout)\nprint('t')").stdout == "t\n"
    assert answered(streams, "input('? ')", "yes").result == "'yes'"


@pytest.mark.better("reads the process's own, which is empty")
def test_standard_input_as_bytes(client: Client) -> None:
    client.run("import sys")
    assert answered(client, "sys.stdin.buffer.readline()", "5 é").result == repr("5 é\n".encode())
    read = answered(client, "sys.stdin.buffer.read().split()", "1 2", "3", "\x04")
    assert read.result == "[b'1', b'2', b'3']"
    assert answered(client, "list(sys.stdin)", "a", "b", "\x04").result == "['a\\n', 'b\\n']"


def test_standard_input_is_a_text_file(client: Client) -> None:
    names = (
        "buffer encoding errors newlines line_buffering closed name mode isatty fileno readline "
        "reconfigure"
    )
    client.run("import io, sys")
    assert client.run(f"[n for n in {names.split()} if not hasattr(sys.stdin, n)]").result == "[]"
    assert client.run("isinstance(sys.stdin, io.TextIOWrapper)").result == "True"


@pytest.mark.one_python
def test_click_has_colours(start: Callable[..., Kernel]) -> None:
    client = start(**systems_options()).client()
    assert client.run("import click\nclick.secho('red', fg='red')").stdout == "\x1b[31mred\x1b[0m\n"


@pytest.mark.skipif(not IS_CARME, reason="it is ipykernel's own class")
def test_libraries_find_the_class_of_the_stream(client: Client) -> None:
    """By the name of its module, as click, or by isinstance, as loguru: see test_ipython."""
    client.run("import sys")
    assert client.run("type(sys.stdout).__module__").result == "'ipykernel.iostream'"


def test_parts_of_a_line_as_bytes(client: Client) -> None:
    client.run("import sys\nfile = sys.stdin.buffer")
    code = "file.peek()[:1], file.read(3), file.readline(2), file.readline(), file.read1()"
    cell = answered(client, code, "abcdef", "gh")
    assert cell.result == "(b'a', b'abc', b'de', b'f\\n', b'gh\\n')"


def test_a_wrapper_of_standard_input_asks(client: Client) -> None:
    client.run(
        "import io, sys\nkept = sys.stdin\nsys.stdin = io.TextIOWrapper(kept.buffer, 'utf-8')"
    )
    assert answered(client, "sys.stdin.readline(), input()", "é", "b").result == "('é\\n', 'b')"
    client.run("sys.stdin = kept\nimport gc; gc.collect()")
    assert answered(client, "sys.stdin.readline()", "again").result == "'again\\n'"


@pytest.mark.better("reads the process's own, which is empty")
def test_an_interrupt_ends_the_wait_for_a_thread_that_reads(start: Callable[..., Kernel]) -> None:
    kernel = start()
    client = kernel.client()
    reads = "thread = threading.Thread(target=sys.stdin.readline, daemon=True)\nthread.start()"
    first = client.send_execute("import sys, threading\n" + reads, allow_stdin=True)
    client.input_request(first)
    client.finish(first)
    code = "print('waits', flush=True)\nsys.stdin.readline()"
    second = client.send_execute(code, allow_stdin=True)
    client.iopub("stream", second)
    kernel.interrupt()
    assert client.finish(second).error == "KeyboardInterrupt"
