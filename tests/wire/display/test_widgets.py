"""Widgets and what else draws in notebooks, with IPython in the environment and no ipykernel."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.cell import Cell
from harness.client import Client, Message
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = [pytest.mark.one_python, pytest.mark.skipif(not IS_CARME, reason="ours")]
PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, python) -> Iterator[Kernel]:
    """One kernel for the tests."""
    kernel = Kernel(tmp_path_factory.mktemp("widgets"), python, path=PYTHON)
    yield kernel
    kernel.stop()


@pytest.fixture
def client(shared: Kernel) -> Iterator[Client]:
    """A client of it."""
    made = shared.client()
    made.run("import ipywidgets as widgets")
    yield made


def tell(client: Client, comm_id: str, state: dict[str, Any], buffers: Any = ()) -> list[Message]:
    """A front end sets a widget's traits; what iopub brings for that."""
    data = {"method": "update", "state": state, "buffer_paths": [["value"]] if buffers else []}
    if buffers:
        data["state"] = {}
    content = {"comm_id": comm_id, "data": data}
    request = client.send("comm_msg", content, buffers=list(buffers))
    return client.until_idle(request)


def model(client: Client, name: str) -> str:
    """The id of a widget's comm."""
    return str(client.run(f"{name}.model_id").result).strip("'")


def test_a_widget_is_shown(client: Client) -> None:
    cell = client.run("slider = widgets.IntSlider(3)\nslider")
    assert cell.data[VIEW]["model_id"] == model(client, "slider")
    opened = [m for m in cell.iopub if m.type == "comm_open"]
    assert {m.content["target_name"] for m in opened} == {"jupyter.widget"}


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("IntSlider()", 7, "7"),
        ("FloatSlider()", 2.5, "2.5"),
        ("IntRangeSlider()", [1, 2], "(1, 2)"),
        ("BoundedIntText()", 4, "4"),
        ("IntProgress()", 9, "9"),
        ("ToggleButton()", True, "True"),
        ("Checkbox()", True, "True"),
        ("Text()", "ä 𝄞", "'ä 𝄞'"),
        ("Textarea()", "a\nb", r"'a\nb'"),
        ("HTML()", "<b>", "'<b>'"),
        ("ColorPicker()", "#ff0000", "'#ff0000'"),
        ("DatePicker()", {"year": 2026, "month": 0, "date": 5}, "datetime.date(2026, 1, 5)"),
        ("TagsInput(allow_duplicates=True)", ["a", "b"], "['a', 'b']"),
    ],
)
def test_a_value_from_the_front_end(client: Client, kind: str, value: Any, shown: str) -> None:
    client.run(f"w = widgets.{kind}")
    tell(client, model(client, "w"), {"value": value})
    assert client.run("w.value").result == shown


def test_a_choice(client: Client) -> None:
    client.run("w = widgets.Dropdown(options=[('one', 1), ('two', 2)])")
    tell(client, model(client, "w"), {"index": 1})
    assert client.run("w.value").result == "2"


def test_binary_traits_both_ways(client: Client) -> None:
    cell = client.run("image = widgets.Image(value=bytes(range(256)), format='png')")
    (opened,) = [
        m for m in cell.iopub if m.type == "comm_open" and "ImageModel" in str(m.content["data"])
    ]
    assert opened.content["data"]["buffer_paths"] == [["value"]]
    assert [bytes(each) for each in opened.buffers] == [bytes(range(256))]
    tell(client, model(client, "image"), {}, [b"\x00\xff" * 50_000])
    assert client.run("image.value == b'\\0\\xff' * 50_000").result == "True"


def test_interact(client: Client) -> None:
    """What the function writes belongs to the message that moved the slider."""
    client.run(
        "def double(x):\n    print('x is', x)\n    return x * 2\n"
        "shown = widgets.interactive(double, x=(0, 10))\nshown"
    )
    slider = str(client.run("shown.children[0].model_id").result).strip("'")
    messages = tell(client, slider, {"value": 7})
    assert "x is 7\n" in [m.content["text"] for m in messages if m.type == "stream"]
    assert client.run("shown.result").result == "14"


@pytest.mark.parametrize("first", ["matplotlib.pyplot", "ipywidgets"])
def test_interact_that_draws(start: Callable[..., Kernel], first: str) -> None:
    """The figure is within the output that interact has made, whatever was imported first."""
    client = start(path=PYTHON).client()
    client.run(f"import {first}")
    cell = client.run(
        "import ipywidgets as widgets\nimport matplotlib.pyplot as plt\n"
        "shown = widgets.interactive(lambda x: plt.plot([x]), x=(0, 10))\nshown"
    )
    kinds = [kind_of(m) for m in cell.iopub if kind_of(m)]
    assert kinds in (
        ["hold", "display_data", "free", "execute_result"],
        ["hold", "display_data", "display_data", "free", "execute_result"],
    )
    slider = str(client.run("shown.children[0].model_id").result).strip("'")
    messages = [kind_of(m) for m in tell(client, slider, {"value": 7}) if kind_of(m)]
    assert messages[0] == "hold"
    assert messages[-1] == "free"
    assert "display_data" in messages


def test_output_widget(client: Client) -> None:
    """Everything within it is between its taking the cell's output and its letting go."""
    cell = client.run(
        "out = widgets.Output()\nwith out:\n    print('inside')\n    display('shown')\n    1/0\n'after'"
    )
    kinds = [kind_of(m) for m in cell.iopub if kind_of(m)]
    assert kinds == ["hold", "stream", "display_data", "error", "free", "execute_result"]


