"""tracebacks.format_error(): texts with the ANSI codes taken out, and the codes where they matter."""

import re
import sys
import textwrap

import pytest
from _carme.errors import tracebacks

ANSI = re.compile(r"\x1b\[[0-9;]*m")
DASHES = "-" * 75


def run(source, *earlier, filename="<cell {}>"):
    """Run cells and return tracebacks.format_error() of the last one's exception, ANSI codes removed."""
    ename, evalue, lines = run_raw(source, *earlier, filename=filename)
    return ename, evalue, [ANSI.sub("", line) for line in lines]


def run_raw(source, *earlier, filename="<cell {}>"):
    cells = {}
    namespace = {"__name__": "__main__"}
    try:
        for number, cell in enumerate((*earlier, source), 1):
            cell = textwrap.dedent(cell).strip("\n")
            name = filename.format(number)
            cells[name] = (number, cell)
            exec(compile(cell, name, "exec"), namespace)
    except BaseException:
        etype, error, tb = sys.exc_info()
        return tracebacks.format_error(
            etype, error, tb.tb_next, cells
        )  # without this function's frame
    raise AssertionError("the cell did not raise")


def header(name):
    return name + "Traceback (most recent call last)".rjust(75 - len(name))


def test_one_line():
    assert run("1/0") == (
        "ZeroDivisionError",
        "division by zero",
        [
            DASHES,
            header("ZeroDivisionError"),
            "Cell In[1], line 1\n----> 1 1/0\n",
            "ZeroDivisionError: division by zero",
        ],
    )


def test_colours_are_those_of_ipython():
    lines = run_raw("1/0")[2]
    assert lines == [
        "\x1b[31m" + DASHES + "\x1b[39m",
        "\x1b[31mZeroDivisionError\x1b[39m" + header("ZeroDivisionError")[17:],
        "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[1]\x1b[39m\x1b[32m, line 1\x1b[39m\n"
        "\x1b[32m----> \x1b[39m\x1b[32m1\x1b[39m \x1b[32m1\x1b[39m/\x1b[32m0\x1b[39m\n",
        "\x1b[31mZeroDivisionError\x1b[39m: division by zero",
    ]


FUNCTION = """
def f(x, *a, k=1, **kw):
    y = x
    # c
    z = y/0
    return z

f(1)
"""


def test_function_frame_has_its_arguments():
    assert run(FUNCTION)[2][2:4] == [
        "Cell In[1], line 7\n"
        "      3     # c\n"
        "      4     z = y/0\n"
        "      5     return z\n"
        "      6 \n"
        "----> 7 f(1)\n",
        "Cell In[1], line 4, in f(x, k, *a, **kw)\n"
        "      1 def f(x, *a, k=1, **kw):\n"
        "      2     y = x\n"
        "      3     # c\n"
        "----> 4     z = y/0\n"
        "      5     return z\n",
    ]


def test_frame_of_an_earlier_cell():
    lines = run("g()", "def g():\n    return {}['k']")[2]
    assert lines[2] == "Cell In[2], line 1\n----> 1 g()\n"
    assert lines[3].startswith("Cell In[1], line 2, in g()\n      1 def g():\n----> 2 ")


def test_qualified_names():
    lines = run(
        """
        class A:
            def m(self):
                def inner():
                    1/0
                inner()
        A().m()
        """
    )[2]
    assert lines[3].startswith("Cell In[1], line 5, in A.m(self)\n")
    assert lines[4].startswith("Cell In[1], line 4, in A.m.<locals>.inner()\n")


