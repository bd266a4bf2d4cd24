"""What commands and scripts write goes where the cell's text goes; their options are IPython's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, Kernel

pytestmark = pytest.mark.one_python
WIDGETS = str(ENVIRONMENTS / "widgets" / "bin" / "python")
# without IPython, with it, and with its shell in place
SITUATIONS = [(None, ""), (WIDGETS, ""), (WIDGETS, "import IPython")]
terminal = pytest.mark.better("writes through a terminal: its line ends and colours")


@pytest.fixture(params=SITUATIONS, ids=["plain", "installed", "taken over"])
def seat(request: pytest.FixtureRequest, start: Callable[..., Kernel]) -> Client:
    """A client of a kernel in one of the situations."""
    path, first = request.param
    client = start(**({"path": path} if path else {})).client()
    client.run(first)
    return client


@terminal
def test_a_command_follows_sys_stdout(seat: Client) -> None:
    both = "!echo one; echo two >&2; echo three"
    cell = seat.run(both)
    assert (cell.stdout, cell.stderr) == ("one\ntwo\nthree\n", "")
    assert not seat.run("%%capture kept\n" + both).outputs
    assert seat.run("kept.stdout, kept.stderr").result == "('one\\ntwo\\nthree\\n', '')"
    code = f"import contextlib, io, sys\nwith contextlib.redirect_stdout(io.StringIO()) as f:\n    {both}"
    assert not seat.run(code).outputs
    assert seat.run("f.getvalue()").result == "'one\\ntwo\\nthree\\n'"
    cell = seat.run(f"with contextlib.redirect_stdout(sys.stderr):\n    {both}")
    assert (cell.stdout, cell.stderr) == ("", "one\ntwo\nthree\n")


def test_magics_that_run_commands_follow_it(seat: Client) -> None:
    assert not seat.run("%%capture kept\n%pip --version\n%ls -d .").outputs
    assert (
        seat.run("'pip ' in kept.stdout and '/\\n' in kept.stdout.replace('\\r', '')").result
        == "True"
    )
    assert not seat.run("%%capture kept\n%pip --nosuch").outputs
    assert seat.run("'nosuch' in kept.stdout").result == "True"


TEE = """
import os, sys
kept = sys.stdout
class Tee:
    def write(self, text):
        kept.write('tee ' + text)
