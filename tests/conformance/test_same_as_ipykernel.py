"""One notebook by `jupyter nbconvert --execute` under Carme and under ipykernel: the same outputs."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import nbformat
import pytest

from harness.kernels import ENVIRONMENTS, few_pythons
from harness.kernelspecs import REFERENCE, Home, own_name

ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}")
# 1 by 1 pixels
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TEXT = [
    "print('hello')\nprint('a', 'b', sep='\\n', end='')",
    "1 + 1",
    "x = 5",
    "x;",
    "_ + 10 if isinstance(_, int) else 'no'",
    "'text with ä, € and 🎈'",
    "{'numbers': list(range(40)), 'names': ['n' * 20] * 5, 'nested': {'a': (1, 2), 'b': {3}}}",
    "[list(range(n)) for n in range(12)]",
    "import collections\ncollections.OrderedDict(a=1), collections.Counter('aab'), collections.deque([1])",
    "from types import SimpleNamespace\nSimpleNamespace(a=1, b='x')",
    "import sys\nlen, str, sys, type(None)",
    "b'bytes', 1.5, 1e300, float('inf'), 2 ** 100, 1j, None, ...",
    "class Plain:\n    def __repr__(self): return 'a\\nplain\\none'\nPlain()",
    "[Plain(), Plain()]",
    "Plain",
    "def function(a, b=1): pass\nfunction",
    "import sys\nprint('to stderr', file=sys.stderr)\nprint('to stdout')",
    "for n in range(3): print(n)\n'after the loop'",
    "print('α' * 100)",
    "None",
    "import datetime, decimal, fractions, pathlib\n"
    "datetime.date(2026, 11, 22), decimal.Decimal('1.10'), fractions.Fraction(1, 3), "
    "pathlib.PurePosixPath('/a/b')",
    "range(5), slice(1, 2), frozenset({1}), (1,), [], {}, set()",
]
RICH = [
    f"import base64\nclass Picture:\n    def _repr_png_(self): return base64.b64decode('{PNG}')\nPicture()",
    "class Drawing:\n"
    "    def __repr__(self): return 'a drawing'\n"
    '    def _repr_svg_(self): return \'<svg xmlns="http://www.w3.org/2000/svg"><circle r="5"/></svg>\'\n'
    "Drawing()",
    "class Everything:\n"
    "    def __repr__(self): return 'everything'\n"
    "    def _repr_html_(self): return '<b>html</b>'\n"
    "    def _repr_markdown_(self): return '**md**'\n"
    "    def _repr_latex_(self): return '$l$'\n"
    "    def _repr_json_(self): return {'j': [1, None]}\n"
    "    def _repr_jpeg_(self): return b'\\xff\\xd8', {'width': 3}\n"
    "    def _repr_javascript_(self): return 'js'\n"
    "Everything()",
    "class Bundle:\n"
    "    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'text/plain': 'from the bundle', 'text/x-own': 'own'}, {'text/x-own': {'k': 1}}\n"
    "Bundle()",
    "display(Drawing(), 'a string', 5, {'a': 1})",
    "display({'text/plain': 'raw', 'text/html': '<i>raw</i>'}, raw=True)",
    "handle = display('to be updated', display_id='one')",
    "handle.update('updated')",
    "display(Everything(), metadata={'text/html': {'own': True}})",
    "print('before'); display(Picture()); print('after')",
]
ERRORS = [
    "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print('caught', error)",
    "1 / 0",
    "def deep(n):\n    return deep(n - 1) if n else {}['missing']\ndeep(3)",
    "a = = 1",
    "undefined_name",
    "raise ValueError('one', 2)",
    "class Own(Exception):\n    pass\nraise Own('with a text\\nof two lines')",
    "print('shown before the error'); [][1]",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise RuntimeError('after') from e",
    "import no_such_module_anywhere",
    "assert x == 6, 'x is not 6'",
    "if True:\nprint('not indented')",
    "'still counting'",
]
# ipykernel reads the descriptors' pipe in a thread of its own: what comes late is lost for the cell
PROCESSES = [
    "import subprocess, time\nsubprocess.run(['echo', 'from a subprocess'], check=True); time.sleep(0.5)",
    "import os\nos.system('echo from a shell; echo and its stderr >&2'); time.sleep(0.5)",
    "subprocess.run(['sh', '-c', 'exit 3'])",
    "print(subprocess.check_output(['echo', 'captured'], text=True))",
]
AWAIT = [
    "import asyncio\nawait asyncio.sleep(0.01)\nprint('slept')",
    "async def value(): return 'awaited'\nawait value()",
    "await asyncio.gather(*(asyncio.sleep(0.01, n) for n in range(3)))",
    "async def fails(): raise KeyError('k')\nawait fails()",
    "async def numbers():\n    for n in range(3): yield n\n[n async for n in numbers()]",
]
PANDAS = [
    "import pandas\ntable = pandas.DataFrame({'name': ['a', 'ä'], 'value': [1.5, None]})\ntable",
    "table['value']",
    "table.describe()",
    "table['nowhere']",
    "pandas.DataFrame([range(n, n + 30) for n in range(100)])",
    "pandas.Series(range(200))",
    "import numpy\nnumpy.arange(2000).reshape(50, 40)",
]
EVERYWHERE = [*TEXT, *RICH, *ERRORS, *PROCESSES, *AWAIT]


@functools.lru_cache(maxsize=None)
def executed(home: Home, kernel: str, cells: tuple[str, ...]) -> list[Any]:
    """The code cells after nbconvert has run them in a kernel."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code, id=f"c{n}") for n, code in enumerate(cells)]
    )
    source, target = home.directory / f"{kernel}.ipynb", home.directory / f"{kernel}.out.ipynb"
    nbformat.write(notebook, source)
    home.jupyter(
        "nbconvert", "--to=notebook", "--execute", "--allow-errors",
        f"--ExecutePreprocessor.kernel_name={kernel}", f"--output={target}", str(source),
    )  # fmt: skip
    return list(nbformat.read(target, as_version=4).cells)


