"""ipympl's canvas: redrawn by comm messages in a subshell while a cell draws the same figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = [pytest.mark.one_python, pytest.mark.skipif(not IS_CARME, reason="ours")]
PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
FIGURE = """
%matplotlib widget
import matplotlib.pyplot as plt, sys, warnings
warnings.simplefilter('ignore')
sys.setswitchinterval(1e-5)
figure = plt.figure()
drawn = []
_ = figure.canvas.mpl_connect('draw_event', lambda event: drawn.append(threading.get_ident()))
import threading
display(figure.canvas)
"""
DRAWS = """
for n in range(8):
    figure.clf()
    axes = figure.add_subplot()
    axes.plot(range(1, 50), label=rf'$\\alpha_{{{n}}}$')
    axes.set_yscale('log')
    axes.legend()
    axes.set_title(rf'$x^{{{n}}}$')
    figure.colorbar(axes.imshow([[1, 2], [3, 4]]))
    axes.get_tightbbox()
    figure.tight_layout()
    figure.canvas.draw()
print(len(set(drawn)), 'threads')
"""


def canvas(client: Client) -> str:
    """The comm of a figure that is shown."""
    opened = client.run(FIGURE, timeout=120).iopub
    for message in opened:
        state = message.content.get("data", {}).get("state", {}) if "open" in message.type else {}
        if state.get("_model_name") == "MPLCanvasModel":
            return str(message.content["comm_id"])
    raise AssertionError("no canvas")


def test_a_subshell_redraws_while_a_cell_draws(
    start: Callable[..., Kernel], tmp_path: Path
) -> None:
    client = start(path=PYTHON, environment={"MPLCONFIGDIR": str(tmp_path)}).client()
    comm = canvas(client)
    subshell = client.ask("create_subshell_request", channel="control").content["subshell_id"]
    cell = client.send_execute(DRAWS)
    messages = []
    kinds = ({"type": "draw"}, {"type": "refresh"}, {"type": "resize", "width": 500, "height": 400})
    while not any(m.parent_id == cell["msg_id"] for m in client.inbox["shell"]):
        content = {"method": "custom", "content": kinds[len(messages) % 3]}
        messages.append(
            client.send(
                "comm_msg",
                {"comm_id": comm, "data": content},
                header={"subshell_id": subshell},
            )
        )
        client.until_idle(messages[-1], timeout=60)
    done = client.finish(cell, timeout=60)
    assert (done.status, done.stderr, done.stdout) == ("ok", "", "2 threads\n")
    wrong = [m for m in client.inbox["iopub"] if m.type == "error" or m.type == "stream"]
    assert not wrong, "\n".join(str(m.content) for m in wrong)