"""


def test_a_command_without_a_usual_stdout(client: Client) -> None:
    client.run(TEE)
    assert client.run("sys.stdout = Tee()\n!echo a\nsys.stdout = kept").stdout == "tee a\n"
    assert client.run("sys.stdout = None\n!echo b\nsys.stdout = kept").stdout == "b\n"


def test_what_a_command_writes_appears_while_it_runs(client: Client, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    client.run(TEE)
    request = client.send_execute(
        f"sys.stdout = Tee()\n!echo a; cat {tmp_path}/pipe; echo b\nsys.stdout = kept"
    )
    assert client.iopub("stream", request).content["text"] == "tee a\n"
    (tmp_path / "pipe").write_text("")
    assert client.iopub("stream", request).content["text"] == "tee b\n"
    client.reply(request)


def test_a_captured_command_that_leaves_another_behind(client: Client) -> None:
    client.run("%%capture kept\n!sleep 60 & echo $!")
    assert client.run("kept.stdout.strip().isdigit()").result == "True"
    client.run("!kill {kept.stdout}")


@pytest.mark.better("passes the interrupt over")
def test_interrupt_of_a_captured_command(client: Client, kernel: Kernel) -> None:
    client.run(TEE)
    request = client.send_execute(
        "sys.stdout = Tee()\ntry:\n    !echo $$; exec sleep 60\nfinally:\n    sys.stdout = kept"
    )
    child = int(client.iopub("stream", request).content["text"].split()[1])
    kernel.interrupt()
    assert client.reply(request).content["status"] == "error"
    assert client.run(f"os.path.exists('/proc/{child}')").result == "False"


@terminal
def test_statuses(client: Client) -> None:
    client.run("!exit 3")
    assert client.run("_exit_code").result == "3"
    client.run("!sh -c 'kill -9 $$'; exit $?")
    assert client.run("_exit_code").result == "-9"


def test_pip_is_a_line_of_a_shell(client: Client) -> None:
    assert client.run("%pip --version | cut -c 1-4").stdout.startswith("pip \n")
    client.run("import os, tempfile; os.chdir(tempfile.mkdtemp())")
    client.run("%pip download --no-index --no-input nosuch>=1.0 'other<2' > said.txt 2>&1")
    assert client.run("sorted(os.listdir())").result == "['said.txt']"
    assert "nosuch>=1.0" in client.run("print(open('said.txt').read())").stdout


def test_options_of_scripts(seat: Client) -> None:
    seat.run("%%script bash --out o --err=e\necho a; echo b >&2")
    assert seat.run("o, e").result == "('a\\n', 'b\\n')"
    seat.run("%%bash --out o -s x y\necho $1-$2")
    assert seat.run("o").result == "'x-y\\n'"
    assert not seat.run("%%script false --no-raise-error\nx").outputs
    assert not seat.run("%%script --no-raise-error false\nx").outputs
    assert not seat.run("%%capture kept\n%%bash\necho a; echo b >&2").outputs
    assert seat.run("kept.stdout, kept.stderr").result == "('a\\n', 'b\\n')"
    cell = seat.execute("%%bash\nexit 5")
    assert "b'exit 5\\n'" in cell.reply.content["evalue"]
    assert (
        seat.run("%%script nosuchprogram\n1").stdout == "Couldn't find program: 'nosuchprogram'\n"
    )


def test_scripts_in_the_background(seat: Client) -> None:
    seat.run("%%bash --bg --out o --err e --proc p\necho a; echo b >&2; exit 3")
    assert seat.run("await o.read(), await e.read()").result == "(b'a\\n', b'b\\n')"
    assert seat.run("await p.wait(), p.returncode, o.at_eof()").result == "(3, 3, True)"
    seat.run("%%bash --bg --proc p\necho not shown; exec sleep 60")
    assert seat.run("p.returncode is None").result == "True"
    assert seat.run("%killbgscripts").stdout == "All background processes were killed.\n"
    assert seat.run("await p.wait() != 0").result == "True"


def test_options_of_capture(seat: Client) -> None:
    cell = seat.run("%%capture kept --no-stderr\nimport sys\nprint(1)\nprint(2, file=sys.stderr)")
    assert (cell.stdout, cell.stderr) == ("", "2\n")
    assert seat.run("kept.stdout, kept.stderr").result == "('1\\n', '')"
    seat.run("%%capture kept\ndisplay('shown')\n6 * 7")
    assert seat.run("[o.data['text/plain'] for o in kept.outputs]").result == "[\"'shown'\", '42']"
    seat.run("%%capture kept\n5;")
    assert seat.run("'kept' in globals()").result == "False"
    for line in ("a b", "--nosuch"):
        cell = seat.execute(f"%%capture {line}\n5")
        assert "unrecognized arguments" in cell.reply.content["evalue"]


def test_capture_of_a_cell_that_fails(seat: Client) -> None:
    request = seat.send_execute("%%capture kept\nprint('begun')\n1 / 0")
    assert seat.iopub("error", request).content["ename"] == "ZeroDivisionError"
    seat.reply(request)
    assert seat.run("kept.stdout").result == "'begun\\n'"


@pytest.mark.parametrize("first", ["", "import IPython"])
def test_capture_of_figures(start: Callable[..., Kernel], first: str) -> None:
    client = start(path=WIDGETS).client()
    client.run(first)
    assert not client.run(
        "%%capture kept\nimport matplotlib.pyplot as plt\nf = plt.plot([1, 2])"
    ).outputs
    assert client.run("['image/png' in o.data for o in kept.outputs]").result == "[True]"
    assert len(client.run("kept.show()").outputs) == 1
    assert len(client.run("%%capture kept --no-display\nf = plt.plot([1, 2])").outputs) == 1


def test_a_widget_has_what_a_command_writes(start: Callable[..., Kernel]) -> None:
    client = start(path=WIDGETS).client()
    client.run("import ipywidgets\nout = ipywidgets.Output()")
    cell = client.run("with out:\n    !echo a")
    kinds = [message.type for message in cell.iopub if message.type in ("comm_msg", "stream")]
    assert kinds == ["comm_msg", "stream", "comm_msg"]


def test_output_as_text(client: Client) -> None:
    assert client.run("%sc a=printf 'x\\ny\\n'\na, a.l, a.s").result == (
        "('x\\ny\\n', ['x', 'y', ''], 'x y ')"
    )
    assert client.run("%sc -l b=printf 'x\\ny\\n'\nb").result == "['x', 'y']"
    assert client.run("get_ipython().getoutput('echo a', split=False)").result == "'a\\n'"


def test_a_command_has_a_terminal(seat: Client) -> None:
    """ls makes columns, programs see 80 columns, nothing waits in a buffer; lines end as ever."""
    seat.execute(
        "import tempfile, os; os.chdir(tempfile.mkdtemp()); open('a', 'w'); open('b', 'w');"
    )
    assert seat.execute("!ls").stdout == "a  b\n"
    cell = seat.execute(
        "code = 'import os, sys; print([os.isatty(n) for n in range(3)], os.get_terminal_size(1)[:])'\n"
        '!{sys.executable} -c "{code}"\n'
        "lines = !ls\n"
        "print(lines)".replace("code =", "import sys; code =")
    )
    assert cell.stdout == "[False, True, True] (80, 24)\n['a', 'b']\n"


def test_a_command_asks_nobody(seat: Client) -> None:
    """Standard input is at its end, and no pager waits for a key."""
    assert seat.execute("!cat; echo over").stdout == "over\n"


@pytest.mark.better("its scripts write to the cell that runs")
def test_commands_of_a_thread_belong_to_its_cell(client: Client) -> None:
    request = client.send_execute(
        "import threading\ngo = threading.Event()\ndef f():\n    go.wait()\n    !echo command\n"
        "    get_ipython().run_cell_magic('bash', '', 'echo out; echo err >&2')\n"
        "thread = threading.Thread(target=f)\nthread.start()"
    )
    client.reply(request)
    client.run("go.set()\nthread.join()")
    text = ""
    while set(text.split()) != {"command", "out", "err"}:
        text += client.iopub("stream", request).content["text"]
