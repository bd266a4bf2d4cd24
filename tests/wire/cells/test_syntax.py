"""A notebook's own syntax in cells, as IPython reads it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

sys.path.append(str(Path(__file__).parents[2] / "python" / "syntax"))
from notation import corpus  # noqa: E402  (cells of the Python half's own tests)

PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
ALONE = str(ENVIRONMENTS / "systems" / "bin" / "python")
ours = pytest.mark.skipif(not IS_CARME, reason="IPython counts the lines of the transformed text")


@pytest.mark.parametrize(
    ("cell", "result"),
    [
        ('x = "a = %s" % 3\n%time 1\nx', "'a = 3'"),
        ("x = 'x = !ls'\n!true\nx", "'x = !ls'"),
        ("x = '''\ny = %ls\n'''\n!true\nx", r"'\ny = %ls\n'"),
        ("x = f'{1 = !r} = %b'\n%time 1\nx", "'1 = 1 = %b'"),
        ("x = 7\n%time 1\n(x\n%4)", "3"),
        ("x = !echo '= %s'\nx", "['= %s']"),
        ("if True:\n    x = %time 5\n    y = !echo a \\\n        b\nx, y", "(5, ['a b'])"),
        ("x = (  # = %time\n  1)\n!true\nx", "1"),
    ],
)
def test_strings_and_comments_are_no_magics(client: Client, cell: str, result: str) -> None:
    assert client.run(cell).result == result


def test_the_place_of_an_error_beside_magics(client: Client) -> None:
    cell = client.execute('x = "a = %s" % 3\n%time 1\n!true\ny = = 2\n')
    assert cell.error == "SyntaxError"
    assert "line 4\n    y = = 2\n        ^" in plain(cell.traceback)
    cell = client.execute("%time 1\nif x:\n    f(%time)")
    assert "line 3\n    f(%time)\n      ^" in plain(cell.traceback)
    cell = client.execute("if True:\n    !true\n  %time 1")
    assert cell.error == "IndentationError"
    assert "unindent does not match any outer indentation level" in plain(cell.traceback)


@ours
def test_lines_stay_where_they_are(client: Client) -> None:
    cell = client.execute("\n\n%time 1 \\\n  + 2\n1/0")
    assert "line 5" in plain(cell.traceback)
    assert "      3 %time 1 \\\n      4   + 2\n----> 5 1/0" in plain(cell.traceback)


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("# comment\n%%time\nx = 1", "UsageError"),
        ("x = 1\n%%time\nx", "UsageError"),
        (" %%time\nx = 1", "IndentationError"),
        ("%time\n%%nosuch", "UsageError"),
    ],
)
def test_a_cell_magic_is_all_of_its_cell(client: Client, cell: str, error: str) -> None:
    assert client.execute(cell).reply.content["ename"] == error


def test_a_cell_magic_below_a_comment_is_none(client: Client) -> None:
    content = client.execute("# comment\n%%time\nx = 1").reply.content
    assert content["evalue"] == "Line magic function `%%time` not found."


@pytest.mark.parametrize("above", ["", "\n", "\n  \n\n", " \n"])
def test_empty_lines_above_a_cell_magic(client: Client, above: str) -> None:
    cell = client.run(above + "%%time\nv_above = 5\nv_above")
    assert cell.result == "5"
    assert "Wall time" in cell.stdout


@pytest.mark.parametrize(
    "cell",
    [
        "In [1]: v = 5\nIn [2]: v",
        "# pasted\nIn [1]: v = 5\nIn [2]: v",
        "In [1]: for v in range(6):\n   ...:     pass\n   ...: v",
        "# pasted\n>>> v = 5\n>>> v",
        ">>> if True:\n...     v = !echo 5\n...\n>>> v = int(v[0])\n... v",
        "    >>> v = 5\n    >>> v",
    ],
)
def test_prompts(client: Client, cell: str) -> None:
    assert client.run(cell).result == "5"
    assert client.run("v").result == "5"


def test_sources_of_pasted_functions(client: Client) -> None:
    client.run("    def indented():\n        return 1")
    client.run(">>> def pasted():\n...     return 1/0")
    client.run("import inspect")
    for name in ("indented", "pasted"):
        text = client.run(f"print(inspect.getsource({name}))").stdout
        assert text.startswith(f"def {name}():\n    return 1")
    assert "----> 2     return 1/0" in plain(client.execute("pasted()").traceback)


def test_future_statements_anywhere(start: Callable[..., Kernel]) -> None:
    client = start().client()
    client.run(
        "%time 1\nfrom __future__ import annotations\ndef f(x: nosuch): pass\nf.__annotations__"
    )
    assert client.run("f.__annotations__").result == "{'x': 'nosuch'}"
    client = start().client()
    cell = client.run(
        "'docstring'\ndef f(x: int): pass\nfrom __future__ import annotations\n"
        "from __future__ import division\ndef g(x: nosuch): pass\n"
        "f.__annotations__, g.__annotations__, __doc__"
    )
    assert cell.result == "({'x': int}, {'x': 'nosuch'}, 'docstring')"
    client.run("def h(x: nosuch): pass")
    cell = client.execute("x = 1\nfrom __future__ import nosuch")
    assert cell.error == "SyntaxError"
    assert "line 2\n    from __future__ import nosuch\n    ^" in plain(cell.traceback)
    assert client.run("%time 1\nimport asyncio\nawait asyncio.sleep(0, 3)").result == "3"


TRANSFORMED = [
    ("ls -l *.py", "get_ipython().run_line_magic('ls', '-l *.py')\n"),
    ("\n\nls\n", "get_ipython().run_line_magic('ls', '')\n"),
    ("  cd ..", "get_ipython().run_line_magic('cd', '..')\n"),
    ("time()", "get_ipython().run_line_magic('time', '()')\n"),
    ("time 1;", "get_ipython().run_line_magic('time', '1;')\n"),
    ("ls[1]", "get_ipython().run_line_magic('ls', '[1]')\n"),
    ("ls = 1", "ls = 1\n"),
    ("ls, x = 1, 2", "ls, x = 1, 2\n"),
    ("ls\n\n", "ls\n\n"),
    ("ls\nls", "ls\nls\n"),
    ("ls.x", "ls.x\n"),
    ("x = 1", "x = 1\n"),
    ("%%a b\nc", "get_ipython().run_cell_magic('a', 'b', 'c\\n')\n"),
    ("%a b\n!c\nx = %d\ny?", None),
    ("/f a b", "f(a, b)\n"),
    (",f a b", 'f("a", "b")\n'),
    (";f a b", 'f("a b")\n'),
    ("?", "get_ipython().show_usage()\n"),
]


@pytest.mark.one_python
@pytest.mark.parametrize(
    "first", ["pass", "import IPython", "get_ipython().ast_node_interactivity"]
)
def test_transform_cell(start: Callable[..., Kernel], first: str) -> None:
    """The same texts before IPython takes over and after."""
    client = start(path=PYTHON).client()
    client.run(first)
    for cell, text in TRANSFORMED:
        if text is not None:
            found = client.run(f"print(repr(get_ipython().transform_cell({cell!r})))").stdout
            assert found == repr(text) + "\n", cell


@pytest.mark.one_python
def test_lines_end_where_pythons_do(client: Client) -> None:
    client.run("import inspect, linecache, traceback")
    for end in ("\x0c", "\x1c", "\x85", "\u2028"):
        client.run(f"a = 'x{end}y'\n# {end}\ndef last():\n    return 1 / 0")
        text = client.run("print(inspect.getsource(last))").stdout
        assert text.startswith("def last():\n    return 1 / 0")
        client.run(
            "try:\n    last()\nexcept ZeroDivisionError:\n    shown = traceback.format_exc()"
        )
        assert client.run("'return 1 / 0' in shown").result == "True"


@pytest.mark.one_python
def test_semicolons_of_magics(client: Client) -> None:
    assert client.run("%time 5;").result is None
    assert client.run("%time 5").result == "5"
    assert client.run("5;  # comment").result is None
    assert client.run("!!echo 5;").result == "['5']"


@pytest.mark.one_python
@pytest.mark.parametrize("first", ["pass", "get_ipython().ast_node_interactivity"])
def test_whether_input_is_complete(start: Callable[..., Kernel], first: str) -> None:
    """As IPython says, before it takes over and after; with transformers that were added."""
    client = start(path=PYTHON).client()
    client.run(first)
    for code, status, indent in (
        ("x = 1", "complete", None),
        ("%time x", "complete", None),
        ("%%time\nx", "incomplete", ""),
        ("%%time\nx\n\n", "complete", None),
        ("!ls \\", "incomplete", ""),
        ("for x in y:", "incomplete", "    "),
        ("In [1]: for x in y:\n   ...:     %ls", "incomplete", "    "),
        (">>> x = 'a\n", "invalid", None),
        ("x = %ls", "complete", None),
        ("x?", "complete", None),
        ("f(%ls)", "invalid", None),
    ):
        content = client.ask("is_complete_request", {"code": code}).content
        assert (content["status"], content.get("indent")) == (status, indent), code
    client.run(
        "def shout(lines):\n    return [line.replace('SHOUT', 'print(1)') for line in lines]\n"
        "get_ipython().input_transformers_cleanup.append(shout)"
    )
    assert client.run("SHOUT").stdout == "1\n"
    assert client.ask("is_complete_request", {"code": "SHOUT\n"}).content["status"] == "complete"


@pytest.mark.parametrize("cell", ["x = 5\nx is 5", "x = 5\n!true\nx is 5\n"])
def test_the_first_warning_has_its_line(start: Callable[..., Kernel], cell: str) -> None:
    shown = start().client().run(cell).stderr
    warning = 'SyntaxWarning: "is" with a literal. Did you mean "=="?'
    if "'int'" in shown:  # since Python 3.12
        warning = 'SyntaxWarning: "is" with \'int\' literal. Did you mean "=="?'
    assert f":{len(cell.splitlines())}: {warning}\n  x is 5\n" in shown


@ours
def test_a_warning_is_given_once(start: Callable[..., Kernel]) -> None:
    client = start().client()
    assert client.run("x = 5; x is 5").stderr.count("SyntaxWarning") == 1
    assert client.run("x = 5; x is 5").stderr.count("SyntaxWarning") == 1
    client = start().client()
    assert client.execute("x is 5\nx = = 1").stderr.count("SyntaxWarning") == 0
    assert client.execute("x is 5\nx = 1\nx.y").stderr.count("SyntaxWarning") == 1


def pages(cell: object) -> list[str]:
    """The texts that a cell shows in the client's pager."""
    payload = cell.reply.content["payload"]  # type: ignore[attr-defined]
    return [plain(each["data"]["text/plain"]) for each in payload if each["source"] == "page"]


