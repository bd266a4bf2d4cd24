"""Errors of all kinds and %xmode, %tb: the texts of IPython."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
ALONE = str(ENVIRONMENTS / "systems" / "bin" / "python")
HEAD = "Traceback (most recent call last):\n"
# a call of IPython's own, which this kernel has not
IPYTHONS = "in run_code\n"


@pytest.fixture
def seat(start: Callable[..., Kernel]) -> Client:
    """A client of a kernel of its own."""
    return start().client()


def lines(cell: object) -> list[str]:
    """An error's lines without colours, whether the cell has failed or not."""
    (content,) = [m.content for m in cell.iopub if m.type == "error"]  # type: ignore[attr-defined]
    return [plain(line) for line in content["traceback"] if IPYTHONS not in plain(line)]


RUNNING = [
    (
        'exec("x = = 1")',
        [
            HEAD,
            '  Cell In[1], line 1\n    exec("x = = 1")\n',
            "  File <string>:1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n",
        ],
    ),
    (
        "def g():\n    exec('x = = 1')\ng()",
        [
            HEAD,
            "  Cell In[1], line 3\n    g()\n",
            "  Cell In[1], line 2 in g\n    exec('x = = 1')\n",
            "  File <string>:1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n",
        ],
    ),
    (
        "raise SyntaxError('own')",
        [
            HEAD,
            "  Cell In[1], line 1\n    raise SyntaxError('own')\n",
            "  File <string>\n    \nSyntaxError: own\n",
        ],
    ),
    (
        "try:\n    1/0\nexcept ZeroDivisionError:\n    raise SyntaxError",
        [
            HEAD,
            "  Cell In[1], line 2\n    1/0\n",
            "ZeroDivisionError: division by zero\n",
            "\nDuring handling of the above exception, another exception occurred:\n",
            HEAD,
            "  Cell In[1], line 4\n    raise SyntaxError\n",
            "  File <string>\n    \nSyntaxError\n",
        ],
    ),
]


@pytest.mark.parametrize(("code", "expected"), RUNNING)
def test_syntax_errors_while_code_runs(seat: Client, code: str, expected: list[str]) -> None:
    assert lines(seat.execute(code)) == expected


def test_syntax_error_of_a_file(seat: Client, tmp_path: object) -> None:
    seat.run(f"import sys; sys.path.insert(0, {str(tmp_path)!r})")
    (tmp_path / "carme_bad.py").write_text("1\n2\n7/\n")  # type: ignore[operator]
    found = lines(seat.execute("import carme_bad"))
    assert found[:2] == [HEAD, "  Cell In[2], line 1\n    import carme_bad\n"]
    assert found[2].startswith(f"  File {tmp_path}/carme_bad.py:3\n    7/\n")
    (tmp_path / "carme_bad.py").write_text("if True:\nzoom()\n")  # type: ignore[operator]
    assert "    zoom()\n    ^\nIndentationError" in lines(seat.execute("import carme_bad"))[2]


def test_source_that_is_nowhere(seat: Client) -> None:
    assert lines(seat.execute("eval('1/0')"))[3] == (
        "File <string>:1\n"
        "----> 1 'Could not get source, probably due dynamically evaluated source code.'\n"
    )
    assert lines(seat.execute("exec('def f():\\n  1/0\\nf()')"))[4] == (
        "File <string>:2, in f()\n"
        "      1 'Could not get source, probably due dynamically evaluated source code.'\n"
    )


RENDERS = """
class Remote(Exception):
    def _render_traceback_(self):
        return ["first line", "second line"]
class Broken(Exception):
    def _render_traceback_(self):
        1/0
"""


def test_render_traceback(seat: Client) -> None:
    seat.run(RENDERS)
    assert lines(seat.execute("raise Remote")) == ["first line", "second line"]
    assert lines(seat.run("%tb")) == ["first line", "second line"]


@pytest.mark.skipif(not IS_CARME, reason="IPython shows no error then")
def test_render_traceback_that_fails(seat: Client) -> None:
    seat.run(RENDERS)
    assert lines(seat.execute("raise Broken"))[-1].startswith("Broken: ")


MODES = [
    (
        "Plain",
        [
            HEAD,
            "  Cell In[3], line 1\n    f([])\n",
            "  Cell In[1], line 2 in f\n    return a[5]\n",
            "IndexError: list index out of range\n",
        ],
    ),
    ("Minimal", ["IndexError: list index out of range\n"]),
    ("Doctest", [HEAD, "    ...\n", "IndexError: list index out of range\n"]),
]


@pytest.mark.one_python
@pytest.mark.parametrize("path", [ALONE, PYTHON], ids=["alone", "with IPython"])
@pytest.mark.parametrize(("mode", "expected"), MODES)
def test_modes(start: Callable[..., Kernel], path: str, mode: str, expected: list[str]) -> None:
    client = start(path=path).client()
    client.run("def f(a):\n    return a[5]")
    assert client.run(f"%xmode {mode}").stdout == f"Exception reporting mode: {mode}\n"
    assert lines(client.execute("f([])")) == expected
    assert lines(client.run("%tb")) == expected
    assert lines(client.run("%tb Context"))[-1] == "IndexError: list index out of range"
    assert lines(client.execute("x = = 1"))[0].endswith("SyntaxError: invalid syntax\n")
    client.run("%xmode Context")
    assert "----> 1 f([])" in "".join(lines(client.execute("f([])")))


def test_an_unknown_mode_is_a_warning(seat: Client) -> None:
    for magic in ("%xmode nosuch", "%tb nosuch"):
        assert "Unrecognized mode in FormattedTB: <Nosuch>" in seat.run(magic).stderr
    assert seat.run("1").result == "1"


@pytest.mark.parametrize(
    "first", ["pass", "import IPython", "get_ipython().ast_node_interactivity"]
)
def test_tb(start: Callable[..., Kernel], first: str) -> None:
    """Alone, and after IPython has taken over."""
    client = start(path=PYTHON).client()
    client.run(first)
    for magic in ("%tb", "%tb Plain"):
        cell = client.run(magic)
        assert cell.stderr == "No traceback available to show.\n"
        assert {message.type for message in cell.outputs} == {"stream"}
    client.execute("x = = 1")
    place = "  Cell In[4], line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n"
    assert lines(client.run("%tb")) == [place]
    client.execute("exec('x = = 1')")
    place = "  File <string>:1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n"
    assert lines(client.run("%tb")) == [place]
    client.execute("raise SystemExit('bye')")
    assert "----> 1 raise SystemExit('bye')" in "".join(lines(client.run("%tb")))
    client.execute("1/0")
    assert lines(client.run("%tb"))[-1] == "ZeroDivisionError: division by zero"


def test_showtraceback(seat: Client) -> None:
    code = "try:\n    1/0\nexcept Exception:\n    get_ipython().showtraceback({})"
    assert lines(seat.run(code.format("")))[-1] == "ZeroDivisionError: division by zero"
    shown = lines(seat.run(code.format("exception_only=True")))
    assert shown == ["ZeroDivisionError: division by zero\n"]
    seat.run("try:\n    raise KeyError(1)\nexcept Exception as e:\n    kept = e")
    shown = lines(seat.run("get_ipython().showtraceback((KeyError, kept, kept.__traceback__))"))
    assert shown[-1] == "KeyError: 1"


def test_the_line_is_the_one_that_was_read(seat: Client) -> None:
    shown = lines(seat.execute("%%timeit -n1 -r1 y = = 1\nx = 2"))[-1]
    assert "    y = = 1\n        ^\n" in shown
