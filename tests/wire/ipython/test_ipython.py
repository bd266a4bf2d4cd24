"""IPython in the environment: its own shell takes over when something needs it. No ipykernel there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = [pytest.mark.one_python, pytest.mark.skipif(not IS_CARME, reason="ours")]
PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
ADOPTED = "'IPython.core' in __import__('sys').modules"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, python) -> Iterator[Kernel]:
    """One kernel for most of the tests."""
    kernel = Kernel(tmp_path_factory.mktemp("ipython"), python, path=PYTHON)
    yield kernel
    kernel.stop()


@pytest.fixture
def client(shared: Kernel) -> Iterator[Client]:
    """A client of it."""
    yield shared.client()


@pytest.fixture
def fresh(start: Callable[..., Kernel]) -> Callable[..., Client]:
    """A client of a kernel of the test's own."""
    return lambda **options: start(path=PYTHON, **options).client()


def test_a_plain_notebook_imports_none_of_it(fresh: Callable[..., Client]) -> None:
    client = fresh()
    for code in (
        "x = 1\nx",
        "%time y = 2",
        "!true",
        "display(x)",
        "import asyncio\nawait asyncio.sleep(0)",
        "def f(): pass",
        "f?",
        "get_ipython().user_ns",
        "import matplotlib.pyplot as plt\nplt.plot([1])",
        "import pandas\npandas.DataFrame({'a': [1]})",
        "import numpy, sympy",
    ):
        client.run(code)
    client.execute("1/0")
    client.ask("complete_request", {"code": "x.", "cursor_pos": 2})
    client.ask("inspect_request", {"code": "x", "cursor_pos": 1, "detail_level": 0})
    assert client.run(ADOPTED).result == "False"


def test_nothing_set_before_is_lost(fresh: Callable[..., Client]) -> None:
    client = fresh()
    client.run("ip = get_ipython()\nx = [1]\ncount = 3")
    client.run("'kept'")
    client.run("ip.register_magic_function(lambda line: 'mine ' + line, 'line', 'mine')")
    client.run("html = ip.display_formatter.formatters['text/html']")
    client.run("html.for_type(complex, lambda value: f'<b>{value}</b>')")
    client.run("ip.events")
    assert client.run(ADOPTED).result == "True"
    assert client.run("x, In[1].splitlines()[1], Out[2]").result == "([1], 'x = [1]', 'kept')"
    assert client.run("_2").result == "'kept'"
    assert client.run("%mine own").result == "'mine own'"
    assert client.run("1j").data["text/html"] == "<b>1j</b>"
    assert client.run("ip.user_ns is globals()").result == "True"
    assert client.run("%who_ls int").result == "['count']"


def test_its_class_is_named_as_ipykernels(fresh: Callable[..., Client]) -> None:
    """plotly puts 5 MB of itself into the notebook of a kernel that it does not know by this."""
    name = "<class 'ipykernel.zmqshell.ZMQInteractiveShell'>"
    client = fresh()
    client.run("import IPython")
    assert client.run("print(type(get_ipython()))").stdout == f"{name}\n"
    assert client.run("import plotly.io\nplotly.io.renderers.default").result == "'plotly_mimetype'"


def test_an_extension_from_before_goes_on(fresh: Callable[..., Client], tmp_path: Path) -> None:
    (tmp_path / "changing.py").write_text("value = 1\n")
    client = fresh(environment={"PYTHONPATH": str(tmp_path)})
    client.run("%load_ext autoreload\n%autoreload 2\nimport changing")
    client.run("import IPython")
    (tmp_path / "changing.py").write_text("value = 'another'\n")
    assert client.run("changing.value").result == "'another'"
    client.run("%autoreload 0")


def test_pandas_table_schema(fresh: Callable[..., Client]) -> None:
    """pandas registers it with IPython, where that is loaded."""
    mime = "application/vnd.dataresource+json"
    client = fresh()
    client.run("import pandas as pd\ntable = pd.DataFrame({'a': [1]})")
    assert mime not in client.run("table").data
    client.run("pd.set_option('display.html.table_schema', True)")
    assert client.run("table").data[mime]["data"] == [{"index": 0, "a": 1}]
    client.run("import IPython")
    assert client.run("table").data[mime]["data"] == [{"index": 0, "a": 1}]