@pytest.mark.one_python
@pytest.mark.parametrize("path", [ALONE, PYTHON], ids=["alone", "with IPython"])
def test_names_that_match_a_pattern(start: Callable[..., Kernel], path: str) -> None:
    """The first is the cell in which IPython takes over, where it is installed."""
    client = start(path=path).client()
    assert pages(client.run("*int*?")) == ["FloatingPointError\nbreakpoint\nint\nprint"]
    client.run(
        "class A:\n    import_it = 1\n    _hidden = 2\n    def imported(self): pass\na = A()"
    )
    assert pages(client.run("a.i*?")) == ["a.import_it\na.imported"]
    assert pages(client.run("%psearch a.__cl*")) == ["a.__class__"]
    assert pages(client.run("?a.*_it")) == ["a.import_it"]


@pytest.mark.one_python
@pytest.mark.parametrize("path", [ALONE, PYTHON], ids=["alone", "with IPython"])
def test_a_cell_shows_its_last_page(start: Callable[..., Kernel], path: str) -> None:
    client = start(path=path).client()
    (page,) = pages(client.run("first, second = 11, 22\nfirst?\nsecond?"))
    assert "22" in page
    cell = client.run("%nosuch?")
    assert (cell.stdout.strip(), pages(cell)) == ("Object `%nosuch` not found.", [])


