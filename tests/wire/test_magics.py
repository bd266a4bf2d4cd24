"""Magics, commands and help; the environments of these kernels have no IPython."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import IS_CARME

pytestmark = pytest.mark.one_python
ours = pytest.mark.skipif(not IS_CARME, reason="said otherwise by IPython")

DURATION = r"[\d.]+ (?:s|ms|μs|ns)"
CPU = rf"CPU times: user {DURATION}, sys: {DURATION}, total: {DURATION}\nWall time: {DURATION}\n"


@pytest.fixture
def folder(client: Client, tmp_path: Path) -> Path:
    """A directory of the test's own, in which the kernel is."""
    client.run(f"import os; os.chdir({str(tmp_path)!r})")
    return tmp_path


@pytest.mark.parametrize(
    "code",
    ["%time x = 1", "%%time\nx = 1", "if True:\n    %time x = 1"],
)
def test_time(client: Client, code: str) -> None:
    assert re.fullmatch(CPU, client.run(code).stdout)
    assert client.run("x").result == "1"


def test_time_of_an_expression(client: Client) -> None:
    assert client.run("%time 40 + 2").result == "42"
    assert client.run("y = %time 40 + 2\ny").result == "42"
    assert client.run("%%time\na = 1\na + 1").result == "2"


@pytest.mark.better("IPython runs no await under %%time")
def test_time_of_an_await(client: Client) -> None:
    cell = client.run("%%time\nimport asyncio\nawait asyncio.sleep(0.01, 'done')")
    assert cell.result == "'done'"
    assert re.fullmatch(CPU, cell.stdout)


def test_time_tells_of_the_error(client: Client) -> None:
    assert client.execute("%time 1/0").error == "ZeroDivisionError"


def test_timeit(client: Client) -> None:
    cell = client.run("%timeit -n 10 -r 3 1 + 1")
    shape = rf"{DURATION} ± {DURATION} per loop \(mean ± std. dev. of 3 runs, 10 loops each\)"
    assert re.search(shape, cell.stdout)
    assert re.search("7 runs, 5 loops each", client.run("%%timeit -n5 x = 1\nx + 1").stdout)
    result = (
        "t = %timeit -q -o -n 2 -r 2 1\nt.loops, t.repeat, len(t.all_runs), t.best <= t.average"
    )
    assert client.run(result).result == "(2, 2, 2, True)"


def test_prun(client: Client) -> None:
    (page,) = client.run("%prun sum(range(10))").reply.content["payload"]
    assert page["source"] == "page"
    assert "function calls" in page["data"]["text/plain"]


@ours
def test_a_directory_that_there_is_not(client: Client) -> None:
    cell = client.execute("%cd /nowhere")
    assert "No such file or directory" in (cell.traceback if cell.error else cell.stdout)
    assert client.run("import os; os.getcwd() != '/nowhere'").result == "True"


@pytest.mark.better("writes through a terminal: its line ends and colours")
def test_command(client: Client) -> None:
    client.run("x = 3\nname = 'world'")
    assert client.run("!echo hello $name {x + 1} $((1+1))").stdout == "hello world 4 2\n"
    assert client.run("for i in range(2):\n    !echo {i}").stdout == "0\n1\n"
    client.run("!exit 3")
    assert client.run("_exit_code").result == "3"


@pytest.mark.better("writes through a terminal: its line ends and colours")
def test_braces_of_other_languages_stay(client: Client) -> None:
    assert client.run("!echo 'a b' | awk '{print $2}'").stdout == "b\n"


@pytest.mark.better("writes through a terminal: its line ends and colours")
def test_command_line_that_goes_on(client: Client) -> None:
    assert client.run("!echo one \\\n  two\nprint('three')").stdout == "one two\nthree\n"


def test_lines_of_a_command(client: Client) -> None:
    client.run("found = !printf 'a 1\\nb 2\\n'")
    assert client.run("found == ['a 1', 'b 2']").result == "True"
    assert (
        client.run("found.s, found.n, found.grep('b').l").result
        == "('a 1 b 2', 'a 1\\nb 2', ['b 2'])"
    )
    assert client.run("found.fields(1).l").result == "['1', '2']"
    assert client.run("!!echo x").result == "['x']"


