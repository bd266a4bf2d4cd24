"""stdout and stderr: from Python, from C, from child processes; in order, whole, in their cell."""

from __future__ import annotations

import time

import pytest

from harness.client import SLOW, Client
from harness.gate import Gate
from harness.kernels import Kernel

HANGUL = "".join(chr(0xAC00 + n) for n in range(700))
PRINTF = "import ctypes\nlibc = ctypes.CDLL(None)\n"


def test_print(client: Client) -> None:
    cell = client.run("print('a', 1, sep='-')\nprint('b', end='')")
    assert cell.stdout == "a-1\nb"
    assert cell.stderr == ""


def test_stderr(client: Client) -> None:
    cell = client.run("import sys\nprint('to err', file=sys.stderr)\nsys.stderr.write('more')")
    assert cell.stderr == "to err\nmore"
    assert cell.stdout == ""


def test_a_line_is_not_cut_at_its_newline(client: Client) -> None:
    cell = client.run("print('one piece')")
    texts = [m.content["text"] for m in cell.iopub if m.type == "stream"]
    assert texts == ["one piece\n"]


def test_stdout_and_stderr_alternate_in_order(client: Client) -> None:
    code = "import sys\nfor n in range(5):\n    print(n); print(-n, file=sys.stderr)"
    cell = client.run(code)
    shown = [(m.content["name"], m.content["text"]) for m in cell.iopub if m.type == "stream"]
    assert "".join(text for name, text in shown if name == "stdout") == "0\n1\n2\n3\n4\n"
    assert "".join(text for name, text in shown if name == "stderr") == "0\n-1\n-2\n-3\n-4\n"


@pytest.mark.better("its two streams have a buffer each, and lose their order")
def test_stdout_and_stderr_keep_their_order(client: Client) -> None:
    code = "import sys\nfor n in range(5):\n    print(n); print(-n, file=sys.stderr)"
    texts = [m.content["text"] for m in client.run(code).iopub if m.type == "stream"]
    assert "".join(texts) == "".join(f"{n}\n{-n}\n" for n in range(5))


def test_text_stands_before_the_display_that_follows(client: Client) -> None:
    code = "class P:\n    def __repr__(self): print('while shown'); return 'P'\nprint('first')\nP()"
    cell = client.run(code)
    assert [m.type for m in cell.outputs if m.type != "stream"] == ["execute_result"]
    assert cell.outputs[-1].type == "execute_result"
    assert cell.stdout == "first\nwhile shown\n"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("import os\nos.write(1, b'raw\\n')", "raw\n"),
        ("import os\nos.system('echo from a shell')", "from a shell\n"),
        ("import subprocess\nsubprocess.run(['echo', 'from a child'])", "from a child\n"),
        ("import subprocess\nsubprocess.Popen('echo a; echo b', shell=True).wait()", "a\nb\n"),
        (PRINTF + "libc.printf(b'from C %d\\n', 5)\nlibc.fflush(None)", "from C 5\n"),
        ("import os\nif not os.fork():\n    os.write(1, b'forked\\n'); os._exit(0)\n_ = os.wait()", "forked\n"),
        ("print('x', flush=True)\nimport sys\nsys.__stdout__.write('under')\n_ = sys.__stdout__.flush()",
         "x\nunder"),
    ],
    ids=["write", "system", "run", "popen", "printf", "fork", "__stdout__"],
)  # fmt: skip
def test_file_descriptor_1(client: Client, code: str, text: str) -> None:
    assert client.run(code + "\nNone").stdout == text


@pytest.mark.better("it leaves C's buffer to the next flush")
def test_printf_without_a_flush(client: Client) -> None:
    cell = client.run(PRINTF + "_ = libc.printf(b'unflushed %s', b'text')")
    assert cell.stdout == "unflushed text"


def test_file_descriptor_2(client: Client) -> None:
    cell = client.run("import os\n_ = os.write(2, b'raw err\\n'); _ = os.system('echo sh >&2')")
    assert cell.stderr == "raw err\nsh\n"
    assert cell.stdout == ""


@pytest.mark.better("it decodes 1000 bytes at a time and splits characters")
def test_utf8_is_decoded_across_reads(client: Client) -> None:
    code = f"import os\nos.write(1, {HANGUL!r}.encode()); None"
    assert client.run(code).stdout == HANGUL


