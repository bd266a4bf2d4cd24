"""IPython.display's objects and functions are the same with no IPython installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.cell import Cell
from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Shared

pytestmark = pytest.mark.one_python

IMPORT = "from IPython.display import *\nfrom IPython.display import publish_display_data\n"
HTML, PLAIN = "text/html", "text/plain"
PNG = "b'\\x89PNG\\r\\n\\x1a\\n' + b'\\0\\0\\0\\rIHDR' + b'\\0\\0\\0\\x08\\0\\0\\0\\x06'"
PARAGRAPHS = "result_html_prefix='<p>', result_html_suffix='</p>'"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, python: Any) -> Iterator[Shared]:
    """The holder of a kernel without IPython; of ipykernel with it."""
    options = {"path": str(ENVIRONMENTS / "systems" / "bin" / "python")} if IS_CARME else {}
    holder = Shared(tmp_path_factory, python, **options)
    yield holder
    holder.drop()


@pytest.fixture
def folder(client: Client, tmp_path: Path) -> Path:
    """A directory with files, where the kernel is."""
    (tmp_path / "f" / "sub").mkdir(parents=True)
    (tmp_path / "f" / "a.txt").write_text("abc")
    (tmp_path / "f" / "sub" / "b&c.py").write_text("")
    client.run(f"import os; os.chdir({str(tmp_path)!r})\n{IMPORT}")
    return tmp_path


def shown(cell: Cell) -> list[tuple[Any, Any, Any]]:
    """(data, metadata, transient) of each."""
    found = [m.content for m in cell.outputs if m.type.endswith(("data", "result"))]
    return [(c["data"], c["metadata"], c.get("transient", {})) for c in found]


@pytest.mark.parametrize(
    ("code", "data", "metadata"),
    [
        ("display_html('<i>', raw=True)", {HTML: "<i>"}, {}),
        ("display_html(HTML('a'), metadata={'z': 1})", {HTML: "a"}, {HTML: {"z": 1}}),
        ("display_html(5)", None, None),
        ("display_pretty(5)", {PLAIN: "5"}, {}),
        ("display_svg('<svg/>', raw=True)", {"image/svg+xml": "<svg/>"}, {}),
        ("display_json({'a': 1}, raw=True)", {"application/json": {"a": 1}}, {}),
        ("display_latex(Math('$x$'))", {"text/latex": "$\\displaystyle x$"}, {}),
        ("publish_display_data({'a/b': 1}, {'m': 2}, source='x')", {"a/b": 1}, {"m": 2}),
        ("display('x', HTML('b'), include=['text/html'])", {HTML: "b"}, {}),
        (
            "GeoJSON({'a': 1}, url_template='u')",
            {"application/geo+json": {"a": 1}, PLAIN: "<IPython.display.GeoJSON object>"},
            {"application/geo+json": {"expanded": False, "root": "root", "url_template": "u"}},
        ),
        (
            "display(1, metadata={'text/plain': {'a': 1}}, transient={'t': 2})",
            {PLAIN: "1"},
            {PLAIN: {"a": 1}},
        ),
    ],
)
def test_functions(client: Client, folder: Path, code: str, data: Any, metadata: Any) -> None:
    found = shown(client.run(code))
    assert [each[:2] for each in found] == ([] if data is None else [(data, metadata)])


@pytest.mark.parametrize(
    ("code", "html"),
    [
        (
            "Image(url='x?a&b', width=5, unconfined=True, alt='q<')",
            '<img src="x?a&amp;b" width="5" class="unconfined" alt="q&lt;"/>',
        ),
        ("Image(filename='x.gif', embed=False)", '<img src="x.gif"/>'),
        (
            f"FileLink('f/a.txt', {PARAGRAPHS})",
            "<p><a href='f/a.txt' target='_blank'>f/a.txt</a></p>",
        ),
        (
            "FileLinks('f/', included_suffixes=['.py'], url_prefix='u/')",
            "f/sub/<br>\n&nbsp;&nbsp;<a href='u/f/sub/b&amp;c.py' target='_blank'>b&amp;c.py</a><br>",
        ),
        ("ProgressBar(3)", "<progress style='width:60ex' max='3' value='0'></progress>"),
        ("class D(DisplayObject):\n def _repr_html_(self): return self.data + '!'\nD('x')", "x!"),
    ],
)
def test_elements(client: Client, folder: Path, code: str, html: str) -> None:
    assert client.run(code).data[HTML] == html


@pytest.mark.parametrize(
    ("code", "error", "text"),
    [
        ("Image('missing.png')", "FileNotFoundError", "No such file or directory: 'missing.png'"),
        ("Image()", "ValueError", "No image data found. Expecting filename, url, or data."),
        ("Image(b'x', format='bmp')", "ValueError", "Cannot embed the 'bmp' image format"),
        ("FileLink('f')", "ValueError", "Use FileLinks to display 'f'."),
        ("FileLinks('f/a.txt')", "ValueError", "Use FileLink to display 'f/a.txt'."),
        ("Video(b'x')", "ValueError", "you must pass embed=True"),
        ("Audio([1])", "ValueError", "rate must be specified"),
        ("JSON(5)", "TypeError", "JSON expects JSONable dict or list, not 5"),
        ("publish_display_data('x')", "TypeError", "data must be a dict, got: 'x'"),
        ("display(1, update=True)", "TypeError", "display_id required for update_display"),
        ("Javascript('x', lib=5)", "TypeError", "expected sequence, got: 5"),
    ],
)
def test_errors(client: Client, folder: Path, code: str, error: str, text: str) -> None:
    cell = client.execute(code)
    found = [m.content for m in cell.iopub if m.type == "error"]
    assert {(m["ename"], text in m["evalue"]) for m in found} == {(error, True)}


def test_progress(client: Client, folder: Path) -> None:
    cell = client.run("for step in ProgressBar(2): print(step)")
    assert cell.stdout == "0\n1\n"
    kinds = [m.type for m in cell.outputs if m.type != "stream"]
    assert kinds == ["display_data"] + 3 * ["update_display_data"]
    assert len({str(each[2]) for each in shown(cell)}) == 1


def test_pictures(client: Client, folder: Path) -> None:
    cell = client.run(f"Image({PNG}, retina=True, alt='x')")
    assert shown(cell)[0][1] == {"image/png": {"width": 4, "height": 3, "alt": "x"}}
    assert client.run("'image/gif' in Image(b'GIF89a00')._repr_mimebundle_()[0]").result == "True"


def test_handles(client: Client, folder: Path) -> None:
    cell = client.run("h = display(display_id='here')\nh.update(HTML('b'))\nprint(h)")
    assert [each[2] for each in shown(cell)] == 2 * [{"display_id": "here"}]
    assert shown(cell)[0][0] == {} and shown(cell)[1][0][HTML] == "b"
    assert cell.stdout == "<DisplayHandle display_id=here>\n"
    kinds = [m.type for m in client.run("display(1, clear=True)").iopub]
    assert kinds.index("clear_output") < kinds.index("display_data")


@pytest.mark.parametrize(
    "code",
    [
        "from IPython import display\nfound = display.HTML",
        "from IPython.core import display\nfound = display.HTML",
        "from IPython.core.display import HTML as found",
        "import IPython.core.display\nfound = IPython.core.display.HTML",
        "import IPython.display, IPython.lib.display\nfound = IPython.display.HTML",
        "import IPython.core.display as d\nfound = d.HTML",
        "from IPython.core.display_functions import display\nfound = HTML",
    ],
)
def test_names_of_the_modules(client: Client, folder: Path, code: str) -> None:
    assert client.run(f"{code}\nfound is HTML").result == "True"
    client.run("from IPython.lib.display import Audio")
    if IS_CARME:
        look = "import sys\n[n for n in ('IPython', 'IPython.core', 'IPython.lib') if n in sys.modules]"
        assert client.run(look).result == "[]"
        assert client.execute("from IPython.core import magic").error == "ModuleNotFoundError"
