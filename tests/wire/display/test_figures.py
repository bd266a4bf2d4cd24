"""matplotlib's figures in cells, without IPython and with it: when they are shown, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.cell import Cell
from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = pytest.mark.one_python
WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")
DATA = str(ENVIRONMENTS / ("data" if IS_CARME else "ipykernel") / "bin" / "python")
DRAW = "plt.figure(figsize=(2, 1))\nplt.plot([1, 2]);"


@pytest.fixture
def client(start: Callable[..., Kernel]) -> Iterator[Client]:
    """Of a kernel whose environment has matplotlib and no IPython."""
    made = start(path=DATA).client()
    made.run("%matplotlib inline\nimport matplotlib.pyplot as plt")
    yield made


def shown(cell: Cell) -> list[dict[str, Any]]:
    """What was displayed, by MIME type."""
    return [m.content["data"] for m in cell.iopub if m.type == "display_data"]


def test_it_is_interactive(client: Client) -> None:
    assert client.run("plt.isinteractive()").result == "True"
    assert "inline" in str(client.run("import matplotlib\nmatplotlib.get_backend()").result)


def test_ioff_shows_only_what_is_asked_for(client: Client) -> None:
    assert not shown(client.run("plt.ioff()\n" + DRAW))
    assert len(shown(client.run("plt.show()"))) == 1
    assert len(shown(client.run("plt.ion()\n" + DRAW))) == 1


def test_figures_that_stay_open_are_shown_once(client: Client) -> None:
    client.run("%config InlineBackend.close_figures = False")
    assert len(shown(client.run(DRAW))) == 1
    assert not shown(client.run("plt.title('later')"))
    assert len(shown(client.run("plt.gcf()"))) == 0
    assert len(shown(client.run("plt.show()"))) == 1
    client.run("plt.close('all')\n%config InlineBackend.close_figures = True")
    assert len(shown(client.run(DRAW))) == 1


def test_agg_and_back(client: Client) -> None:
    assert not shown(client.run("%matplotlib agg\n" + DRAW))
    client.run("plt.close('all')\n%matplotlib inline")
    assert len(shown(client.run(DRAW))) == 1


@pytest.mark.skipif(not IS_CARME, reason="ours")
@pytest.mark.parametrize("before", ["import matplotlib.pyplot as plt", "pass"])
def test_its_own_backend_is_what_brings_ipython(start: Callable[..., Kernel], before: str) -> None:
    """The cell's settings stay: IPython takes over while that module is being imported."""
    client = start(path=WIDGETS).client()
    client.run(before)
    client.run(
        "%config InlineBackend.print_figure_kwargs = {'bbox_inches': None}\n"
        "%config InlineBackend.close_figures = False"
    )
    begin = "from matplotlib_inline.backend_inline import set_matplotlib_formats\n"
    cell = client.run(begin + "set_matplotlib_formats('svg')\nimport matplotlib.pyplot as plt")
    assert "carme:" not in cell.stderr
    assert [set(each) for each in shown(client.run(DRAW))] == [{"image/svg+xml", "text/plain"}]
    settings = client.run(
        "from matplotlib_inline.config import InlineBackend as inline\n"
        "inline.instance().print_figure_kwargs, inline.instance().close_figures"
    )
    assert settings.result == "({'bbox_inches': None}, False)"
