"""carme.background() and %background: what goes on beside cells, busy ones too."""

from __future__ import annotations

import pytest

from harness.cell import plain
from harness.client import Client
from harness.kernels import Kernel

pytestmark = pytest.mark.better("it has nothing of the kind")

SERVER = """
import asyncio, urllib.request, socket
async def answer(reader, writer):
    await reader.readline()
    writer.write(b'HTTP/1.0 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello')
    await writer.drain()
    writer.close()
async def serve():
    global port, server
    server = await asyncio.start_server(answer, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    print('serves')
    async with server:
        await server.serve_forever()
def fetch():
    with socket.create_connection(('127.0.0.1', port), 5) as connection:
        connection.sendall(b'GET / HTTP/1.0\\r\\n')
        return connection.makefile('rb').read()[-5:]
"""
START = {
    "function": "from carme import background\nserving = background(serve())",
    "line": "serving = get_ipython().run_line_magic('background', 'serve()')",
    "magic": "%background serve()\nserving = _",
    "cell": "%%background\nawait serve()",
}


@pytest.mark.parametrize("start", START.values(), ids=START.keys())
def test_a_server_answers_during_a_plain_cell(client: Client, start: str) -> None:
    client.run(SERVER)
    cell = client.run(start)
    texts = [m.content["text"] for m in cell.iopub if m.type == "stream"]
    if not texts:
        texts = [client.iopub("stream", cell.request).content["text"]]
    assert texts == ["serves\n"]
    assert client.run("fetch()").result == "b'hello'"
    assert (
        client.run("await asyncio.get_running_loop().run_in_executor(None, fetch)").result
        == "b'hello'"
    )
    client.run("server.get_loop().call_soon_threadsafe(server.close)")


def test_its_value_can_be_waited_for(client: Client) -> None:
    client.run("import asyncio\nfrom carme import background")
    client.run("later = background(asyncio.sleep(0.05, 'slept'))")
    assert client.run("later.result(10)").result == "'slept'"
    assert client.run("await asyncio.wrap_future(later)").result == "'slept'"
    client.run("endless = background(asyncio.sleep(60))\nassert endless.cancel()")


def test_output_belongs_to_its_cell(client: Client) -> None:
    first = client.run(
        "import asyncio, threading\nfrom carme import background\n"
        "go, spoken = threading.Event(), threading.Event()\n"
        "async def speak():\n"
        "    await asyncio.get_running_loop().run_in_executor(None, go.wait, 60)\n"
        "    print('from the background'); spoken.set()\n"
        "_ = background(speak())"
    )
    assert client.run("go.set()\n_ = spoken.wait(60)").stdout == ""
    assert client.iopub("stream", first.request).content["text"] == "from the background\n"


def test_its_error_is_shown(client: Client) -> None:
    code = "from carme import background\nasync def fail():\n    1 / 0\n"
    cell = client.run(code + "_ = background(fail())")
    shown = client.text_with("ZeroDivisionError: division", cell, "stderr")
    assert "in fail" in plain(shown)


def test_what_can_not_be_awaited_is_refused(client: Client) -> None:
    cell = client.execute("from carme import background\nbackground(print)")
    assert cell.error == "TypeError"
    assert "coroutine" in cell.reply.content["evalue"]
    assert client.execute("%%background\n1 + 1").error == "UsageError"


def test_an_interrupt_leaves_it_alone(client: Client, kernel: Kernel) -> None:
    client.run(
        "import asyncio, time\nfrom carme import background\nbeats = []\n"
        "async def beat():\n    while True:\n        beats.append(1); await asyncio.sleep(0.01)\n"
        "beating = background(beat())"
    )
    request = client.send_execute("print('sleeps')\ntime.sleep(60)")
    client.iopub("stream", request)
    kernel.settle()
    kernel.interrupt()
    assert client.finish(request).error == "KeyboardInterrupt"
    client.run("before = len(beats)\nwhile len(beats) == before: time.sleep(0.01)")
    client.run("beating.cancel()")


def test_autoawait(client: Client) -> None:
    assert "set to use `asyncio`" in client.run("%autoawait").stdout
    client.run("import asyncio\n%autoawait off")
    assert client.execute("await asyncio.sleep(0)").error == "SyntaxError"
    client.run("%autoawait on")
    assert client.run("await asyncio.sleep(0, 'again')").result == "'again'"
    if client.run("'IPython' in __import__('sys').modules").result == "True":
        return  # which says by itself what it runs cells by
    assert client.execute("%autoawait twisted").error == "UsageError"
    assert "curio" in client.execute("%autoawait curio").reply.content["evalue"]
