"""IPython.display: HTML, Image and their like, with no IPython in the environment."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
IMPORT = "from IPython.display import *\nfrom IPython.display import display, HTML\n"
NOTHING_INSTALLED = (
    "import sys\nsys.path[:] = [p for p in sys.path if 'packages' not in p]\n"
    "sys.modules.pop('IPython', None)"
)


@pytest.mark.parametrize(
    ("code", "mime", "data"),
    [
        ("HTML('<b>x</b>')", "text/html", "<b>x</b>"),
        ("Markdown('*x*')", "text/markdown", "*x*"),
        ("Latex('$x$')", "text/latex", "$x$"),
        ("Math('x^2')", "text/latex", "$\\displaystyle x^2$"),
        ("SVG('<?xml version=\"1.0\"?><svg>a</svg>')", "image/svg+xml", "<svg>a</svg>"),
        ("JSON({'a': [1]})", "application/json", {"a": [1]}),
        ("Javascript('1 + 1')", "application/javascript", "1 + 1"),
        ("Image(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(20), width=9)", "image/png", PNG),
    ],
)
def test_objects(client: Client, code: str, mime: str, data: object) -> None:
    cell = client.run(IMPORT + code)
    found = cell.data[mime]
    assert (found.strip() if isinstance(found, str) else found) == data
    name = code.partition("(")[0]
    assert cell.data["text/plain"] == f"<IPython.core.display.{name} object>"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("Image(url='http://x/y.png', width=5)", '<img src="http://x/y.png" width="5"'),
        ("IFrame('page.html', 7, 8)", 'src="page.html"'),
        ("YouTubeVideo('abc')", "https://www.youtube.com/embed/abc"),
        ("Audio([0.0, 0.5, -0.5] * 9, rate=8000)", "data:audio/wav;base64,UklGR"),
        ("Video('http://x/y.mp4')", '<video src="http://x/y.mp4" controls'),
        ("open('a.txt', 'w').close()\nFileLink('a.txt')", "<a href='a.txt' target='_blank'>"),
    ],
)
def test_elements(client: Client, code: str, wanted: str) -> None:
    assert wanted in client.run(IMPORT + code).data["text/html"]


def test_display_and_updates(client: Client) -> None:
    cell = client.run(IMPORT + "h = display(HTML('1'), display_id='here')\nh.update(HTML('2'))")
    assert [m.type for m in cell.outputs] == ["display_data", "update_display_data"]
    assert [m.content["data"]["text/html"] for m in cell.outputs] == ["1", "2"]


def test_the_whole_module(client: Client) -> None:
    assert client.run("import IPython.display as d\nd.HTML('x')").data["text/html"] == "x"
    cell = client.run("import IPython.display\nIPython.display.HTML('x')")
    assert cell.data["text/html"] == "x"


@pytest.mark.skipif(not IS_CARME, reason="ours")
def test_ipython_is_still_not_there(start: Callable[..., Kernel]) -> None:
    client = start().client()
    client.run(NOTHING_INSTALLED)
    client.run(IMPORT + "import IPython.display")
    look = (
        "import sys, importlib.util\n'IPython' in sys.modules, importlib.util.find_spec('IPython')"
    )
    assert client.run(look).result == "(False, None)"
    assert client.execute("import IPython").error == "ModuleNotFoundError"
    assert client.execute("from IPython import get_ipython").error == "ModuleNotFoundError"
    assert client.execute("from IPython.core import magic").error == "ModuleNotFoundError"


@pytest.mark.skipif(not IS_CARME, reason="ours")
def test_a_library_that_looks_for_it_finds_none(
    start: Callable[..., Kernel], sample: Callable
) -> None:
    code = "try:\n    import IPython\n    from IPython.display import HTML\n    found = True\n"
    path = sample("looks.py", code + "except ImportError:\n    found = False\n")
    client = start(environment={"PYTHONPATH": str(path.parent)}).client()
    client.run(NOTHING_INSTALLED)
    assert client.run("import looks\nlooks.found").result == "False"
    client.run(IMPORT)
    assert client.run("import importlib\nimportlib.reload(looks).found").result == "False"


@pytest.mark.one_python
@pytest.mark.skipif(not IS_CARME, reason="ours")
def test_one_that_is_installed_is_the_one(start: Callable[..., Kernel]) -> None:
    client = start(path=str(ENVIRONMENTS / "widgets" / "bin" / "python")).client()
    code = "from IPython.display import HTML\nHTML.__module__"
    assert client.run(code).result == "'IPython.core.display'"