@pytest.mark.one_python
@pytest.mark.parametrize("code", ["?", "%quickref", "??"])
def test_what_only_ipython_has(start: Callable[..., Kernel], code: str) -> None:
    (page,) = pages(start(path=PYTHON).client().run(code))
    assert "IPython -- An enhanced Interactive Python" in page
    if IS_CARME:
        cell = start(path=ALONE).client().execute(code)
        assert cell.error == "UsageError"
        assert "`%pip install ipython`" in cell.reply.content["evalue"]


@ours
@pytest.mark.one_python
@pytest.mark.parametrize("code", ["alias x y", "doctest_mode", "bookmark -l"])
def test_magics_of_ipythons_without_their_sign(start: Callable[..., Kernel], code: str) -> None:
    assert start(path=PYTHON).client().run(code).status == "ok"
    cell = start(path=ALONE).client().execute(code)
    assert cell.error == "UsageError"
    assert "is a magic of IPython's, which is not installed" in cell.reply.content["evalue"]


COLLECT = """
def collected():
    texts = []
    for text in cells:
        try:
            texts.append(get_ipython().transform_cell(text))
        except Exception:
            texts.append(None)
    return texts
"""
# a closing bracket too many: Python's tokenize counts below zero, and IPython with it
SUNKEN = {"(\n))\n%c\n    !d", ")\n%c\n    !d"}


