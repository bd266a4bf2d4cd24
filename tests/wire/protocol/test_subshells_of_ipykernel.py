"""Subshells as ipykernel 7.4's own tests ask for them (tests/test_subshells.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.client import Client
from harness.kernels import Kernel, reference

THREADS = "print(*sorted(t.name for t in threading.enumerate() if t.name.startswith('subshell')))"
ASKS = """import asyncio, threading
answer = asyncio.get_running_loop().create_future()
def take(message):
    answer.set_result((message['content']['data']['content'], threading.get_ident()))
asking.on_msg(take)
asking.send({'method': 'custom', 'content': {'id': 'first'}})
content, thread = await asyncio.wait_for(answer, 60)
content['value'], thread == threading.get_ident()"""


def create(client: Client) -> str:
    """A new subshell's id."""
    return str(client.ask("create_subshell_request", channel="control").content["subshell_id"])


def delete(client: Client, subshell: str) -> dict[str, Any]:
    """Ends a subshell; the reply's content."""
    content = {"subshell_id": subshell}
    return dict(client.ask("delete_subshell_request", content, channel="control").content)


def send(client: Client, subshell: str, code: str) -> dict[str, Any]:
    """An execute_request for a subshell; its header."""
    fields = {"code": code, "allow_stdin": False}
    return client.send("execute_request", fields, header={"subshell_id": subshell})


@pytest.mark.better("its error reply has no ename")
def test_unknown_ids_are_named(client: Client) -> None:
    subshell = create(client)
    assert delete(client, subshell)["status"] == "ok"
    refused = f"Unknown subshell_id {subshell!r}"
    assert delete(client, subshell)["evalue"] == refused
    request = send(client, subshell, "1")
    content = client.reply(request).content
    assert (content["ename"], content["evalue"]) == ("UnknownSubshellError", refused)
    client.until_idle(request)


@pytest.mark.better("it sends a comm_reply, which the protocol has not")
def test_a_comm_message_to_an_unknown_one_has_no_reply(client: Client) -> None:
    where = {"subshell_id": "gone"}
    client.until_idle(client.send("comm_close", {"comm_id": "c", "data": {}}, header=where))
    client.silence("shell")


def test_threads_are_listed(start: Callable[..., Kernel]) -> None:
    """Those that begin before the module is imported as soon as they run a cell."""
    client = start().client()
    early = create(client)
    client.run("import threading")
    client.finish(send(client, early, "1"))
    late = create(client)
    names = sorted(f"subshell-{each}" for each in (early, late))
    assert client.run(THREADS).stdout.split() == names
    for each in (early, late):
        assert delete(client, each)["status"] == "ok"
    assert client.run(THREADS).stdout == "\n"
    assert client.run("threading.main_thread().ident == threading.get_ident()").result == "True"


def test_two_shells_import_asyncio_at_once(start: Callable[..., Kernel]) -> None:
    for _ in range(5):
        client = start().client()
        subshell = create(client)
        requests = [
            send(client, subshell, "import asyncio\nawait asyncio.sleep(0)"),
            client.send_execute("import time"),
            client.send_execute("await __import__('asyncio').sleep(0)"),
        ]
        assert [client.reply(each).content["status"] for each in requests] == ["ok"] * 3


@pytest.mark.one_python
def test_an_answer_is_for_the_shell_that_asks(start: Callable[..., Kernel]) -> None:
    """The front end addresses it to the comm's subshell."""
    client = start(path=reference().path).client()
    where = {"subshell_id": create(client)}
    client.finish(
        send(
            client,
            where["subshell_id"],
            "import comm\nasking = comm.create_comm(target_name='t', comm_id='c')",
        )
    )
    request = client.send_execute(ASKS)
    client.iopub("comm_msg", request)
    data = {"method": "custom", "content": {"id": "first", "value": 42}}
    client.send("comm_msg", {"comm_id": "c", "data": data}, header=where)
    assert client.finish(request).result == "(42, True)"
