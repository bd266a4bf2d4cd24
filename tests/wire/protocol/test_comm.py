"""Comms through the package `comm`, which the user's environment brings: as ipywidgets does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from harness.client import Client
from harness.kernels import Kernel, reference

pytestmark = pytest.mark.one_python

ECHO = """
import comm
opened, closed = [], []
def echo(message):
    data = message['content']['data']
    if data.get('fail'): raise ValueError('in the handler')
    current.send({'echo': data}, metadata={'m': 1}, buffers=message['buffers'])
def take(new, message):
    global current
    current = new
    opened.append(message['content']['data'])
    new.on_msg(echo)
    new.on_close(lambda message: closed.append(message['content']['comm_id']))
comm.get_comm_manager().register_target('echo', take)
"""


@pytest.fixture
def client(start: Callable[..., Kernel]) -> Iterator[Client]:
    """A kernel whose environment has `comm`, with a target that echoes."""
    client = start(path=reference().path).client()
    client.run(ECHO)
    yield client
    client.is_well()


def tell(client: Client, msg_type: str, **content: object) -> list[str]:
    """Sends a comm message; types of what came between busy and idle."""
    request = client.send(msg_type, content)
    return [m.type for m in client.until_idle(request) if not m.state]


def test_open_by_the_client(client: Client) -> None:
    tell(client, "comm_open", comm_id="a", target_name="echo", data={"hello": 1})
    assert client.run("opened[-1]").result == "{'hello': 1}"
    comms = client.ask("comm_info_request").content["comms"]
    assert comms["a"] == {"target_name": "echo"}
    assert client.ask("comm_info_request", {"target_name": "x"}).content["comms"] == {}
    assert "a" in client.ask("comm_info_request", {"target_name": "echo"}).content["comms"]


def test_messages_with_buffers(client: Client) -> None:
    tell(client, "comm_open", comm_id="b", target_name="echo", data={})
    buffers = [b"\0\1\2", b"", b"x" * 3_000_000]
    request = client.send("comm_msg", {"comm_id": "b", "data": {"n": 5}}, buffers=buffers)
    answer = client.iopub("comm_msg", request)
    assert answer.content == {"comm_id": "b", "data": {"echo": {"n": 5}}}
    assert answer.metadata == {"m": 1}
    assert answer.buffers == buffers


def test_output_of_a_handler_belongs_to_the_message(client: Client) -> None:
    client.run(
        "comm.get_comm_manager().register_target('loud', lambda new, message: "
        "new.on_msg(lambda message: print('heard')))"
    )
    tell(client, "comm_open", comm_id="l", target_name="loud", data={})
    request = client.send("comm_msg", {"comm_id": "l", "data": {}})
    assert client.iopub("stream", request).content["text"] == "heard\n"


def test_error_in_a_handler(client: Client) -> None:
    tell(client, "comm_open", comm_id="f", target_name="echo", data={})
    tell(client, "comm_msg", comm_id="f", data={"fail": True})
    tell(client, "comm_msg", comm_id="f", data={})


def test_close_by_the_client(client: Client) -> None:
    tell(client, "comm_open", comm_id="c", target_name="echo", data={})
    assert "comm_close" not in tell(client, "comm_close", comm_id="c", data={})
    assert client.run("closed").result == "['c']"
    assert "c" not in client.ask("comm_info_request").content["comms"]


def test_open_by_the_kernel(client: Client) -> None:
    cell = client.run("mine = comm.create_comm(target_name='front', data={'d': 1})\nmine.comm_id")
    opened = next(m for m in cell.iopub if m.type == "comm_open")
    assert opened.content["target_name"] == "front"
    assert opened.content["data"] == {"d": 1}
    comm_id = opened.content["comm_id"]
    assert cell.result == repr(comm_id)
    assert comm_id in client.ask("comm_info_request").content["comms"]
    cell = client.run("mine.close({'why': 'done'})")
    closed = next(m for m in cell.iopub if m.type == "comm_close")
    assert closed.content == {"comm_id": comm_id, "data": {"why": "done"}}


def test_target_that_fails_is_closed(client: Client) -> None:
    client.run("comm.get_comm_manager().register_target('bad', lambda new, message: 1/0)")
    assert "comm_close" in tell(client, "comm_open", comm_id="x", target_name="bad", data={})


def test_message_while_a_cell_awaits(client: Client) -> None:
    """A widget's answer reaches the cell that awaits it."""
    code = (
        "import asyncio\nreply = asyncio.get_running_loop().create_future()\n"
        "widget = comm.create_comm(target_name='w')\n"
        "widget.on_msg(lambda m: reply.set_result(m['content']['data']['value']))\n"
        "await asyncio.wait_for(reply, 60)"
    )
    request = client.send_execute(code)
    comm_id = client.iopub("comm_open", request).content["comm_id"]
    waiting = client.send_execute("'next'")
    client.send("comm_msg", {"comm_id": comm_id, "data": {"value": 42}})
    assert client.finish(request).result == "42"
    assert client.finish(waiting).result == "'next'"