@pytest.mark.better("passes the interrupt over")
def test_interrupt_of_a_command(client: Client, kernel) -> None:
    request = client.send_execute("!echo begun; sleep 60\nprint('not reached')")
    client.iopub("stream", request)
    kernel.interrupt()
    assert client.reply(request).content["status"] == "error"
    assert client.run("print('on')").stdout == "on\n"


def test_scripts(client: Client) -> None:
    cell = client.run("%%bash\necho out\necho err >&2")
    assert (cell.stdout, cell.stderr) == ("out\n", "err\n")
    client.run("%%sh --out said\necho $((1+1))")
    assert client.run("said").result == "'2\\n'"
    assert client.run("%%script cat\nas it is {x}").stdout == "as it is {x}\n"
    assert client.run("%%python\nprint(6 * 7)").stdout == "42\n"
    assert client.execute("%%bash\nexit 5").error == "CalledProcessError"
    client.run("%%bash --no-raise-error\nexit 5")


def test_pip(client: Client) -> None:
    assert f"python {sys.version_info[0]}." in client.run("%pip --version").stdout


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("%tmie 1", "`%tmie` not found. Did you mean `%time`?"),
        ("%%tiem\n1", "`%%tiem` not found. Did you mean `%%time`?"),
        ("%capture", "(But cell magic `%%capture` exists, did you mean that instead?)"),
        ("%nothing_like_it", "`%nothing_like_it` not found."),
        ("%env CARME_NOWHERE", "CARME_NOWHERE"),
        ("%timeit -x 1", "option -x not recognized"),
        ("%timeit -n", "option -n requires an argument"),
        ("%run nosuch.py", "nosuch.py"),
        ("%config NoSuch.x = 1", "NoSuch"),
        (
            "%xmode Verbose",
            "is a mode of IPython's, which is not installed: `%pip install ipython`",
        ),
    ],
)
@ours
def test_a_wrong_magic_says_what_is_wrong(client: Client, code: str, words: str) -> None:
    cell = client.execute(code)
    assert cell.error == "UsageError"
    assert words in cell.traceback
    assert client.run("1").result == "1"


@pytest.mark.better("writes through a terminal: its line ends and colours")
def test_directories(client: Client, folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "file.txt").write_text("x")
    assert client.run("%cd inner").stdout == f"{folder}/inner\n"
    assert client.run("%pwd").result == repr(f"{folder}/inner")
    assert client.run("%cd -q ..\n%pwd").result == repr(str(folder))
    assert client.run("%cd -").stdout == f"{folder}/inner\n"
    client.run("%cd -q ..")
    assert client.run("%ls").stdout.split() == ["file.txt", "inner/"]


@pytest.mark.better("writes through a terminal: its line ends and colours")
def test_names_without_a_sign(client: Client, folder: Path) -> None:
    """As long as nothing else has the name."""
    (folder / "file.txt").write_text("x")
    assert client.run("ls -d file.txt").stdout == "file.txt\n"
    assert client.run("pwd").result == repr(str(folder))
    assert client.run("cd ..").stdout == f"{folder.parent}\n"
    client.run("ls = 5")
    assert client.run("ls").result == "5"
    assert client.run("ls -1").result == "4"


@pytest.mark.better("writes through a terminal: its line ends and colours")
def test_environment(client: Client) -> None:
    assert client.run("%env CARME_A=one two").stdout == "env: CARME_A=one two\n"
    assert client.run("%env CARME_A").result == "'one two'"
    client.run("x = 5\n%set_env CARME_B {x}")
    assert client.run("!echo $$CARME_B").stdout == "5\n"


def test_variables(client: Client) -> None:
    client.run("alpha, beta = 1, 'two'")
    names = client.run("%who_ls").data["text/plain"]
    assert {"alpha", "beta"} <= set(re.findall(r"'(\w+)'", names))
    assert re.search(r"alpha\s+int\s+1\n", client.run("%whos").stdout)
    assert re.search(r"beta\s+str\s+two\n", client.run("%whos str").stdout)
    client.run("%reset -f")
    assert client.execute("alpha").error == "NameError"


