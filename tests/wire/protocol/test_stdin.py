"""input(), getpass, sys.stdin, pdb: who is asked, whose answer counts, how a question ends."""

from __future__ import annotations

import time

import pytest

from harness.client import Client
from harness.kernels import Kernel


def ask(client: Client, code: str) -> dict[str, object]:
    """A cell that may ask."""
    return client.send_execute(code, allow_stdin=True)


def test_input(client: Client) -> None:
    request = ask(client, "name = input('who? ')\nname")
    question = client.input_request(request)
    assert question.type == "input_request"
    assert question.content == {"prompt": "who? ", "password": False}
    client.answer("Ada", question)
    assert client.finish(request).result == "'Ada'"


def test_answer_without_parent(client: Client) -> None:
    """jupyter_client's input() sends none."""
    request = ask(client, "input()")
    client.input_request(request)
    client.answer("plain")
    assert client.finish(request).result == "'plain'"


@pytest.mark.parametrize("text", ["", "ä€🎈", "two\nlines", "a" * 100_000, "nul\0", '"\\'])
def test_answers_of_all_kinds(client: Client, text: str) -> None:
    request = ask(client, "got = input()\n[len(got), got[:20]]")
    client.answer(text, client.input_request(request))
    assert client.finish(request).result == repr([len(text), text[:20]])


def test_prompt_is_text_of_any_object(client: Client) -> None:
    request = ask(client, "input([1, 'ä'])")
    question = client.input_request(request)
    assert question.content["prompt"] == "[1, 'ä']"
    client.answer("x", question)
    client.finish(request)


def test_many_questions(client: Client) -> None:
    request = ask(client, "[input(str(n)) for n in range(10)]")
    for n in range(10):
        question = client.input_request(request)
        assert question.content["prompt"] == str(n)
        client.answer(f"a{n}", question)
    assert client.finish(request).result == str([f"a{n}" for n in range(10)])


def test_output_stands_before_the_question(client: Client) -> None:
    request = ask(client, "print('read this')\ninput()")
    assert client.iopub("stream", request).content["text"] == "read this\n"
    client.answer("x", client.input_request(request))
    client.reply(request)


def test_getpass(client: Client) -> None:
    request = ask(client, "import getpass\ngetpass.getpass('secret: ')")
    question = client.input_request(request)
    assert question.content == {"prompt": "secret: ", "password": True}
    client.answer("s3cret", question)
    assert client.finish(request).result == "'s3cret'"


@pytest.mark.better("its prompt is empty")
def test_getpass_default_prompt(client: Client) -> None:
    request = ask(client, "from getpass import getpass\ngetpass()")
    question = client.input_request(request)
    assert question.content["prompt"] == "Password: "
    client.answer("x", question)
    client.finish(request)


@pytest.mark.better("its sys.stdin is at the end of file")
def test_readline(client: Client) -> None:
    request = ask(client, "import sys\nsys.stdin.readline()")
    client.answer("a line", client.input_request(request, timeout=3))
    assert client.finish(request).result == "'a line\\n'"


@pytest.mark.better("its sys.stdin is at the end of file")
def test_iteration_ends_at_eof(client: Client) -> None:
    request = ask(client, "import sys\n[line for line in sys.stdin]")
    client.answer("one", client.input_request(request, timeout=3))
    client.answer("two", client.input_request(request))
    client.answer("\x04", client.input_request(request))
    assert client.finish(request).result == "['one\\n', 'two\\n']"


@pytest.mark.better("its sys.stdin is at the end of file")
def test_read_ends_at_eof(client: Client) -> None:
    request = ask(client, "import sys\nsys.stdin.read()")
    client.answer("one", client.input_request(request, timeout=3))
    client.answer("\x04", client.input_request(request))
    assert client.finish(request).result == "'one\\n'"


@pytest.mark.better("its sys.stdin is at the end of file")
def test_stdin_works_after_eof(client: Client) -> None:
    request = ask(client, "import sys\nsys.stdin.read()")
    client.answer("\x04", client.input_request(request, timeout=3))
    client.finish(request)
    request = ask(client, "sys.stdin.readline()")
    client.answer("again", client.input_request(request))
    assert client.finish(request).result == "'again\\n'"


def test_eof_is_an_eoferror(client: Client) -> None:
    request = ask(client, "input()")
    client.answer("\x04", client.input_request(request))
    assert client.finish(request).error == "EOFError"


def test_pdb(client: Client) -> None:
    client.run(
        "def inner():\n    local_value = 7\n    import pdb; pdb.set_trace()\n    return local_value"
    )
    request = ask(client, "inner()")
    question = client.input_request(request)
    assert "db" in question.content["prompt"]
    client.answer("p local_value * 6", question)
    question = client.input_request(request)
    client.answer("c", question)
    cell = client.finish(request)
    assert "42" in cell.stdout
    assert cell.result == "7"


def test_pdb_stops_in_the_cell_only(client: Client) -> None:
    """At the end of a cell nothing of the kernel's is shown as the user's."""
    request = ask(client, "import pdb; pdb.set_trace()")
    client.answer("w", client.input_request(request))
    client.answer("c", client.input_request(request))
    cell = client.finish(request)
    assert cell.status == "ok"
    assert "_carme" not in cell.stdout and "<carme" not in cell.stdout


