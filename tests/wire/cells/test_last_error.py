"""The last error, cells later: %debug, pdb.pm(), traceback.print_last(); what it keeps of memory.

Source: SylvainDe/DidYouMean-Python#13, gotcha/ipdb#7, ipython/ipython#12879.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.cell import Cell
from harness.client import Client

pytestmark = pytest.mark.one_python
FAILS = "def g(q):\n    secret = q * 2\n    return 1 / (q - q)\n"
RSS = "def rss(): return int(open('/proc/self/statm').read().split()[1]) * 4096 // 10**6\n"
LARGE = (
    "def inner(data):\n    more = bytearray(200_000_000)\n    return 1 / 0\n"
    "def outer():\n    inner(bytearray(b'x') * 200_000_000)\nbase = rss()"
)


def answered(client: Client, code: str, answers: list[str]) -> Cell:
    """A cell that asks so often."""
    request = client.send_execute(code, allow_stdin=True)
    for answer in answers:
        client.answer(answer, client.input_request(request))
    return client.finish(request)


@pytest.mark.parametrize("code", ["%debug", "pdb.pm()"])
def test_it_can_be_looked_at_later(client: Client, code: str) -> None:
    client.run(FAILS)
    assert client.execute("g(21)").error == "ZeroDivisionError"
    client.run("import pdb")
    client.run("1 + 1")
    for _ in range(2):
        assert "\n42\n" in answered(client, code, ["p secret", "q"]).stdout


def test_it_can_be_printed_later(client: Client) -> None:
    client.run(FAILS)
    client.execute("g(21)")
    client.run("import sys, traceback")
    text = client.run("traceback.print_last()").stderr
    assert "    return 1 / (q - q)\n" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")
    assert client.run("sys.last_type is type(sys.last_value)").result == "True"
    assert client.run("sys.last_traceback.tb_next is not None").result == "True"


def test_debug_without_an_error_is_no_failure(client: Client) -> None:
    client.run(
        "import sys\nfor name in ('exc', 'type', 'value', 'traceback'):\n    vars(sys).pop(f'last_{name}', None)"
    )
    assert "No traceback has been produced, nothing to debug." in client.run("%debug").stderr


@pytest.mark.better("keeps all until the next error")
def test_large_variables_are_freed_by_a_good_cell(client: Client) -> None:
    client.run(RSS + LARGE)
    client.execute("outer()")
    assert client.run("rss() - base > 300").result == "True"
    assert client.run("rss() - base < 100").result == "True"
    text = answered(client, "%debug", ["p more", "p 40 + 2", "q"]).stdout
    assert "bytearray, 200 MB" in text
    assert "\n42\n" in text


def test_a_large_variable_that_has_an_owner_stays(client: Client) -> None:
    client.run(RSS + LARGE + "\nkept = bytearray(b'x') * 200_000_000")
    client.execute("inner(kept)")
    client.run("1")
    assert "\n200000000\n" in answered(client, "%debug", ["p len(data)", "q"]).stdout


@pytest.mark.better("keeps all until the next error")
def test_it_is_freed_with_its_owner(client: Client) -> None:
    client.run(RSS + LARGE + "\nkept = bytearray(b'x') * 200_000_000")
    client.execute("inner(kept)")
    client.run("1")
    client.run("del kept")
    assert client.run("rss() - base < 100").result == "True"


def test_a_thread_that_goes_on_keeps_its_variables(client: Client) -> None:
    client.run(
        "import threading, queue\nseen, go, sizes = queue.Queue(), threading.Event(), []\n"
        "def work():\n    data = bytearray(60_000_000)\n    try:\n        1 / 0\n"
        "    except ZeroDivisionError as error:\n        seen.put(error)\n"
        "    go.wait(60); sizes.append(len(data))\n"
        "thread = threading.Thread(target=work); thread.start()"
    )
    client.execute("raise seen.get()")
    client.run("1")
    client.run("go.set(); thread.join()")
    assert client.run("sizes").result == "[60000000]"


@pytest.fixture
def debugging(client: Client) -> Iterator[Client]:
    """A client whose kernel opens the debugger after an error, for the time of the test."""
    client.run("%pdb on")
    yield client
    client.run("%pdb off")


def test_pdb_on_stops_in_the_code_of_the_user(debugging: Client) -> None:
    debugging.run(FAILS)
    text = answered(debugging, "g(2)", ["p secret", "u", "u", "q"]).stdout
    assert "\n4\n" in text
    assert "carme" not in text


@pytest.mark.parametrize("code", ["%nosuch", "x = (", "import sys; sys.exit(3)"])
def test_pdb_on_is_for_errors_of_running_code(debugging: Client, code: str) -> None:
    assert debugging.execute(code).status == "error"
