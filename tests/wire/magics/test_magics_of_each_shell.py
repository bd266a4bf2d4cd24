"""Magics that the small shell answers itself say what IPython's say; the others are IPython's.

Three kernels: without IPython, with IPython in the environment, with IPython's shell taken over.
The expectations are what IPython 9.18.1 answers under ipykernel 7.4.
Source: IPython's documentation, "Built-in magic commands"; ipykernel's, "Magics".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.cell import Cell, plain
from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

pytestmark = pytest.mark.one_python
ours = pytest.mark.skipif(not IS_CARME, reason="about Carme's own shell")
Starter = Callable[..., Kernel]
PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
ADOPTED = "'IPython.core.interactiveshell' in __import__('sys').modules"


def said(cell: Cell) -> list[tuple[Any, ...]]:
    """What a cell has written, shown, opened and failed with, in this order."""
    found: list[tuple[Any, ...]] = [
        (name, plain(cell.text(name)))
        for name in ("stdout", "stderr")
        if cell.text(name) and not cell.text(name).startswith("UsageError: ")
    ]
    if cell.result is not None:
        found.append(("result", cell.result))
    found += [
        ("shown", *sorted(message.content["data"].items()))
        for message in cell.outputs
        if message.type == "display_data"
    ]
    for payload in cell.reply.content.get("payload", ()):
        text = payload["data"]["text/plain"] if "data" in payload else payload.get("text")
        found.append((payload["source"], plain(text or "")))
    if cell.reply.content["status"] == "error":
        found.append((cell.reply.content["ename"], cell.reply.content["evalue"]))
    return found


def stdout(text: str) -> list[tuple[str, str]]:
    """A cell that writes."""
    return [("stdout", text)]


def result(text: str) -> list[tuple[str, str]]:
    """A cell that has a value."""
    return [("result", text)]


def shown(mime: str, text: str, name: str) -> list[Any]:
    """A cell that shows one of IPython's display objects."""
    plain_text = ("text/plain", f"<IPython.core.display.{name} object>")
    return [("shown", *sorted([(mime, text), plain_text]))]


NAMES = "first = 1; second = 'x'; third = 2.5; " + "; ".join(f"n{i} = {i}" for i in range(8))

