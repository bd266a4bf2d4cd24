"""Comms by their old name, and what uses it: matplotlib's nbagg."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = [pytest.mark.one_python, pytest.mark.skipif(not IS_CARME, reason="ours")]
WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")


@pytest.mark.parametrize(
    "code", ["%matplotlib notebook", "import matplotlib\nmatplotlib.use('nbagg')"]
)
def test_nbagg(start: Callable[..., Kernel], code: str) -> None:
    client = start(path=WIDGETS).client()
    client.run(code)
    cell = client.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    kinds = [m.type for m in cell.iopub]
    assert kinds.count("comm_open") == 1 and "comm_msg" in kinds
    shown = [m.content["data"] for m in cell.iopub if m.type == "display_data"]
    assert any("application/javascript" in data for data in shown)


def test_comm(start: Callable[..., Kernel]) -> None:
    client = start(path=WIDGETS).client()
    client.run("import ipykernel.comm\nfrom ipykernel.comm import Comm, CommManager")
    cell = client.run("class Mine(Comm): pass\nmade = Mine(target_name='t', data={'a': 1})")
    assert [m.content["data"] for m in cell.iopub if m.type == "comm_open"] == [{"a": 1}]
    assert client.run("made.kernel is get_ipython().kernel").result == "True"


def test_comm_without_the_package(start: Callable[..., Kernel]) -> None:
    client = start(path=str(ENVIRONMENTS / "data" / "bin" / "python")).client()
    assert client.execute("from ipykernel.comm import Comm").error == "ModuleNotFoundError"
    assert client.run("import sys\n'ipykernel' in sys.modules").result == "False"


def test_comm_without_ipython(start: Callable[..., Kernel]) -> None:
    client = start(path=str(ENVIRONMENTS / "systems" / "bin" / "python")).client()
    cell = client.run("from ipykernel.comm import Comm\nComm(target_name='t').close()")
    assert [m.type for m in cell.iopub if m.type[:4] == "comm"] == ["comm_open", "comm_close"]
    assert client.run("import sys\n'ipykernel' in sys.modules").result == "False"