@pytest.mark.better("a program that fails is no error")
def test_run(client: Client, folder: Path) -> None:
    (folder / "prog.py").write_text("import sys\nargs = sys.argv[1:]\nname = __name__\n")
    assert client.run("%run prog.py a 'b c'\nargs, name").result == "(['a', 'b c'], '__main__')"
    (folder / "uses.py").write_text("made = given + 1\n")
    assert client.run("given = 1\n%run -i uses\nmade").result == "2"
    assert client.run("__name__").result == "'__main__'"


def test_writefile(client: Client, folder: Path) -> None:
    assert client.run("%%writefile made.txt\none\ntwo").stdout == "Writing made.txt\n"
    assert client.run("%%writefile -a made.txt\n\nthree").stdout == "Appending to made.txt\n"
    assert (folder / "made.txt").read_text().split() == ["one", "two", "three"]


def test_capture(client: Client) -> None:
    cell = client.run("%%capture kept\nprint('out')\n6 * 7\ndisplay('shown')")
    assert not cell.outputs
    assert client.run("kept.stdout").result == "'out\\n'"
    assert client.run("len(kept.outputs)").result == "1"
    assert client.run("kept.show()").stdout == "out\n"


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("html", "text/html"),
        ("latex", "text/latex"),
        ("markdown", "text/markdown"),
        ("javascript", "application/javascript"),
        ("svg", "image/svg+xml"),
    ],
)
def test_rich_cells(client: Client, name: str, mime: str) -> None:
    (shown,) = client.run(f"%%{name}\n<b>x</b>").outputs
    assert shown.content["data"][mime].strip() == "<b>x</b>"


def page(client: Client, code: str) -> str:
    """What the pager shows."""
    (payload,) = client.run(code).reply.content["payload"]
    return plain(payload["data"]["text/plain"])


def test_help(client: Client) -> None:
    client.run("def f(a, b=2):\n    'adds'\n    return a + b")
    assert "f(a, b=2)" in page(client, "f?")
    assert "return a + b" in page(client, "f??")
    assert "adds" in page(client, "?f")
    assert "time" in page(client, "%time?")
    client.run("name_one = name_two = 1")
    assert page(client, "name_*?").split() == ["name_one", "name_two"]


def test_extension(client: Client, folder: Path) -> None:
    """With a magic of its own; one that breaks leaves the kernel as it was."""
    (folder / "ext.py").write_text(
        "def load_ipython_extension(shell):\n"
        "    shell.register_magic_function(lambda line: line.upper(), 'line', 'shout')\n"
    )
    (folder / "bad.py").write_text("1/0\n")
    client.run("import sys; sys.path.insert(0, '.')")
    client.run("%load_ext ext")
    assert client.run("%shout hello").result == "'HELLO'"
    assert client.execute("%load_ext bad").error == "ZeroDivisionError"
    assert client.run("1").result == "1"


def test_autoreload(client: Client, folder: Path) -> None:
    module = folder / "changing.py"
    module.write_text(
        "def f():\n    return 'before'\nclass C:\n    def m(self):\n        return 1\n"
    )
    client.run("import sys; sys.path.insert(0, '.')\n%load_ext autoreload\n%autoreload 2")
    client.run("from changing import f, C\nc = C()")
    assert client.run("f(), c.m()").result == "('before', 1)"
    module.write_text(
        "def f():\n    return 'changed'\nclass C:\n    def m(self):\n        return 22\n"
    )
    assert client.run("f(), c.m()").result == "('changed', 22)"


def test_history(client: Client, folder: Path) -> None:
    client.run("a = 'first'")
    client.run("b = 'zweite ä'")
    assert "a = 'first'\nb = 'zweite ä'\n" in client.run("%history").stdout
    client.run("%hist -f out.txt")
    assert "zweite ä" in (folder / "out.txt").read_text(encoding="utf-8")


def test_modes_of_tracebacks(client: Client) -> None:
    client.run("%xmode Minimal")
    assert plain(client.execute("1/0").traceback).strip() == "ZeroDivisionError: division by zero"
    client.run("%xmode Plain")
    assert "Traceback (most recent call last)" in plain(client.execute("1/0").traceback)
    client.run("%xmode Context")
    assert "----> 1" in plain(client.execute("1/0").traceback)