# the cells before, the cell, what it says
PROVEN: list[tuple[str, str, list[Any]]] = [
    ("", "%pwd", result("'{folder}'")),
    ("", "%cd below", stdout("{folder}/below\n")),
    ("%cd below", "%cd -q ..", []),
    ("%cd below", "%cd -", stdout("{folder}\n")),
    ("", '%cd "two words"', stdout("{folder}/two words\n")),
    ("", "%cd two words", stdout("{folder}/two words\n")),
    ("place = 'below'", "%cd {place}", stdout("{folder}/below\n")),
    (
        "place = 'below'",
        "def f(place='two words'):\n    %cd $place\nf()",
        stdout("{folder}/two words\n"),
    ),
    ("%cd below", "%pwd", result("'{folder}/below'")),
    ("%cd below", "[each.name for each in _dh[-2:]]", result("['{folder.name}', 'below']")),
    ("", "%env NEW=a b", stdout("env: NEW=a b\n")),
    ("", "%env NEW a", stdout("env: NEW=a\n")),
    ("", "%env NEW = a", stdout("env: NEW=a\n")),
    ("", "%set_env NEW a", stdout("env: NEW=a\n")),
    ("", "%set_env NEW=a", stdout("env: NEW=a\n")),
    ("%env NEW={1 + 1}", "%env NEW", result("'2'")),
    ("%env A_TOKEN=x", "every = %env\nevery['A_TOKEN']", result("'<hidden>'")),
    ("", "%who", stdout("Interactive namespace is empty.\n")),
    ("", "%who_ls", result("[]")),
    (
        NAMES,
        "%who",
        stdout("first\t n0\t n1\t n2\t n3\t n4\t n5\t n6\t n7\t \nsecond\t third\t \n"),
    ),
    (
        NAMES + "; del n7, third",
        "%who",
        stdout("first\t n0\t n1\t n2\t n3\t n4\t n5\t n6\t second\t \n\n"),
    ),
    (NAMES, "%who float str", stdout("second\t third\t \n")),
    (NAMES, "%who bytes", stdout("No variables match your requested type.\n")),
    (NAMES, "%who_ls float str", result("['second', 'third']")),
    ("a = [1]; b = a", "%xdel a", []),
    ("a = [1]; b = a\n%xdel a", "'b' in globals()", result("False")),
    ("a = [1]; b = a\n%xdel -n a", "b", result("[1]")),
    ("", "%xdel nosuch", stdout("NameError: name 'nosuch' is not defined\n")),
    ("a = _b = 1\n%reset -f", "%who", stdout("Interactive namespace is empty.\n")),
    ("a = _b = 1\n%reset -f", "'_b' in globals()", result("False")),
    ("a = _b = 1\n%reset -s -f", "'a' in globals(), _b", result("(False, 1)")),
    ("", "%precision 3", result("'%.3f'")),
    ("%precision 3", "1 / 3, [2 / 3]", result("(0.333, [0.667])")),
    ("%precision %.2e", "1 / 3", result("3.33e-01")),
    ("%precision 3", "%precision", result("'%r'")),
    ("%precision 3\n%precision", "1 / 4", result("0.25")),
    ("", "%automagic 0", stdout("\nAutomagic is OFF, % prefix IS needed for line magics.\n")),
    (
        "%automagic off",
        "%automagic",
        stdout("\nAutomagic is ON, % prefix IS NOT needed for line magics.\n"),
    ),
    ("", "%automagic on", stdout("\nAutomagic is ON, % prefix IS NOT needed for line magics.\n")),
    ("", "%autoawait", stdout("IPython autoawait is `on`, and set to use `asyncio`\n")),
    ("", "%sx echo a; echo b", result("['a', 'b']")),
    ("", "%system echo a", result("['a']")),
    ("", "%%sx\necho a\necho b", result("['a', 'b']")),
    ("", "%time", None),
    (
        "",
        "%%time\n",
        [
            (
                "UsageError",
                "%%time is a cell magic, but the cell body is empty. Did you mean the line magic %time (single %)?",
            )
        ],
    ),
    ("", "%timeit -n 1 -r 1 -q 1", []),
    (
        "",
        "t = %timeit -n 2 -r 3 -o -q pass\nt.loops, t.repeat, len(t.timings)",
        result("(2, 3, 3)"),
    ),
    ("", "%%timeit -n1 -r1 -q made = [1]\nmade.pop", []),
    ("", "%pinfo nosuch", stdout("Object `nosuch` not found.\n")),
    ("", "nosuch?", stdout("Object `nosuch` not found.\n")),
    ("", "%load_ext autoreload", None),
    ("", "%config InlineBackend.figure_format = 'svg'", []),
    ("", "%config InlineBackend.print_figure_kwargs = {'bbox_inches': None}", []),
    ("", "%%html\n<b>x</b>", shown("text/html", "<b>x</b>\n", "HTML")),
    ("", "%%html --isolated\n<b>x</b>", shown("text/html", "<b>x</b>\n", "HTML")),
    ("", "%%javascript\n1", shown("application/javascript", "1\n", "Javascript")),
    ("", "%%js\n1", shown("application/javascript", "1\n", "Javascript")),
    ("", "%%latex\n$a$", shown("text/latex", "$a$\n", "Latex")),
    ("", "%%markdown\n*a*", shown("text/markdown", "*a*\n", "Markdown")),
    ("", "%%svg\n<svg></svg>", shown("image/svg+xml", "<svg/>", "SVG")),
    ("", "%%writefile new.txt\na", stdout("Writing new.txt\n")),
    ("", "%%writefile -a new.txt\na", stdout("Writing new.txt\n")),
    ("", "%%writefile a.txt\na", stdout("Overwriting a.txt\n")),
    ("", "%%writefile a.txt -a\nb", stdout("Appending to a.txt\n")),
    ("", "%%writefile --append a.txt\nb", stdout("Appending to a.txt\n")),
    ("", '%%file "two words.txt"\nb', stdout("Writing two words.txt\n")),
    ("%%writefile a.txt -a\nb", "open('a.txt').read()", result(r"'as it is\nb\n'")),
    (
        "",
        "%%writefile new.txt",
        [("UsageError", "%%writefile is a cell magic, but the cell body is empty.")],
    ),
    ("", "%less a.txt", [("page", "as it is\n")]),
    ("", "%more a.txt", [("page", "as it is\n")]),
    ("", "%autosave 60", stdout("Autosaving every 60 seconds\n")),
    ("", "%%capture kept\nprint(1)", []),
    ("%%capture kept --no-stderr\nprint(1)", "kept.stdout", result(r"'1\n'")),
    ("%%capture --no-display kept\nprint(1)", "kept()", stdout("1\n")),
    ("", "%%bash\necho a", stdout("a\n")),
    ("", "%%script cat\na", stdout("a\n")),
    ("%%script bash --out made\necho a", "made", result(r"'a\n'")),
    ("", "%cat a.txt", stdout("as it is\n")),
    ("", "%mkdir below/new", []),
]


