"""The same program under every Python found here: one short tour of everything."""

from __future__ import annotations

import pytest

from harness.client import SLOW, Client
from harness.kernels import Kernel
from harness.pythons import Python

pytestmark = pytest.mark.every_python
MODULES = (
    "array asyncio binascii bz2 collections concurrent.futures contextvars copy csv ctypes "
    "dataclasses datetime decimal difflib email functools gzip hashlib heapq http.client inspect "
    "io itertools json logging lzma math mmap multiprocessing numbers operator os pathlib pickle "
    "platform queue random re select selectors shutil signal socket sqlite3 ssl statistics string "
    "struct subprocess sys tempfile textwrap threading time timeit traceback typing unicodedata "
    "unittest urllib.request uuid warnings weakref xml.etree.ElementTree zipfile zlib"
).split()


def test_tells_its_version(client: Client, python: Python) -> None:
    cell = client.run("import sys\nsys.version_info[:2]")
    assert cell.result == repr(python.version)
    version = client.ask("kernel_info_request").content["language_info"]["version"]
    assert version.startswith(f"{python.version[0]}.{python.version[1]}")


def test_prints_and_shows(client: Client) -> None:
    cell = client.run("print('ä€🎈')\n{'a': (1, [2.5, None]), 'b': 'x'}")
    assert cell.stdout == "ä€🎈\n"
    assert cell.result == "{'a': (1, [2.5, None]), 'b': 'x'}"


def test_error(client: Client) -> None:
    cell = client.execute("def f():\n    raise ValueError('deep')\nf()")
    assert cell.error == "ValueError"
    assert "f()" in cell.traceback


def test_awaits(client: Client) -> None:
    code = "import asyncio\nasync def f(): return await asyncio.sleep(0.01, 'awaited')\nawait f()"
    assert client.run(code).result == "'awaited'"


@pytest.mark.better("it loses the order between Python and the descriptors")
def test_all_ways_to_write(client: Client) -> None:
    code = (
        "import ctypes, os, subprocess, sys\n"
        "print('1'); os.write(1, b'2\\n'); subprocess.run(['echo', '3']); os.system('echo 4')\n"
        "ctypes.CDLL(None).printf(b'5\\n'); print('6'); print('err', file=sys.stderr)\n"
    )
    cell = client.run(code)
    assert cell.stdout == "1\n2\n3\n4\n5\n6\n"
    assert cell.stderr == "err\n"


@pytest.mark.better("its sys.stdin is at the end of file")
def test_asks(client: Client) -> None:
    code = "import getpass\ninput('a'), getpass.getpass('b'), __import__('sys').stdin.readline()"
    request = client.send_execute(code, allow_stdin=True)
    for answer in ("one", "two", "three"):
        client.answer(answer, client.input_request(request))
    assert client.finish(request).result == "('one', 'two', 'three\\n')"


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import time\ntime.sleep(600)",
        "import asyncio\nawait asyncio.sleep(600)",
    ],
    ids=["loop", "sleep", "await"],
)
@pytest.mark.better("it cannot interrupt what awaits")
def test_interrupted(kernel: Kernel, code: str) -> None:
    client = kernel.client()
    request = client.send_execute("print('on', flush=True)\n" + code)
    client.iopub("stream", request)
    kernel.interrupt()
    assert client.finish(request).error == "KeyboardInterrupt"


def test_completes_and_inspects(client: Client) -> None:
    client.run("import os\ndef documented(a, b=1):\n    'Its text.'")
    found = client.ask("complete_request", {"code": "os.path.joi", "cursor_pos": 11}).content
    assert any(match.rstrip("(").endswith("join") for match in found["matches"])
    wanted = {"code": "documented", "cursor_pos": 10, "detail_level": 1}
    found = client.ask("inspect_request", wanted).content
    assert "Its text." in found["data"]["text/plain"]


def test_is_complete(client: Client) -> None:
    for code, status in [("1", "complete"), ("f(", "incomplete"), (")", "invalid")]:
        reply = client.ask("is_complete_request", {"code": code})
        assert reply.content["status"] == status


def test_imports_the_standard_library(client: Client) -> None:
    code = f"""
import importlib
missing = []
for name in {MODULES!r}:
    try:
        importlib.import_module(name)
    except ImportError as error:
        missing.append((name, str(error)))
missing
"""
    in_kernel = client.run(code, timeout=60 * SLOW).result
    assert in_kernel == "[]"


def test_unusual_syntax_of_this_version(client: Client, python: Python) -> None:
    newer = {
        (3, 8): "(n := 5)",
        (3, 9): "{'a': 1} | {'b': 2}",
        (3, 10): "match 5:\n    case int(): x = 'int'\nx",
        (
            3,
            11,
        ): "try:\n    raise ExceptionGroup('g', [ValueError()])\nexcept* ValueError: x = 1\nx",
        (3, 12): "type Own = int\nf'{'a' + f'{1}'}'",
        (3, 13): "def f[T = int](x: T) -> T: return x\nf(1)",
    }
    for version, code in newer.items():
        if version <= python.version:
            assert client.run(code).result is not None, code


@pytest.mark.better("its traceback leaves the group out")
def test_exception_group(client: Client, python: Python) -> None:
    if python.version < (3, 11):
        pytest.skip("before exception groups")
    cell = client.execute("raise ExceptionGroup('several', [ValueError('v'), KeyError('k')])")
    assert cell.error == "ExceptionGroup"
    assert "ValueError" in cell.traceback and "KeyError" in cell.traceback


def test_notes_of_exceptions(client: Client, python: Python) -> None:
    if python.version < (3, 11):
        pytest.skip("before notes")
    cell = client.execute("e = ValueError('v')\ne.add_note('look here')\nraise e")
    assert "look here" in cell.traceback


def test_two_megabytes(client: Client) -> None:
    assert len(client.run("print('x' * 2_000_000)").stdout) == 2_000_001


def test_threads_and_pools(client: Client) -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n    found = list(pool.map(lambda n: n * n, range(8)))\n"
        "found"
    )
    assert client.run(code).result == "[0, 1, 4, 9, 16, 25, 36, 49]"


def test_own_handler_of_another_signal(client: Client) -> None:
    code = (
        "import os, signal, time\ngot = []\nsignal.signal(signal.SIGUSR1, lambda *a: got.append(1))\n"
        "os.kill(os.getpid(), signal.SIGUSR1)\nend = time.time() + 60\n"
        "while not got and time.time() < end: time.sleep(0.01)\ngot"
    )
    assert client.run(code).result == "[1]"


def test_alarm(client: Client) -> None:
    code = (
        "import signal, time\ndef late(*a): raise TimeoutError('alarm')\n"
        "signal.signal(signal.SIGALRM, late); signal.setitimer(signal.ITIMER_REAL, 0.1)\n"
        "time.sleep(600)"
    )
    assert client.execute(code).error == "TimeoutError"