@pytest.mark.better("colours within words")
def test_debug(client: Client) -> None:
    """At the frame that has raised."""
    assert client.execute("def g(x):\n    return 1 / x\ng(0)").error == "ZeroDivisionError"
    request = client.send_execute("%debug", allow_stdin=True)
    for typed in ("p x", "up", "q"):
        client.answer(typed, client.input_request(request))
    cell = client.finish(request)
    assert cell.status == "ok"
    assert "0" in cell.stdout.split()
    assert "return 1 / x" in cell.stdout


def test_precision(client: Client) -> None:
    client.run("%precision 2")
    assert client.run("[3.14159, 2.0]").result == "[3.14, 2.00]"
    assert client.run("3.14159").result == "3.14"
    client.run("%precision")
    assert client.run("3.14159").result == "3.14159"


def test_prompts_are_taken_away(client: Client) -> None:
    cell = client.run(">>> for i in range(2):\n...     print(i)\n...")
    assert cell.stdout == "0\n1\n"
    assert client.run("In [1]: x = 5\n   ...: x + 1").result == "6"


def test_percent_signs_of_python(client: Client) -> None:
    """In strings, brackets and continued lines nothing is a magic."""
    code = "s = '''\n%time\n!ls\n'''\nx = (7\n% 4)\ny = 7 \\\n% 4\n%time z = 1\ns, x, y"
    assert client.run(code).result == r"('\n%time\n!ls\n', 3, 3)"


def test_error_in_a_cell_with_magics_names_its_line(client: Client) -> None:
    cell = client.execute("!true\nx = 1\nundefined_name")
    assert re.search(r"----> 3 undefined_name", plain(cell.traceback))


def test_is_complete(client: Client) -> None:
    def status(code: str) -> str:
        reply = client.ask("is_complete_request", {"code": code})
        return str(reply.content["status"])

    assert status("%time 1") == "complete"
    assert status("!ls") == "complete"
    assert status("%%timeit\na\n\n") == "complete"
    assert status("%%timeit\na") == "incomplete"
    assert status("for x in y:\n    %time x") == "incomplete"


@pytest.mark.better("no names behind a magic")
def test_completion(client: Client) -> None:
    def matches(code: str) -> list[str]:
        content = {"code": code, "cursor_pos": len(code)}
        return list(client.ask("complete_request", content).content["matches"])

    assert {"%time", "%timeit"} <= set(matches("%ti"))
    assert "%%bash" in matches("%%ba")
    client.run("long_variable = 1")
    assert "long_variable" in matches("%time long_v")


def test_no_ipython_for_all_that(client: Client) -> None:
    client.run("%time 1\n!true\nx = !true\n%cd -q .\nint?\n%config\n%load_ext autoreload")
    assert client.run("'IPython.core' in __import__('sys').modules").result == (
        "False" if IS_CARME else "True"
    )


@pytest.mark.parametrize(
    ("magic", "mime", "named"),
    [
        ("html", "text/html", "HTML"),
        ("javascript", "application/javascript", "Javascript"),
        ("latex", "text/latex", "Latex"),
        ("markdown", "text/markdown", "Markdown"),
        ("svg", "image/svg+xml", "SVG"),
    ],
)
def test_a_cell_that_is_shown_has_a_text_as_well(
    client: Client, magic: str, mime: str, named: str
) -> None:
    """As IPython writes it: a notebook's file stays the same."""
    (shown,) = client.run(f"%%{magic}\n<svg/>").outputs
    expected = {mime: "<svg/>\n", "text/plain": f"<IPython.core.display.{named} object>"}
    assert {each: text.rstrip() for each, text in shown.content["data"].items()} == {
        each: text.rstrip() for each, text in expected.items()
    }


def test_a_macro_may_be_made_in_silence(client: Client) -> None:
    count = client.run("noise = 5").count
    assert client.run(f"%macro -q silent {count}").stdout == ""
    client.run("noise = 0")
    client.run("silent")
    assert client.run("noise").result == "5"