@pytest.fixture(scope="module", params=["own", "beside", "taken over"])
def situation(request: pytest.FixtureRequest) -> str:
    """Without IPython, with IPython in the environment, with IPython's shell."""
    if request.param != "own" and not IS_CARME:
        pytest.skip("IPython's shell is the only one there")
    return str(request.param)


@pytest.fixture(scope="module")
def module_kernel(situation: str, tmp_path_factory, python) -> Iterator[Kernel]:
    """A kernel in this situation."""
    options = {} if situation == "own" else {"path": PYTHON}
    kernel = Kernel(tmp_path_factory.mktemp("dispatch"), python, **options)
    if situation == "taken over":
        kernel.client().run("get_ipython().events")
    yield kernel
    kernel.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with something in it."""
    (tmp_path / "below").mkdir()
    (tmp_path / "two words").mkdir()
    (tmp_path / "a.txt").write_text("as it is\n")
    return tmp_path


@pytest.fixture
def client(module_kernel: Kernel, folder: Path) -> Client:
    """A client whose cells begin in the folder and without names."""
    client = module_kernel.client()
    client.run("%reset -s -f")
    client.run(f"%cd -q {folder}")
    return client


def run_before(client: Client, cells: str) -> None:
    """Runs what is before a cell: one cell that begins with %%, or a cell for each line."""
    for cell in [cells] if cells.startswith("%%") else cells.splitlines():
        client.run(cell)


@pytest.mark.parametrize(
    ("before", "code", "expected"), PROVEN, ids=[repr(row[:2]) for row in PROVEN]
)
def test_as_ipython(
    client: Client, folder: Path, situation: str, before: str, code: str, expected: Any
) -> None:
    run_before(client, before)
    cell = client.execute(code)
    if expected is not None:
        wanted = [
            tuple(
                each.replace("{folder}", str(folder)).replace("{folder.name}", folder.name)
                if isinstance(each, str)
                else each
                for each in row
            )
            for row in expected
        ]
        assert [row for row in said(cell) if row[0] != "shown" or "autosave" not in code] == wanted
    if "automagic" in before + code:
        client.run("%automagic on")
    if "precision" in before + code:
        client.run("%precision")
    if IS_CARME:
        assert client.run(ADOPTED).result == str(situation == "taken over")


FIRST_CELLS = [
    "%matplotlib inline",
    "%load_ext autoreload",
    "%autoreload 2",
    "%config InlineBackend.figure_format = 'retina'",
    "!true",
    "made = !echo a",
    "%pip --version",
    "%time x = 1",
    "%%time\nx = 1",
    "%timeit -n1 -r1 x = 1",
    "%%timeit -n1 -r1\nx = 1",
    "%prun -q x",
    "%cd ..",
    "%pwd",
    "%ls",
    "%env A_NAME=1",
    "%%bash\ntrue",
    "%%capture kept\n1",
    "%%writefile new.txt\n1",
    "%who",
    "%history -n 1-2",
    "x?",
    "%%html\n<b>1</b>",
    "%sx true",
    "%run new.txt",
    "%autosave 60",
]


@ours
def test_common_first_cells_do_not_need_ipython(start: Starter, folder: Path) -> None:
    client = start(path=PYTHON).client()
    client.run(f"%cd -q {folder}/below")
    for code in FIRST_CELLS:
        client.run(code)
    assert client.run(ADOPTED).result == "False"


# what is IPython's: the cells before, the cell, a part of what it says
IPYTHONS = [
    ("", "%cd -b nosuch", "Bookmark 'nosuch' not found."),
    ("", "%cd nosuch", "[Errno 2] No such file or directory: 'nosuch'\n{folder}\n"),
    ("%cd below\n%cd ..", "%cd -b nosuch\n%cd -", "Bookmark"),
    ("'first'\n%history -o 1", "%history -o 3", "'first'\n'first'\n"),
    ("", "%matplotlib --list", "Available matplotlib backends: ['"),
    ("", "%store -d", "You must provide the variable to forget"),
    ("", "%store nosuch", "Unknown variable 'nosuch'"),
    ("text = 'a = 1\\n'", "%save -f new.py text", "written to file `new.py`:\na = 1\n"),
    ("", "%env NO_SUCH_NAME", "Environment does not have key: NO_SUCH_NAME"),
    ("", "%timeit -x 1", 'option -x not recognized (allowed: "'),
    ("", "%%time x\n1", "Can't use statement directly after"),
    ("", "%xmode nosuch", "Unrecognized mode in FormattedTB: <Nosuch>"),
    ("", "%config Nosuch", "Invalid config statement: 'Nosuch'"),
    ("", "%alias say echo said\n%say 1", "said 1"),
    ("", "%load_ext nosuch_module", "No module named 'nosuch_module'"),
    ("text = 'a = 1'", "%edit text", "edit_magic"),
    ("", "bookmark -l", "Current bookmarks:"),
    ("", "%precision nosuch", "Precision must be int or format string"),
    ("%precision 3", "%logstate\n1/3", "0.333"),
    ("5 + 5\n%macro again 3", "again", "10"),
]


@ours
@pytest.mark.parametrize(("before", "code", "part"), IPYTHONS, ids=[row[1] for row in IPYTHONS])
def test_what_is_ipythons(start: Starter, folder: Path, before: str, code: str, part: str) -> None:
    client = start(path=PYTHON).client()
    client.run(f"%cd -q {folder}")
    client.run("%reset -s -f")
    run_before(client, before)
    cell = client.execute(code)
    assert part.replace("{folder}", str(folder)) in "".join(
        str(each) for row in said(cell) for each in row
    )
    assert client.run(ADOPTED).result == "True"


NOT_HERE = "is a magic of IPython's, which is not installed: `%pip install ipython`"


@ours
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("%store", f"`%store` {NOT_HERE}"),
        ("%%code_wrap\n1", f"`%%code_wrap` {NOT_HERE}"),
        ("%pdef len", f"`%pdef` {NOT_HERE}"),
        ("%less", "Missing filename."),
        ("%nosuch", "Line magic function `%nosuch` not found."),
        ("%%nosuch\n1", "Cell magic `%%nosuch` not found."),
        ("%timit 1", "Line magic function `%timit` not found. Did you mean `%timeit`?"),
        ("%timeit -x 1", "option -x not recognized (IPython may know: `%pip install ipython`)"),
        ("%env NO_SUCH_NAME", "Environment does not have key: NO_SUCH_NAME"),
        (
            "%%cd\n1",
            "Cell magic `%%cd` not found (But line magic `%cd` exists, did you mean that instead?).",
        ),
        ("%history -o 1", "option -o not recognized (IPython may know: `%pip install ipython`)"),
        ("%qtconsole", "%qtconsole: qtconsole is not installed here: `%pip install qtconsole`"),
    ],
)
def test_without_ipython(client: Client, situation: str, code: str, words: str) -> None:
    if situation != "own":
        pytest.skip("what is said where IPython is not installed")
    cell = client.execute(code)
    assert (cell.error, cell.reply.content["evalue"]) == ("UsageError", words)


def test_ipykernels_own_magics(client: Client, module_kernel: Kernel) -> None:
    assert '"shell_port"' in client.run("%connect_info").stdout
    lines = client.run("%subshell").stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "subshell id",
        "thread id",
        "main thread id",
        "pid",
        "thread count",
        "subshell list",
    ]
    assert lines[0] == "subshell id: None"
    assert client.run("%autosave 0").stdout == "Autosave disabled\n"
    (page,) = client.run("%man true").reply.content["payload"]
    assert page["source"] == "page"


@ours
def test_the_kernels_own_magics_stay(client: Client) -> None:
    assert client.run("%config Carme.thread_output").result == "'origin'"
    client.run("%config Carme.thread_output = 'latest'")
    assert client.run("%config Carme.thread_output").result == "'latest'"
    client.run("%config Carme.thread_output = 'origin'")
    client.run("import asyncio\nmade = %background asyncio.sleep(0, 5)")
    assert client.run("made.result()").result == "5"


@ours
def test_save_without_ipython(client: Client, situation: str, folder: Path) -> None:
    if situation != "own":
        pytest.skip("IPython's is run where it is installed")
    first = client.run("x = 1").count
    client.run("y = %pwd")
    ranges = f"{first}-{first + 1}"
    python = "x = 1\ny = get_ipython().run_line_magic('pwd', '')\n"
    said_first = client.run(f"%save made {ranges}").stdout
    assert said_first == f"The following commands were written to file `made.py`:\n{python}"
    assert (folder / "made.py").read_text() == "# coding: utf-8\n" + python
    assert "to force overwrite" in client.run(f"%save made {ranges}", allow_stdin=False).stdout
    client.run(f"%save -r made {ranges}")
    assert (folder / "made.ipy").read_text() == "# coding: utf-8\nx = 1\ny = %pwd\n"


@ours
def test_a_magic_of_either_shell_is_found(client: Client, situation: str) -> None:
    if situation == "beside":
        pytest.skip("it would be the situation no longer")
    store = client.run("get_ipython().find_line_magic('store') is not None").result
    assert store == str(situation == "taken over")
    assert client.run("get_ipython().find_line_magic('time') is None").result == "False"
    assert client.run("get_ipython().find_cell_magic('nosuch')").result is None


EXTENSION = "import sys, types; made = sys.modules['noext'] = types.ModuleType('noext')"
LOAD = "made.load_ipython_extension = lambda shell: print('loaded')"
UNLOAD = "made.unload_ipython_extension = lambda shell: print('unloaded')"


def test_extensions(client: Client, situation: str) -> None:
    if situation == "beside":
        pytest.skip("extensions are IPython's where it is installed")
    client.run(EXTENSION)
    assert client.execute("%load_ext nosuch").error == "ModuleNotFoundError"
    said_first = client.run("%load_ext noext").stdout
    assert said_first == "The noext module is not an IPython extension.\n"
    client.run(LOAD)
    assert client.run("%load_ext noext").stdout == "loaded\n"
    assert client.run("%load_ext noext").stdout == (
        "The noext extension is already loaded. To reload it, use:\n  %reload_ext noext\n"
    )
    assert client.run("%unload_ext noext").stdout == (
        "The noext extension doesn't define how to unload it.\n"
    )
    client.run(UNLOAD)
    assert client.run("%unload_ext noext").stdout == "unloaded\n"
    assert client.run("%unload_ext noext").stdout == "The noext extension is not loaded.\n"


@ours
@pytest.mark.parametrize("line", ["%pycat NAME", "%psource json.dumps", "n*?"])
def test_pages_of_the_cell_in_which_ipython_comes(start: Callable[..., Kernel], line: str) -> None:
    """The magic that makes IPython take over shows its page in this very cell."""
    client = start(path=PYTHON).client()
    client.run("import json; open('NAME', 'w').write('x = 1'); n = 5")
    payload = client.run(line).reply.content["payload"]
    assert [each["source"] for each in payload] == ["page"]


@ours
@pytest.mark.parametrize("between", ["%logstate", "import matplotlib.pyplot as plt\n%logstate"])
def test_settings_outlive_the_takeover(start: Starter, between: str) -> None:
    client = start(path=PYTHON).client()
    client.run("%config InlineBackend.figure_format = 'svg'")
    client.run("%config Completer.use_jedi = False")
    for cell in between.split("\n"):
        client.run(cell)
    cell = client.run("import matplotlib.pyplot as plt\nplt.plot([1]);")
    shown_forms = next(m.content["data"] for m in cell.outputs if m.type == "display_data")
    assert "image/svg+xml" in shown_forms
    assert client.run("%config IPCompleter.use_jedi").result == "False"
    assert client.run("%config InlineBackend.figure_format").result == "'svg'"


def test_conda_is_for_condas_environments(client: Client, situation: str) -> None:
    if situation == "beside":
        pytest.skip("it is IPython's where that is installed")
    cell = client.execute("%conda install nosuch")
    assert cell.error == "ValueError"
    assert "does not appear to be a conda environment" in cell.reply.content["evalue"]
