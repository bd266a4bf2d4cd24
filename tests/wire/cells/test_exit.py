"""`exit` and `quit`: consoles leave, the kernel ends, nothing behind them in the cell runs.

Source: jupyter/notebook#4400, microsoft/vscode-jupyter#12405; ZMQExitAutocall of IPython's
documentation for keep_kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, Kernel

pytestmark = pytest.mark.one_python
IPYTHON = {"path": str(ENVIRONMENTS / "widgets" / "bin" / "python")}


@pytest.fixture(params=["small", "ipython"])
def kernel(request: pytest.FixtureRequest, start: Callable[..., Kernel]) -> Kernel:
    """A kernel of the test's own, before and after IPython has taken over."""
    if request.param == "small":
        return start()
    kernel = start(**IPYTHON)
    kernel.client().run("import IPython")
    return kernel


@pytest.mark.better("what stands behind it runs")
@pytest.mark.parametrize(
    "code",
    [
        "print('before')\nexit(0)\nprint('behind')",
        "print('before')\ndef f():\n    quit()\n    print('behind')\nf()\nprint('behind')",
        "print('before')\ntry:\n    exit()\nexcept Exception:\n    print('behind')",
        "import asyncio\nprint('before')\nawait asyncio.sleep(0)\nexit()\nprint('behind')",
    ],
)
def test_the_kernel_ends(kernel: Kernel, code: str) -> None:
    cell = kernel.client().run(code)
    assert cell.stdout == "before\n"
    (payload,) = cell.reply.content["payload"]
    assert (payload["source"], bool(payload["keepkernel"])) == ("ask_exit", False)
    assert kernel.wait_exit() == 0


@pytest.mark.parametrize("code", ["exit", "quit"])
def test_no_parentheses_are_needed(kernel: Kernel, code: str) -> None:
    cell = kernel.client().run(code)
    assert [each["source"] for each in cell.reply.content["payload"]] == ["ask_exit"]
    assert cell.result is None
    assert kernel.wait_exit() == 0


def test_the_kernel_can_be_kept(kernel: Kernel) -> None:
    client = kernel.client()
    (payload,) = client.run("exit(keep_kernel=True)").reply.content["payload"]
    assert (payload["source"], payload["keepkernel"]) == ("ask_exit", True)
    assert client.run("6 * 7").result == "42"


@pytest.mark.better("ends the kernel, which the child is not")
def test_a_child_ends_alone(client: Client) -> None:
    client.run("import os\npid = os.fork()\nif not pid:\n    exit(3)")
    assert client.run("os.waitpid(pid, 0)[1] >> 8").result == "3"


def test_exit_of_a_script_is_its_own(client: Client, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("print('in it')\nexit(3)\nprint('behind')\n")
    client.run(f"import os; os.chdir({str(tmp_path)!r})")
    assert client.run("%run script.py").stdout == "in it\n"
    (tmp_path / "library.py").write_text("def f():\n    quit()\n")
    client.run("import sys; sys.path.insert(0, '')\nimport library")
    assert client.execute("library.f()").status == "error"
    assert client.run("6 * 7").result == "42"