@pytest.mark.better("it decodes what one read brings")
def test_utf8_a_byte_at_a_time(client: Client) -> None:
    code = "import os\nfor byte in 'ä€🎈'.encode(): os.write(1, bytes([byte]))"
    assert client.run(code).stdout == "ä€🎈"


@pytest.mark.better("it decodes what one read brings")
def test_broken_utf8_is_replaced(client: Client) -> None:
    code = "import os\nos.write(1, b'a\\xff\\xc3(b\\xe2\\x82'); None"
    text = client.run(code).stdout
    assert text.startswith("a\ufffd") and "(b" in text


@pytest.mark.better("what is in the pipe may come behind what Python printed")
def test_order_between_python_and_the_descriptor(client: Client) -> None:
    code = "import os\nfor n in range(50):\n    print('p', n)\n    os.write(1, b'w %d\\n' % n)"
    assert client.run(code).stdout == "".join(f"p {n}\nw {n}\n" for n in range(50))


@pytest.mark.better("what is in the pipe may come behind what Python printed")
def test_order_between_python_and_a_child(client: Client) -> None:
    code = "import os\nfor n in range(5):\n    print('p', n)\n    os.system(f'echo c {n}')\nNone"
    assert client.run(code).stdout == "".join(f"p {n}\nc {n}\n" for n in range(5))


@pytest.mark.better("it does not wait for the pipe")
def test_descriptor_is_drained_before_reply_and_idle(client: Client) -> None:
    for size in (10, 5_000, 200_000):
        cell = client.run(f"import os\nos.write(1, b'x' * {size}); None")
        assert len(cell.stdout) == size


def test_everything_comes_before_idle(client: Client) -> None:
    for n in range(20):
        cell = client.run(f"for i in range({n}): print(i)")
        assert cell.stdout == "".join(f"{i}\n" for i in range(n))


def test_200_000_prints_lose_nothing(client: Client) -> None:
    cell = client.run("for i in range(200_000): print(i)", timeout=60 * SLOW)
    assert cell.stdout == "".join(f"{i}\n" for i in range(200_000))


def test_2_000_flushed_prints_lose_nothing(client: Client) -> None:
    cell = client.run("for i in range(2_000): print(i, flush=True)", timeout=60 * SLOW)
    assert cell.stdout == "".join(f"{i}\n" for i in range(2_000))


def test_one_write_of_50_mb(client: Client) -> None:
    code = "import sys\nn = sys.stdout.write('0123456789' * 5_000_000)"
    cell = client.run(code, timeout=60 * SLOW)
    assert len(cell.stdout) == 50_000_000
    assert cell.stdout == "0123456789" * 5_000_000


def test_one_raw_write_of_20_mb(client: Client) -> None:
    code = "import subprocess, sys\n_ = subprocess.run('head -c 20000000 /dev/zero | tr \"\\\\0\" z', shell=True)"
    cell = client.run(code, timeout=60 * SLOW)
    assert cell.stdout == "z" * 20_000_000


def test_null_character(client: Client) -> None:
    assert client.run("print('a\\0b')").stdout == "a\0b\n"
    assert client.run("import os\n_ = os.write(1, b'a\\0b')").stdout == "a\0b"


@pytest.mark.better("it loses the text, and says nothing in the cell")
def test_lone_surrogate_spoils_nothing(client: Client) -> None:
    cell = client.execute("print('a\\ud800b')\nprint('after')")
    if cell.status == "ok":
        assert cell.stdout.endswith("b\nafter\n") and cell.stdout.startswith("a")
    else:
        assert cell.error == "UnicodeEncodeError"


def test_control_characters_pass(client: Client) -> None:
    code = "print('\\x1b[31mred\\x1b[0m\\r\\x08\\x7f\\u2028')"
    assert client.run(code).stdout == "\x1b[31mred\x1b[0m\r\x08\x7f\u2028\n"


@pytest.mark.better("its stream has no errors")
def test_stream_is_a_text_file(client: Client) -> None:
    code = """
import sys, io
out = sys.stdout
assert out.encoding.lower().replace('-', '') == 'utf8', out.encoding
assert out.writable() and not out.readable()
assert isinstance(out, io.TextIOBase)
assert out.errors, out.errors
assert not out.isatty()
assert out.write('four') == 4
out.writelines(['a', 'b'])
out.flush()
print(out.fileno() >= 0)
"""
    assert client.run(code).stdout == "fourabTrue\n"


def test_write_wants_text(client: Client) -> None:
    assert client.execute("import sys\nsys.stdout.write(b'x')").error == "TypeError"


