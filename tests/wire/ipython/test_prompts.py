"""Python's own prompts in a cell, displays that never end: with IPython in the environment, and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = pytest.mark.one_python
WITH = [False, True] if IS_CARME else [True]


@pytest.fixture(params=WITH, ids=lambda with_ipython: "ipython" if with_ipython else "alone")
def begun(request: pytest.FixtureRequest, start: Callable[..., Kernel]) -> Kernel:
    """A kernel whose cells IPython's shell runs, or our own."""
    if not IS_CARME or not request.param:
        return start()
    kernel = start(path=str(ENVIRONMENTS / "widgets" / "bin" / "python"))
    kernel.client().run("import IPython\nget_ipython().events")
    return kernel


def ask(client: Client, code: str, *answers: str) -> str:
    """What a cell writes that asks for lines."""
    request = client.send_execute(code, allow_stdin=True)
    for answer in answers:
        client.answer(answer, client.input_request(request))
    return plain(client.finish(request).stdout)


def test_interact(begun: Kernel) -> None:
    client = begun.client()
    client.run("import code")
    said = ask(client, "code.interact(local={'a': 4}, banner='')", "print(a + 1)", "b = 2", "\x04")
    assert "5\n" in said
    client.is_well()


@pytest.mark.better("debugpy takes the hook")
def test_breakpoint_and_post_mortem(begun: Kernel) -> None:
    client = begun.client()
    code = "def f(inside):\n    breakpoint()\n    return 1 / inside\nf(7)"
    assert "14" in ask(client, code, "p inside * 2", "c")
    client.execute("f = lambda hidden: 1 / hidden\nf(0)")
    assert "'0'" in ask(client, "%debug", "p repr(hidden)", "q")
    client.is_well()


@pytest.mark.parametrize("code", ["import code\ncode.interact()", "import pdb\npdb.set_trace()\n1"])
def test_interrupt_at_the_prompt(begun: Kernel, code: str) -> None:
    client = begun.client()
    request = client.send_execute(code, allow_stdin=True)
    client.input_request(request)
    begun.interrupt()
    if "code" in code.split():  # it says KeyboardInterrupt, and asks again
        client.answer("\x04", client.input_request(request))
    client.finish(request)
    client.is_well()


@pytest.mark.parametrize("method", ["__repr__", "_repr_html_", "_repr_mimebundle_"])
@pytest.mark.parametrize("shown", ["endless", "display(endless)"])
@pytest.mark.better("ipykernel writes the interrupt to stderr and goes on")
def test_a_display_that_never_ends(begun: Kernel, method: str, shown: str) -> None:
    client = begun.client()
    client.run(
        f"class Endless:\n    def {method}(self, **options):\n"
        "        print('begun', flush=True)\n        while True: pass\nendless = Endless()"
    )
    request = client.send_execute(shown)
    client.iopub("stream", request)
    begun.interrupt()
    cell = client.finish(request)
    assert (cell.status, cell.error) == ("error", "KeyboardInterrupt")
    client.is_well()