@ours
@pytest.mark.one_python
def test_texts_before_and_after_takeover(start: Callable[..., Kernel], tmp_path: Path) -> None:
    """One kernel answers for some thousand cells: first by itself, then IPython."""
    client = start(path=PYTHON).client()
    (tmp_path / "cells.json").write_text(json.dumps(corpus()))
    client.run(f"import json\ncells = json.load(open({str(tmp_path / 'cells.json')!r}))")
    client.run(COLLECT)
    client.run("alone = collected()\nget_ipython().ast_node_interactivity")
    client.run(
        "different = [i for i, (a, b) in enumerate(zip(alone, collected())) if a != b != None]"
    )
    assert (
        client.run("'IPython.core.interactiveshell' in __import__('sys').modules").result == "True"
    )
    numbers = json.loads(str(client.run("different").result))
    found = {corpus()[number] for number in numbers} - SUNKEN
    assert {cell for cell in found if cell.strip()[:4] not in ("exit", "quit")} == set()


@pytest.mark.one_python
@pytest.mark.parametrize("first", ["pass", "get_ipython().ast_node_interactivity"])
def test_inputs_are_python(start: Callable[..., Kernel], first: str) -> None:
    """In has what was run, `_i` and the history what was typed; also of before IPython comes."""
    client = start(path=PYTHON).client()
    client.run("%time x = 1 \\\n  + 1")
    client.run("y = !echo a")
    client.run(first)
    assert client.run("_i, _ii").result == repr((first, "y = !echo a"))
    call = "get_ipython().run_line_magic('time', 'x = 1    + 1')"
    assert client.run("In[1]").result == repr(call)
    assert client.run("In[2], _i2").result == repr(
        ("y = get_ipython().getoutput('echo a')", "y = !echo a")
    )
    assert "Wall time" in client.run("exec(In[1])").stdout
    assert client.run("%history 1-2").stdout == "%time x = 1 \\\n  + 1\ny = !echo a\n"