def test_underscore_goes_on(fresh: Callable[..., Client]) -> None:
    """After results of the small shell; the user's own `_` is respected until it is deleted."""
    client = fresh()
    client.run("41")
    client.run("import IPython")
    assert client.run("_ + 1").result == "42"
    client.run("_ = 5")
    client.run("77")
    assert client.run("_").result == "5"
    client.run("del _")
    client.run("78")
    assert client.run("_").result == "78"


@pytest.mark.parametrize(
    "code",
    [
        "import IPython",
        "from IPython.display import HTML",
        "get_ipython().history_manager",
        "%alias",
    ],
)
def test_what_makes_it_take_over(fresh: Callable[..., Client], code: str) -> None:
    client = fresh()
    client.run(code)
    names = "[cls.__name__ for cls in type(get_ipython()).__mro__][:2]"
    assert client.run(names).result == "['ZMQInteractiveShell', 'InteractiveShell']"


class TestCells:
    """After it has taken over."""

    @pytest.fixture(autouse=True)
    def adopted(self, client: Client) -> None:
        client.run("import IPython")

    def test_results_and_streams(self, client: Client) -> None:
        cell = client.run("print('out')\n6 * 7")
        assert (cell.stdout, cell.result) == ("out\n", "42")
        assert client.run("6 * 7;").result is None
        assert client.run("_").result == "42"

    def test_errors(self, client: Client) -> None:
        cell = client.execute("def f():\n    1/0\nf()")
        assert cell.error == "ZeroDivisionError"
        assert "----> 3 f()" in plain(cell.traceback)
        assert client.execute("1 +").error == "SyntaxError"
        assert client.execute("%nosuchmagic").error == "UsageError"
        assert client.run("1").result == "1"

    def test_await(self, client: Client) -> None:
        assert client.run("import asyncio\nawait asyncio.sleep(0, 'done')").result == "'done'"
        assert client.run("asyncio.run(asyncio.sleep(0, 'ran'))").result == "'ran'"
        client.run(
            "await asyncio.sleep(0); task = asyncio.create_task(asyncio.sleep(0.01, 'task'))"
        )
        assert client.run("await task").result == "'task'"

    def test_silent_and_unstored(self, client: Client) -> None:
        before = client.run("1").count
        assert client.run("2", silent=True).outputs == []
        assert client.run("3", store_history=False).result == "3"
        assert client.run("4").count == before + 1

    def test_user_expressions(self, client: Client) -> None:
        cell = client.run("u = 5", user_expressions={"a": "u + 1", "b": "nosuch"})
        found = cell.reply.content["user_expressions"]
        assert found["a"]["data"]["text/plain"] == "6"
        assert found["b"]["ename"] == "NameError"

    def test_events(self, client: Client) -> None:
        names = "pre_execute", "pre_run_cell", "post_execute", "post_run_cell"
        client.run(
            "seen = []\nip = get_ipython()\n"
            f"for name in {names}:\n"
            "    ip.events.register(name, lambda *_, name=name: seen.append(name))"
        )
        client.run("seen.clear()")
        client.execute("1/0")
        expected = ["post_execute", "post_run_cell", *names, names[0], names[1]]
        assert client.run("print(seen)").stdout == f"{expected}\n"
        client.run("import asyncio; seen.clear(); await asyncio.sleep(0)")
        assert client.run("seen[:2]").result == "['post_execute', 'post_run_cell']"

    def test_transformers(self, client: Client) -> None:
        client.run(
            "import ast\n"
            "class Double(ast.NodeTransformer):\n"
            "    def visit_Constant(self, node):\n"
            "        return ast.Constant(node.value * 2) if type(node.value) is int else node\n"
            "get_ipython().ast_transformers.append(Double())"
        )
        assert client.run("21").result == "42"
        client.run("get_ipython().ast_transformers.clear()")
        client.run(
            "clean = get_ipython().input_transformers_cleanup\n"
            "clean.append(lambda lines: [line.replace('$$', '6 * 7') for line in lines])"
        )
        assert client.run("$$").result == "42"
        client.run("clean.pop()")

    def test_custom_exceptions(self, client: Client) -> None:
        client.run(
            "class Mine(Exception): pass\n"
            "def handle(shell, etype, value, tb, tb_offset=None):\n"
            "    print('handled', value)\n"
            "get_ipython().set_custom_exc((Mine,), handle)"
        )
        cell = client.execute("raise Mine('it')")
        assert cell.stdout == "handled it\n"
        assert cell.reply.content["ename"] == "Mine"
        assert "interactiveshell" not in cell.traceback
        assert "error" not in [m.type for m in cell.iopub]
        client.run("get_ipython().set_custom_exc((), None)")
        assert "error" in [m.type for m in client.execute("raise Mine('it')").iopub]

    @pytest.mark.parametrize("name", ["showtraceback", "_showtraceback"])
    def test_tracebacks_that_a_library_shows(self, client: Client, name: str) -> None:
        """rich's, for one: no second one follows."""
        client.run(f"get_ipython().{name} = lambda *values, **options: print('its own')")
        cell = client.execute("1/0")
        assert cell.reply.content["ename"] == "ZeroDivisionError"
        assert cell.stdout == "its own\n"
        assert "error" not in [m.type for m in cell.iopub]
        client.run(f"del get_ipython().{name}")
        assert "error" in [m.type for m in client.execute("1/0").iopub]

    def test_payloads(self, client: Client) -> None:
        payload = client.run("get_ipython().set_next_input('x = 1')").reply.content["payload"]
        assert payload == [{"source": "set_next_input", "text": "x = 1", "replace": False}]
        (page,) = client.run("print?").reply.content["payload"]
        assert page["source"] == "page"
        assert client.run("1").reply.content["payload"] == []

    def test_magics_of_ipython(self, client: Client) -> None:
        assert client.run("%alias_magic t timeit").status == "ok"
        assert "Wall time" in client.run("%%time\nx = 1").stdout
        assert client.run("!echo {1 + 1}").stdout == "2\n"
        assert client.run("found = !echo a\nfound").result == "['a']"
        client.run("%%capture kept\nprint('hidden')\n5")
        assert client.run("kept.stdout").result == "'hidden\\n'"

    def test_figures(self, client: Client) -> None:
        cell = client.run("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);")
        (shown,) = cell.outputs
        assert "image/png" in shown.content["data"]
        client.run("from matplotlib_inline.backend_inline import set_matplotlib_formats")
        client.run("set_matplotlib_formats('svg')")
        (shown,) = client.run("plt.plot([1, 2]);").outputs
        assert "image/svg+xml" in shown.content["data"]
        client.run("set_matplotlib_formats('png')")

    def test_input(self, client: Client) -> None:
        request = client.send_execute("print(input('who? '))", allow_stdin=True)
        client.answer("me", client.input_request(request))
        assert client.finish(request).stdout == "me\n"

    @pytest.mark.parametrize(
        "code", ["while True:\n    pass", "import time\ntime.sleep(60)", "await asyncio.sleep(60)"]
    )
    def test_interrupt(self, client: Client, shared: Kernel, code: str) -> None:
        client.run("import asyncio")
        request = client.send_execute(f"print('begun')\n{code}")
        client.iopub("stream", request)
        shared.interrupt()
        assert client.reply(request).content["ename"] == "KeyboardInterrupt"
        assert client.run("print('on')").stdout == "on\n"