@pytest.mark.better("debugpy takes the hook")
def test_breakpoint(client: Client) -> None:
    request = ask(client, "x = 3\nbreakpoint()\nx")
    client.answer("p x + 100", client.input_request(request))
    client.answer("c", client.input_request(request))
    assert "103" in client.finish(request).stdout


def test_post_mortem(client: Client) -> None:
    code = (
        "import pdb, sys\ntry:\n    deep = 5; 1/0\nexcept ZeroDivisionError:\n    pdb.post_mortem()"
    )
    request = ask(client, code)
    client.answer("p deep", client.input_request(request))
    client.answer("q", client.input_request(request))
    assert "5" in client.finish(request).stdout


@pytest.mark.parametrize(
    "code", ["input()", "import getpass\ngetpass.getpass()"], ids=["input", "getpass"]
)
def test_not_allowed(client: Client, code: str) -> None:
    cell = client.execute(code, allow_stdin=False)
    assert cell.error == "StdinNotImplementedError"
    assert cell.reply.content["evalue"]
    client.silence("stdin", 0.1)


@pytest.mark.better("its sys.stdin is at the end of file")
def test_sys_stdin_not_allowed(client: Client) -> None:
    cell = client.execute("import sys\nsys.stdin.readline()", allow_stdin=False)
    assert cell.error == "StdinNotImplementedError"


def test_absent_allow_stdin_means_allowed_or_a_clear_error(client: Client) -> None:
    """ipykernel takes an absent member for false; the protocol's text says true."""
    request = client.send("execute_request", {"code": "input()"})
    while not client.inbox["stdin"] and not client.inbox["shell"]:
        client.pump(time.monotonic() + 5)
    if client.inbox["stdin"]:
        client.answer("given", client.input_request(request))
        assert client.finish(request).result == "'given'"
    else:
        assert client.finish(request).error == "StdinNotImplementedError"


@pytest.mark.better("any client's reply wins")
def test_answer_of_another_client_does_not_count(kernel: Kernel) -> None:
    asking, foreign = kernel.client(), kernel.client()
    request = ask(asking, "input()")
    question = asking.input_request(request)
    foreign.silence("stdin", 0.1)
    foreign.answer("wrong")
    foreign.answer("wrong, and with the question's header", question)
    foreign.ask("kernel_info_request", channel="control")
    asking.answer("right", question)
    assert asking.finish(request).result == "'right'"


def test_stale_answer_does_not_count(client: Client) -> None:
    client.answer("too early")
    client.ask("kernel_info_request", channel="control")
    request = ask(client, "input()")
    question = client.input_request(request)
    client.answer("in time", question)
    assert client.finish(request).result == "'in time'"


@pytest.mark.better("it does not look at the parent")
def test_answer_to_an_older_question_does_not_count(client: Client) -> None:
    request = ask(client, "input('one')\ninput('two')")
    first = client.input_request(request)
    client.answer("1", first)
    second = client.input_request(request)
    client.answer("an echo", first)
    client.answer("2", second)
    assert client.finish(request).result == "'2'"


@pytest.mark.parametrize(
    "content", [{}, {"value": 5}, {"value": None}, [], "text"], ids=["none", "5", "null", "[]", "s"]
)
@pytest.mark.better("it takes such a reply for an empty line, or waits on")
def test_malformed_answer(client: Client, content: object) -> None:
    """An error or an empty line in the cell, or the question stays open: never a dead kernel."""
    request = ask(client, "input()")
    question = client.input_request(request)
    client.send("input_reply", content, "stdin", question.header)
    client.ask("kernel_info_request", channel="control")
    client.answer("sound", question)
    cell = client.finish(request)
    assert cell.status in ("ok", "error")
    assert cell.result in ("'sound'", "''", None)


def test_other_requests_wait_while_a_question_is_open(client: Client) -> None:
    request = ask(client, "input()")
    question = client.input_request(request)
    waiting = client.send("complete_request", {"code": "pri", "cursor_pos": 3})
    assert client.ask("kernel_info_request", channel="control").content["status"] == "ok"
    client.answer("x", question)
    client.finish(request)
    assert client.reply(waiting).content["status"] == "ok"


def test_input_in_an_awaiting_cell(client: Client) -> None:
    request = ask(client, "import asyncio\nawait asyncio.sleep(0)\ninput('async? ')")
    client.answer("yes", client.input_request(request))
    assert client.finish(request).result == "'yes'"


def test_input_in_a_thread(client: Client) -> None:
    code = "import threading\ngot = []\nt = threading.Thread(target=lambda: got.append(input('t')))\nt.start(); t.join(); got"
    request = ask(client, code)
    client.answer("threaded", client.input_request(request))
    assert client.finish(request).result == "['threaded']"


def test_input_keeps_its_name(client: Client) -> None:
    assert client.run("import builtins\ninput is builtins.input").result == "True"


@pytest.mark.better("it waits for the answer")
def test_shutdown_while_a_question_is_open(start: object) -> None:
    kernel = start()  # type: ignore[operator]
    client = kernel.client()
    client.input_request(ask(client, "input()"))
    request = client.send("shutdown_request", {"restart": False}, "control")
    client.reply(request, "control")
    assert kernel.wait_exit() == 0
