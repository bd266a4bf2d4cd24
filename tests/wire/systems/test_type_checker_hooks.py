"""Type checkers and their like: events, cell magics and AST transformers that see each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel, Shared, one_python

# as nb_mypy does it: remembers cells' sources in an event, checks them, says so before they run
EXTENSION = """
import ast
class Checker:
    def __init__(self, shell):
        self.shell, self.order, self.sources = shell, [], []
    def pre_run_cell(self, info):
        self.order.append('pre_run')
        self.sources.append(info.raw_cell)
        for node in ast.walk(ast.parse(info.raw_cell.replace('%', '#'))):
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
                wanted = getattr(node.annotation, 'id', None)
                if wanted and type(node.value.value).__name__ != wanted:
                    print(f'<cell>:{node.lineno}: error: expected "{wanted}"')
    def post_run_cell(self, result):
        self.order.append('post_run' if result.success else 'post_run failed')
checker = None
def load_ipython_extension(shell):
    global checker
    checker = Checker(shell)
    shell.events.register('pre_run_cell', checker.pre_run_cell)
    shell.events.register('post_run_cell', checker.post_run_cell)
def unload_ipython_extension(shell):
    shell.events.unregister('pre_run_cell', checker.pre_run_cell)
    shell.events.unregister('post_run_cell', checker.post_run_cell)
"""
TYPED = "n: int = 'text'\nprint('ran')"


Starter = Callable[..., Kernel]


def hooks_python() -> str:
    """An interpreter that has IPython, whose hooks these are."""
    return str(ENVIRONMENTS / ("widgets" if IS_CARME else "ipykernel") / "bin" / "python")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """Kernels of an environment with IPython."""
    holder = Shared(tmp_path_factory, one_python(), path=hooks_python())
    yield holder
    holder.drop()


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """A client whose kernel finds the extension."""
    (kernel.work / "checking.py").write_text(EXTENSION)
    return kernel.client()


def test_mypy_like_extension_checks_before_the_cell_runs(client: Client) -> None:
    client.run("%load_ext checking\nimport checking")
    cell = client.run(TYPED)
    assert cell.stdout == '<cell>:1: error: expected "int"\nran\n'
    awaiting = "import asyncio\nawait asyncio.sleep(0)\nx: str = 'fine'"
    assert client.run(awaiting).stdout == ""
    client.execute("1 / 0")
    order = client.run("' '.join(checking.checker.order[-7:])").result
    assert order == "'pre_run post_run pre_run post_run pre_run post_run failed pre_run'"
    assert client.run("checking.checker.sources[-4]").result == repr(awaiting)
    client.run("%unload_ext checking")
    assert client.run(TYPED).stdout == "ran\n"


def test_mypy_like_cell_magic(client: Client) -> None:
    code = """
def typed(line, cell):
    '''Checks a cell, then runs it.'''
    print('checked', len(cell.splitlines()), 'lines', line)
    get_ipython().run_cell(cell)
get_ipython().register_magic_function(typed, 'cell', 'typed')
"""
    client.run(code)
    cell = client.run("%%typed --strict\nm: int = 3\nprint(m)")
    assert cell.stdout == "checked 2 lines --strict\n3\n"
    assert client.run("m").result == "3"


def test_mypy_like_ast_transformer(client: Client) -> None:
    code = """
import ast
class Seen(ast.NodeTransformer):
    names = []
    def visit_AnnAssign(self, node):
        self.names.append(node.target.id)
        return node
seen = Seen()
get_ipython().ast_transformers.append(seen)
"""
    client.run(code)
    client.run("price: float = 1.5")
    assert client.run("seen.names, price").result == "(['price'], 1.5)"
    client.run("get_ipython().ast_transformers.remove(seen)")


def test_mypy_like_hook_that_fails_does_not_stop_the_cell(client: Client) -> None:
    client.run("def bad(*info): print('in the hook'); raise ValueError('of the hook')")
    client.run("get_ipython().events.register('pre_run_cell', bad)")
    cell = client.run("print('ran all the same')")
    assert cell.stdout.startswith("in the hook\n")
    assert cell.stdout.endswith("ran all the same\n")
    shown = [m.content["traceback"] for m in client.inbox["iopub"] if m.type == "error"]
    assert "Error in callback" in cell.stdout, shown
    client.run("get_ipython().events.unregister('pre_run_cell', bad)")


def test_autoreload_goes_on_when_ipython_comes(start: Starter) -> None:
    kernel = start(path=hooks_python())
    (kernel.work / "changing.py").write_text("x = 1")
    client = kernel.client()
    client.run("%load_ext autoreload\n%autoreload 2\nimport changing")
    client.run("import IPython")
    (kernel.work / "changing.py").write_text("x = 2222")
    assert client.run("changing.x").result == "2222"
    client.run("%autoreload 0")
    (kernel.work / "changing.py").write_text("x = 333333")
    assert client.run("changing.x").result == "2222"