def test_settings_and_startup_files(fresh: Callable[..., Client], tmp_path: Path) -> None:
    profile = tmp_path / "ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "startup" / "00-first.py").write_text("from_startup = 42\n")
    (profile / "startup" / "01-bad.py").write_text("1/0\n")
    (profile / "ipython_config.py").write_text(
        "c.InteractiveShell.ast_node_interactivity = 'all'\nc.InteractiveShellApp.exec_lines = ['line = 7']\n"
    )
    client = fresh(environment={"IPYTHONDIR": str(tmp_path / "ipython")})
    client.execute("import IPython")
    assert client.run("from_startup, line").result == "(42, 7)"
    assert len([m for m in client.run("1\n2").iopub if m.type == "execute_result"]) == 2


def test_a_broken_ipython(fresh: Callable[..., Client], tmp_path: Path) -> None:
    """One line says so, and the small shell goes on."""
    (tmp_path / "IPython").mkdir()
    (tmp_path / "IPython" / "__init__.py").write_text("")
    client = fresh(environment={"PYTHONPATH": str(tmp_path)})
    cell = client.execute("get_ipython().history_manager")
    assert cell.error == "AttributeError"
    assert "IPython can not be used here" in cell.stderr
    assert client.run("%time 1").result == "1"


def test_what_libraries_look_for_in_ipykernel(client: Client) -> None:
    client.run("import IPython")
    code = (
        "from ipykernel.comm import Comm\n"
        "from ipykernel.kernelapp import IPKernelApp\n"
        "from ipykernel.connect import get_connection_file\n"
        "import json\n"
        "'IPKernelApp' in get_ipython().config, IPKernelApp.initialized(), "
        "'shell_port' in json.load(open(get_connection_file())), "
        "get_ipython().kernel.shell is get_ipython()"
    )
    assert client.run(code).result == "(True, True, True, True)"


