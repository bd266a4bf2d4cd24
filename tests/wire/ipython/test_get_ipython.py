"""get_ipython(): what libraries and notebooks ask of IPython's shell, where there is no IPython."""

from __future__ import annotations

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import IS_CARME


def test_its_name_tells_of_a_notebook(client: Client) -> None:
    """pandas looks for "zmq" in its type, rich and tqdm for the class's name."""
    assert client.run("type(get_ipython()).__name__").result == "'ZMQInteractiveShell'"


def test_namespace_and_count(client: Client) -> None:
    assert client.run("get_ipython().user_ns is globals()").result == "True"
    cell = client.run("get_ipython().execution_count")
    assert cell.result == str(cell.count)


def test_set_next_input(client: Client) -> None:
    """One payload for a cell, the last."""
    code = "for i in range(3): get_ipython().set_next_input(f'x = {i}', replace=i > 1)"
    payload = client.run(code).reply.content["payload"]
    assert payload == [{"source": "set_next_input", "text": "x = 2", "replace": True}]
    assert client.run("1").reply.content["payload"] == []


def test_showtraceback(client: Client) -> None:
    """It is shown, and the cell goes on."""
    code = (
        "try:\n    1/0\nexcept ZeroDivisionError:\n    get_ipython().showtraceback()\nprint('on')"
    )
    request = client.send_execute(code)
    assert client.reply(request).content["status"] == "ok"
    error = client.iopub("error", request)
    assert error.content["ename"] == "ZeroDivisionError"
    assert "1/0" in plain("\n".join(error.content["traceback"]))
    assert client.iopub("stream", request).content["text"] == "on\n"
    client.iopub("status", request, where=lambda m: m.state == "idle")


def test_get_parent(client: Client) -> None:
    request = client.send_execute("p = get_ipython().get_parent(); p['header']['msg_id']")
    assert client.finish(request).result == repr(request["msg_id"])
    assert client.run("p['content']['code'], p['msg_type']").result is not None
    identity = client.identity
    assert client.run("get_ipython().kernel._parent_ident['shell']").result == repr([identity])
    control = client.ask("kernel_info_request", channel="control").parent_id
    found = client.run("get_ipython().kernel.get_parent('control')['header']['msg_id']").result
    assert found == repr(control)


THREAD = """
import threading
go, done = threading.Event(), threading.Event()
parent = get_ipython().get_parent()
def work():
    {first}
    go.wait(30)
    print('in the thread')
    {last}
    display('shown')
    done.set()
threading.Thread(target=work).start()
"""


@pytest.mark.parametrize("method", ["set_parent", "set_thread_parent"])
def test_a_thread_may_name_its_cell(client: Client, method: str) -> None:
    made = client.send_execute(THREAD.format(first=f"get_ipython().{method}(parent)", last=""))
    client.reply(made)
    cell = client.run("go.set(); done.wait(30)")
    assert cell.stdout == ""
    assert client.iopub("stream", made).content["text"] == "in the thread\n"
    assert client.iopub("display_data", made).content["data"]["text/plain"] == "'shown'"


def test_until_it_is_reset(client: Client) -> None:
    first = "token = get_ipython().set_thread_parent(parent)"
    last = "get_ipython().reset_thread_parent(token)"
    made = client.send_execute(THREAD.format(first=first, last=last))
    client.reply(made)
    cell = client.run("go.set(); done.wait(30)")
    assert client.iopub("stream", made).content["text"] == "in the thread\n"
    assert cell.outputs[-1].type == "execute_result"
    if IS_CARME:  # it is the output of the cell that started the thread, again
        assert client.iopub("display_data", made).content["data"]["text/plain"] == "'shown'"


def test_set_parent_ends_with_the_cell(client: Client) -> None:
    first = client.send_execute("old = get_ipython().get_parent()")
    client.finish(first)
    request = client.send_execute("get_ipython().set_parent(old); print('for the first')")
    client.reply(request)
    assert client.iopub("stream", first).content["text"] == "for the first\n"
    assert client.run("print('own')").stdout == "own\n"


def test_what_it_has_not(client: Client) -> None:
    cell = client.execute("get_ipython().no_such_thing")
    assert cell.error == "AttributeError"
    assert "no_such_thing" in cell.reply.content["evalue"]


def test_a_message_by_the_kernels_session(client: Client) -> None:
    """As libraries send what display() has no options for."""
    code = (
        "kernel = get_ipython().kernel\n"
        "content = {'data': {'text/plain': 'sent'}, 'metadata': {}, 'transient': {}}\n"
        "kernel.session.send(kernel.iopub_socket, 'display_data', content, parent={});\n"
    )
    (shown,) = client.run(code).outputs
    assert shown.content["data"] == {"text/plain": "sent"}


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("6 * 7; # a comment", False),
        ("6 * 7 # a comment;", True),
        ("'a;'", True),
        ("x = 1; x", True),
        ("6 * 7;", False),
    ],
)
def test_a_last_semicolon_hides_the_value(client: Client, code: str, shown: bool) -> None:
    assert bool(client.run(code).data) is shown


def test_a_printer_of_another_type_is_passed_over(client: Client) -> None:
    client.run("class C: pass\nhtml = get_ipython().display_formatter.formatters['text/html']")
    client.run("html.for_type(C, lambda o: 7)")
    assert set(client.run("C()").data) == {"text/plain"}


def test_display_of_chosen_types(client: Client) -> None:
    client.run("class R:\n    def _repr_html_(self):\n        return '<b>'")
    (shown,) = client.run("display(R(), include=['text/html'], sep=3)").outputs
    assert set(shown.content["data"]) == {"text/html"}
    (shown,) = client.run("display(R(), exclude=['text/html'])").outputs
    assert set(shown.content["data"]) == {"text/plain"}