def test_buffer_takes_bytes(client: Client) -> None:
    if not client.run("import sys\nhasattr(sys.stdout, 'buffer')").result == "True":
        pytest.skip("this kernel's sys.stdout has no buffer")
    code = "print('before')\nn = sys.stdout.buffer.write('ä'.encode())\nsys.stdout.buffer.flush()"
    assert client.run(code).stdout == "before\nä"


def test_redirection(client: Client) -> None:
    code = "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as kept:\n    print('in')\nprint('out', kept.getvalue())"
    assert client.run(code).stdout == "out in\n\n"


def test_replaced_stdout_stays_the_user_s(client: Client) -> None:
    client.run(
        "import io, sys\nown, sys.stdout = io.StringIO(), (before := sys.stdout) and io.StringIO()"
    )
    client.run("print('into a buffer')")
    cell = client.run("text = sys.stdout.getvalue(); sys.stdout = before; text")
    assert cell.result == "'into a buffer\\n'"


def test_logging_goes_to_stderr(client: Client) -> None:
    cell = client.run("import logging\nlogging.warning('logged')")
    assert cell.stderr == "WARNING:root:logged\n"


def test_output_of_a_running_cell_arrives_while_it_runs(client: Client, gate: Gate) -> None:
    request = client.send_execute("print('soon')\n" + gate.wait)
    client.iopub("stream", request)
    gate.open()
    client.reply(request)


def test_raw_output_of_a_running_cell_arrives_while_it_runs(client: Client, gate: Gate) -> None:
    request = client.send_execute("import os\nos.write(1, b'soon')\n" + gate.wait)
    client.iopub("stream", request)
    gate.open()
    client.reply(request)


def test_a_chatty_child_does_not_fill_the_pipe(client: Client) -> None:
    code = "import subprocess\ndone = subprocess.run('seq 200000', shell=True)\ndone.returncode"
    cell = client.run(code)
    assert cell.stdout == "".join(f"{n}\n" for n in range(1, 200_001))


def test_child_that_outlives_its_cell(client: Client, gate: Gate) -> None:
    shell = f"while [ ! -e {gate.path} ]; do sleep 0.02; done; echo late"
    client.run(f"import subprocess\nlate = subprocess.Popen({shell!r}, shell=True)")
    gate.open()
    message = client.iopub("stream")
    assert message.content["text"] == "late\n"
    client.run("late.wait()")


def test_prints_of_threads_are_whole(client: Client) -> None:
    code = """
import sys, threading
def lines(n):
    for i in range(200): sys.stdout.write(f'{n}:{i}\\n')
threads = [threading.Thread(target=lines, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
"""
    lines = client.run(code).stdout.splitlines()
    assert sorted(lines) == sorted(f"{n}:{i}" for n in range(8) for i in range(200))


@pytest.mark.better("lines of children mix")
def test_forked_pool_prints(client: Client) -> None:
    code = """
import multiprocessing
context = multiprocessing.get_context('fork')
def shout(n):
    print('child', n, flush=True)
    return n * n
with context.Pool(2) as pool:
    values = pool.map(shout, range(6))
values
"""
    cell = client.run(code)
    assert cell.result == "[0, 1, 4, 9, 16, 25]"
    assert sorted(cell.stdout.split()) == sorted(["child"] * 6 + list("012345"))


def test_a_subscriber_that_never_reads(kernel: Kernel) -> None:
    """Others get everything, and the kernel does not wait for ever."""
    asleep = kernel.client(connect=False, read_iopub=False)
    asleep.sockets["iopub"].set_hwm(1)
    awake = kernel.client()
    cell = awake.run("for i in range(100_000): print(i, 'x' * 100)", timeout=60 * SLOW)
    assert cell.stdout.count("\n") == 100_000
    asleep.close()


@pytest.mark.better("lines are dropped at the high-water mark, the idle status too")
@pytest.mark.timeout(120)
def test_a_subscriber_that_sleeps_gets_all_when_it_wakes(kernel: Kernel) -> None:
    reader = kernel.client()
    reader.poller.unregister(reader.sockets["iopub"])
    request = reader.send_execute("for i in range(20_000): print(i, flush=True)")
    time.sleep(3)  # the subscriber's sleep is the test
    reader.poller.register(reader.sockets["iopub"], 1)
    cell = reader.finish(request, timeout=60 * SLOW)
    assert cell.stdout == "".join(f"{i}\n" for i in range(20_000))