def test_a_magic_that_there_is_not_is_told_the_nearest(client: Client) -> None:
    client.run("import IPython")
    for code, words in (
        ("%%tiem\n1", "`%%tiem` not found. Did you mean `%%time`?"),
        ("%precison 3", "Did you mean `%precision`?"),
        ("%nothing_like_it", "`%nothing_like_it` not found."),
    ):
        cell = client.execute(code)
        assert cell.error == "UsageError"
        assert words in cell.reply.content["evalue"]


def test_a_library_finds_the_stream_and_the_shell(
    fresh: Callable[..., Client], tmp_path: Path
) -> None:
    """As loguru looks for them, to know whether there are colours."""
    (tmp_path / "looks.py").write_text(
        "import sys, ipykernel, IPython\nshell = IPython.get_ipython()\n"
        "is_stream = isinstance(sys.stderr, ipykernel.iostream.OutStream)\n"
        "is_shell = isinstance(shell, ipykernel.zmqshell.ZMQInteractiveShell)\n"
    )
    client = fresh()
    client.run(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport looks")
    assert client.run("looks.is_stream, looks.is_shell").result == "(True, True)"


def test_streams_that_are_none(fresh: Callable[..., Client]) -> None:
    client = fresh()
    client.run("import IPython, sys\nkept = sys.stdout, sys.stderr")
    client.run("sys.stdout = sys.stderr = None")
    assert client.run("print('x')\n6 * 7").result == "42"
    assert client.execute("1 / 0").error == "ZeroDivisionError"
    assert client.execute("input('? ')").error is not None
    client.run("sys.stdout, sys.stderr = kept")
    assert client.run("print('back')").stdout == "back\n"


def test_cells_of_both_shells_have_their_names(fresh: Callable[..., Client]) -> None:
    """In tracebacks, for inspect, and in processes that are spawned."""
    client = fresh()
    client.run("def before(): return 1 / 0")
    client.run("import IPython, inspect, multiprocessing")
    text = plain(client.execute("before()").traceback)
    assert "Cell In[3], line 1" in text
    assert "Cell In[1], line 1" in text
    client.run("class A:\n    x = 1\ndef double(x): return x * 2")
    assert client.run("print(inspect.getsource(A))").stdout.startswith("class A:\n    x = 1\n")
    code = "with multiprocessing.get_context('spawn').Pool(1) as pool:\n    found = pool.map(double, [1, 2])"
    client.run(code, timeout=60)
    assert client.run("found").result == "[2, 4]"