def kind_of(message: Message) -> str:
    """What the message does to the output widget, or ""."""
    if message.type == "comm_msg":
        held = message.content["data"].get("state", {}).get("msg_id")
        return "" if held is None else "hold" if held else "free"
    shown = ("stream", "display_data", "error", "execute_result")
    return message.type if message.type in shown else ""


def test_a_button_of_a_cell_that_awaits(client: Client) -> None:
    client.run("import asyncio\nbutton = widgets.Button()")
    comm_id = model(client, "button")
    request = client.send_execute(
        "clicked = asyncio.Event()\nbutton.on_click(lambda _: clicked.set())\n"
        "print('waits')\nawait asyncio.wait_for(clicked.wait(), 60)\nprint('clicked')"
    )
    client.iopub("stream", request)
    data = {"method": "custom", "content": {"event": "click"}}
    client.send("comm_msg", {"comm_id": comm_id, "data": data}, buffers=[])
    assert client.reply(request).content["status"] == "ok"


def test_a_comm_for_an_unknown_target_is_closed(client: Client) -> None:
    content = {"comm_id": uuid.uuid4().hex, "target_name": "nobody", "data": {}}
    request = client.send("comm_open", content)
    (closed,) = [m for m in client.until_idle(request) if m.type == "comm_close"]
    assert closed.content["comm_id"] == content["comm_id"]


def mimes(client: Client, code: str) -> set[str]:
    """All mime types that a cell shows."""
    shown = ("display_data", "execute_result", "update_display_data")
    return {mime for m in client.run(code).iopub if m.type in shown for mime in m.content["data"]}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import pandas as pd\npd.DataFrame({'a': [1]})", {"text/plain", "text/html"}),
        ("import pandas as pd\npd.DataFrame({'a': [1]}).style.highlight_max()", {"text/html"}),
        ("import sympy\nsympy.Symbol('x') ** 2", {"text/plain", "text/latex"}),
        ("from PIL import Image\nImage.new('RGB', (2, 2))", {"text/plain", "image/png"}),
        ("from rich import print as show\nshow('[b]x[/b]')", {"text/plain", "text/html"}),
        ("from rich.table import Table\nTable('a')", {"text/plain", "text/html"}),
        (
            "import plotly.graph_objects as go\ngo.Figure(go.Scatter(y=[1, 2]))",
            {"application/vnd.plotly.v1+json"},
        ),
        (
            "from bokeh.plotting import figure, show\nfrom bokeh.io import output_notebook\n"
            "output_notebook()\np = figure()\np.line([1, 2], [3, 4])\nshow(p)",
            {"application/vnd.bokehjs_exec.v0+json", "application/javascript", "text/html"},
        ),
        (
            "import altair as alt, pandas as pd\n"
            "alt.Chart(pd.DataFrame({'a': [1]})).mark_line().encode(x='a')",
            {"text/html", "text/plain"},
        ),
        ("from tqdm.notebook import tqdm\nfor i in tqdm(range(3)): pass", {VIEW}),
        (
            "import warnings; warnings.simplefilter('ignore')\nfrom tqdm.auto import tqdm\nfor i in tqdm(range(3)): pass",
            {VIEW},
        ),
    ],
)
def test_libraries_that_draw(client: Client, code: str, expected: set[str]) -> None:
    assert expected <= mimes(client, code)


@pytest.mark.parametrize(
    ("first", "shown"),
    [
        ("%matplotlib widget", VIEW),
        ("import IPython\n%matplotlib widget", VIEW),
        ("import IPython\n%matplotlib inline", "image/png"),
        ("import ipywidgets", "image/png"),
    ],
)
def test_a_figure_of_the_cell_that_brings_ipython(
    start: Callable[..., Kernel], first: str, shown: str
) -> None:
    """It is shown at the end of that cell, by the figure's own backend, and once."""
    client = start(path=PYTHON).client()
    draw = "import matplotlib.pyplot as plt\nline = plt.plot([1, 2])"
    cell = client.run(f"{first}\n{draw}")
    assert [shown in data for data in displays(cell)] == [True]
    assert displays(client.run("pass")) == []
    assert [shown in data for data in displays(client.run("plt.close('all')\n" + draw))] == [True]


def displays(cell: Cell) -> list[dict[str, Any]]:
    """What was shown, by mime type."""
    return [m.content["data"] for m in cell.iopub if m.type == "display_data"]


def test_a_figure_that_can_be_zoomed(client: Client) -> None:
    """ipympl: the front end's messages change the axes' limits."""
    cell = client.run(
        "%matplotlib widget\nimport matplotlib.pyplot as plt\n"
        "fig, ax = plt.subplots()\nax.plot([0, 10], [0, 10])\nfig.canvas"
    )
    assert VIEW in cell.data
    before = client.run("ax.get_xlim()").result
    canvas = model(client, "fig.canvas")

    def event(**content: Any) -> None:
        data = {"method": "custom", "content": content}
        client.until_idle(client.send("comm_msg", {"comm_id": canvas, "data": data}, buffers=[]))

    event(type="toolbar_button", name="zoom")
    mouse = {"buttons": 1, "modifiers": [], "guiEvent": {}, "button": 0}
    for kind, place in (("button_press", 200), ("motion_notify", 300), ("button_release", 300)):
        event(type=kind, x=place, y=place, **mouse)
    assert client.run("ax.get_xlim()").result != before
    client.run("plt.close('all')\n%matplotlib inline")