def test_file_frame_shows_logical_lines(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "module.py"
    path.write_text(
        'def f(a):\n    """One\n    two."""\n\n    b = (a,\n         a)\n    c = 1\n'
        "    return b / c\n    # never\n\n\ndef g():\n    pass\n"
    )
    namespace = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    with pytest.raises(TypeError) as caught:
        namespace["f"](1)
    value = caught.value
    lines = tracebacks.format_error(type(value), value, value.__traceback__.tb_next, {})[2]
    assert ANSI.sub("", lines[2]) == (
        "File ~/module.py:8, in f(a)\n"
        "      5 b = (a,\n"
        "      6      a)\n"
        "      7 c = 1\n"
        "----> 8 return b / c\n"
        "      9 # never\n"
    )


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no positions before Python 3.11")
def test_executing_expression_is_marked():
    line = run_raw("x = 'é' + (1 / 0)")[2][2].splitlines()[1]
    assert line.endswith(
        "\x1b[33m'é'\x1b[39m + ("
        + "".join(f"\x1b[30;43m{part}\x1b[39;49m" for part in ("1", " ", "/", " ", "0"))
        + ")"
    )


def test_file_that_is_gone():
    namespace = {}
    exec(compile("def q():\n    1/0\n", "gone.py", "exec"), namespace)
    with pytest.raises(ZeroDivisionError) as caught:
        namespace["q"]()
    value = caught.value
    lines = tracebacks.format_error(type(value), value, value.__traceback__.tb_next, {})[2]
    assert ANSI.sub("", lines[2]) == (
        "File gone.py:2, in q()\n"
        "      1 'Could not get source, probably due dynamically evaluated source code.'\n"
    )


def test_kernel_frames_are_left_out():
    assert run("1/0", filename="<carme cell {}>")[2] == [
        DASHES,
        header("ZeroDivisionError"),
        "ZeroDivisionError: division by zero",
    ]


def test_cause():
    lines = run(
        """
        try:
            1/0
        except Exception as e:
            raise ValueError('x') from e
        """
    )[2]
    assert [line.split("\n")[0] for line in lines] == [
        DASHES,
        header("ZeroDivisionError"),
        "Cell In[1], line 2",
        "ZeroDivisionError: division by zero",
        "",
        header("ValueError"),
        "Cell In[1], line 4",
        "ValueError: x",
    ]
    assert lines[4] == "\nThe above exception was the direct cause of the following exception:\n"


def test_context():
    lines = run("try:\n    1/0\nexcept Exception:\n    {}['k']")[2]
    assert lines[4] == "\nDuring handling of the above exception, another exception occurred:\n"
    assert lines[-1] == "KeyError: 'k'"


def test_suppressed_context():
    lines = run("try:\n    1/0\nexcept Exception:\n    raise KeyError('k') from None")[2]
    assert len(lines) == 4


def test_circle_of_causes_ends():
    lines = run("a = ValueError(1)\nb = KeyError(2)\na.__cause__ = b\nb.__cause__ = a\nraise a")[2]
    assert [line for line in lines if line.startswith(("ValueError:", "KeyError:"))] == [
        "KeyError: 2",
        "ValueError: 1",
    ]


def test_notes():
    lines = run("e = ValueError('v')\ne.__notes__ = ['one', 'two\\nthree', 3]\nraise e")[2]
    assert lines[3:] == ["ValueError: v", "one", "two\nthree", "3"]


def test_notes_that_are_no_list():
    assert run("e = ValueError('v')\ne.__notes__ = 5\nraise e")[2][3:] == ["ValueError: v", "5"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no ExceptionGroup before Python 3.11")
def test_exception_group():
    lines = run(
        """
        def fail():
            raise TypeError('t')
        try:
            fail()
        except TypeError as e:
            raised = e
        raise ExceptionGroup('eg', [ValueError(1), ExceptionGroup('in', [raised])])
        """
    )[2]
    assert lines[3] == "ExceptionGroup: eg (2 sub-exceptions)"
    tree = lines[4].split("\n")
    assert tree[:4] == [
        "  +-+---------------- 1 ----------------",
        "    | ValueError: 1",
        "    +---------------- 2 ----------------",
        "    | ExceptionGroup: in (1 sub-exception)",
    ]
    assert "    |     | Cell In[1], line 2, in fail()" in tree
    assert "    |     | TypeError: t" in tree
    assert tree[-1] == "    +------------------------------------"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no ExceptionGroup before Python 3.11")
def test_exception_group_is_cut():
    wide = run("raise ExceptionGroup('eg', [ValueError(i) for i in range(40)])")[2][4]
    assert "and 25 more exceptions" in wide
    deep = run("e = ValueError()\nfor i in range(50):\n    e = ExceptionGroup('g', [e])\nraise e")
    assert "max_group_depth is 10" in deep[2][4]


def test_syntax_error_of_the_cell():
    ename, evalue, lines = run("x = 1\na b")
    assert (ename, evalue) == ("SyntaxError", "invalid syntax (<cell 1>, line 2)")
    assert lines == ["  Cell In[1], line 2\n    a b\n      ^\nSyntaxError: invalid syntax\n"]


def test_syntax_error_inside_a_call():
    lines = run("eval('1 +')")[2]
    assert lines[:2] == [
        "Traceback (most recent call last):\n",
        "  Cell In[1], line 1\n    eval('1 +')\n",
    ]
    assert lines[2].startswith("  File <string>:1\n    1 +\n")
    assert "SyntaxError: " in lines[2]


def test_syntax_error_without_a_place():
    assert run("raise SyntaxError('odd')")[2][2] == ("  File <string>\n    \nSyntaxError: odd\n")


def test_recursion_is_short():
    ename, _, lines = run("def r(n):\n    return r(n+1)\nr(0)")
    assert ename == "RecursionError"
    assert len(lines) == 8
    assert re.match(
        r"    \[\.\.\. skipping similar frames: r at line 2 \(\d{3,} times\)\]\n", lines[5]
    )


def test_mutual_recursion_is_short():
    lines = run("def a():\n    b()\ndef b():\n    a()\na()")[2]
    assert len(lines) < 14


def test_hidden_frames():
    lines = run("def h():\n    __tracebackhide__ = True\n    f()\ndef f():\n    1/0\nh()")[2]
    assert lines[3] == "    [... skipping hidden 1 frame]\n"
    assert lines[4].startswith("Cell In[1], line 5, in f()\n")


def test_broken_str():
    ename, evalue, lines = run("class B(Exception):\n    def __str__(self): 1/0\nraise B()")
    assert (ename, evalue) == ("B", "<exception str() failed>")
    assert lines[-1] == "B: <exception str() failed>"


def test_str_that_is_no_text():
    evalue = run("class B(Exception):\n    def __str__(self): return 3\nraise B()")[1]
    assert evalue == "<exception str() failed>"


def test_hostile_exception():
    source = """
    class B(Exception):
        def __getattribute__(self, name): raise SystemExit(name)
        def __str__(self): raise SystemExit
        def __repr__(self): raise SystemExit
    raise B()
    """
    ename, evalue, lines = run(source)
    assert (ename, evalue) == ("B", "<exception str() failed>")
    assert lines[-1] == "B: <exception str() failed>"


def test_system_exit_shows_no_frames():
    said = "An exception has occurred, use %tb to see the full traceback.\n"
    assert run("import sys\nsys.exit(3)") == ("SystemExit", "3", [said, "SystemExit: 3\n"])


def test_keyboard_interrupt():
    ename, evalue, lines = run("raise KeyboardInterrupt")
    assert (ename, evalue, lines[-1]) == ("KeyboardInterrupt", "", "KeyboardInterrupt: ")


def test_lone_surrogates_stay():
    _, evalue, lines = run("raise ValueError('\\ud800')")
    assert evalue == "\ud800"
    assert lines[-1] == "ValueError: \ud800"


def test_surrogates_in_the_source():
    cells = {"<cell 1>": (1, "x = '\ud800' + 1")}
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile("x = '?' + str(1/0)", "<cell 1>", "exec"), {})
    value = caught.value
    lines = tracebacks.format_error(type(value), value, value.__traceback__.tb_next, cells)[2]
    assert "'\ud800'" in ANSI.sub("", lines[2])


def test_no_value_and_no_traceback():
    assert tracebacks.format_error(ValueError, None, None, {})[2][-1].endswith(": None")
    assert tracebacks.format_error(ValueError, ValueError("v"), None, {})[:2] == ("ValueError", "v")
