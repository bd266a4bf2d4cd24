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

from harness.client import Cell, Client, plain
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
        found.append((payload["source"], plain(text)))
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
