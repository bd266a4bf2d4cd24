"""Tests wait for events: a machine that is busy with other things misses a time."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
# benchmarks measure times
FILES = sorted(path for path in TESTS.rglob("*.py") if "bench" not in path.parts)
CLOCKS = ("monotonic", "perf_counter", "time")


def called(node):
    """The last name of what is called."""
    return getattr(getattr(node, "func", None), "attr", None)


def is_of_time(node):
    return isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "time"


def waits_for_a_clock(node):
    """
    A call of time.sleep(), or an assertion on a difference of times. What cells run is text.

    A limit on seconds of the processor's, thread_time(), is the same on a busy machine.
    """
    if isinstance(node, ast.Call):
        return called(node) == "sleep" and is_of_time(node)
    if not isinstance(node, ast.Assert):
        return False
    compared = [each for each in ast.walk(node.test) if isinstance(each, ast.Compare)]
    sides = [side for each in compared for side in (each.left, *each.comparators)]
    differences = [side.left for side in sides if isinstance(side, ast.BinOp)]
    return any(called(left) in CLOCKS and is_of_time(left) for left in differences)


def unexplained(text):
    """The lines that wait for a clock and have no comment that says why."""
    lines = text.splitlines()
    found = {node.lineno for node in ast.walk(ast.parse(text)) if waits_for_a_clock(node)}
    return [number for number in sorted(found) if "  # " not in lines[number - 1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import time\ntime.sleep(0.2)", [2]),
        ("import time\ntime.sleep(3)  # the subscriber's sleep is the test", []),
        ("client.run('import time; time.sleep(1)')", []),
        ("assert time.monotonic() - begun < 2", [1]),
        ("assert seconds < 2 and time.perf_counter() - begun < 2", [1]),
        ("assert time.thread_time() - begun < 2", []),
        ("assert time.monotonic() < deadline, 'still there'", []),
        ("assert names(time.monotonic() - 1) == []", []),
    ],
)
def test_what_is_found(text, expected):
    assert unexplained(text) == expected


def test_each_wait_for_a_clock_says_why():
    found = [
        f"{path.relative_to(TESTS.parent)}:{number}"
        for path in FILES
        for number in unexplained(path.read_text("utf-8"))
    ]
    assert not found, "wait for an event (harness/until.py), or say in a comment why not"