def essence(cell: Any) -> list[dict[str, Any]]:
    """A cell's outputs as far as both kernels must agree: one piece per run of one stream."""
    outputs: list[dict[str, Any]] = []
    for output in json.loads(ADDRESS.sub("0x0", json.dumps(cell.outputs))):
        if output["output_type"] == "error":
            output = error(output)
        last = outputs[-1] if outputs else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            outputs.append(output)
    return [stripped(output) for output in outputs]


def error(output: dict[str, Any]) -> dict[str, Any]:
    """Name and value of an error; each kernel names cells in its own way, each Python explains."""
    value = output["evalue"]
    if output["ename"] in ("SyntaxError", "IndentationError"):
        value = re.sub(r"\(.*, line (\d+)\)$", r"(line \1)", value)
        value = re.sub(r"(expected an indented block).* \(", r"\1 (", value)
    return {"output_type": "error", "ename": output["ename"], "evalue": value}


def stripped(output: dict[str, Any]) -> dict[str, Any]:
    """Base64 may end in a newline or not."""
    if "data" not in output:
        return output
    data = {
        mime: value.rstrip("\n") if mime.startswith("image/") else value
        for mime, value in output["data"].items()
    }
    return {**output, "data": data}


def by_stream(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """stdout and stderr side by side: ipykernel does not keep the order between the two."""
    streams: dict[str, dict[str, Any]] = {}
    others = [output for output in outputs if output["output_type"] != "stream"]
    for output in outputs:
        if output["output_type"] == "stream":
            kept = streams.setdefault(output["name"], {**output, "text": ""})
            kept["text"] += output["text"]
    return [*(streams[name] for name in sorted(streams)), *others]


def compare(home: Home, kernel: str, cells: list[str]) -> None:
    """Raises AssertionError that tells of every cell whose outputs differ."""
    reference = executed(home, REFERENCE, (*EVERYWHERE, *PANDAS))
    by_code = {cell.source: cell for cell in reference}
    wrong = []
    for cell in executed(home, kernel, tuple(cells)):
        expected, found = essence(by_code[cell.source]), essence(cell)
        if len({output.get("name") for output in expected}) > 1:
            expected, found = by_stream(expected), by_stream(found)
        if found != expected:
            wrong.append(f"--- {cell.source}\nipykernel: {expected}\nthis one:  {found}")
    assert not wrong, f"{len(wrong)} of {len(cells)} cells:\n" + "\n".join(wrong)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("label", [python.label for python in few_pythons()])
def test_same_outputs(home: Home, label: str) -> None:
    compare(home, own_name(label), EVERYWHERE)


@pytest.mark.timeout(300)
def test_same_outputs_with_pandas(home: Home) -> None:
    assert (ENVIRONMENTS / "data").is_dir()
    compare(home, own_name("data"), [*EVERYWHERE, *PANDAS])


def test_counts(home: Home) -> None:
    """Each cell has the number of its place, whatever cells before it did."""
    cells = executed(home, own_name("data"), (*EVERYWHERE, *PANDAS))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_reference_is_what_it_seems(home: Home) -> None:
    """The comparison compares something: most cells have outputs, of every type."""
    cells = executed(home, REFERENCE, (*EVERYWHERE, *PANDAS))
    kinds = {output["output_type"] for cell in cells for output in cell.outputs}
    assert kinds == {"stream", "display_data", "execute_result", "error"}
    assert sum(bool(cell.outputs) for cell in cells) > 50
