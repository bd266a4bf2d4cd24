"""Web servers that a cell starts: they answer while the kernel is idle and while cells await."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator

import pytest

from harness.client import SLOW, Client
from harness.kernels import CUT_SHORT, Kernel
from harness.ports import free_port
from harness.until import until

TIMEOUT = 30 * SLOW
CANCELLED = "an interrupt of an await is a CancelledError there"
AIOHTTP = """
from aiohttp import ClientSession, web
async def hello(request):
    print('asked', request.path)
    if request.path == '/over': over.set()
    return web.Response(text='hello ' + request.match_info.get('name', 'all'))
app = web.Application()
app.add_routes([web.get('/', hello), web.get('/{{name}}', hello)])
runner = web.AppRunner(app)
await runner.setup()
await web.TCPSite(runner, '127.0.0.1', {port}).start()
"""
UVICORN = """
import asyncio, contextlib, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
async def hello(request):
    print('asked', request.url.path)
    if request.url.path == '/over': over.set()
    return PlainTextResponse('hello ' + request.path_params.get('name', 'all'))
app = Starlette(routes=[Route('/', hello), Route('/{{name}}', hello)])
server = uvicorn.Server(uvicorn.Config(app, port={port}, log_level='warning'))
server.capture_signals = contextlib.nullcontext  # or else Ctrl-C is the server's
serving = asyncio.create_task(server.serve())
while not server.started: await asyncio.sleep(0.01)
"""
TORNADO = """
import tornado.web
class Hello(tornado.web.RequestHandler):
    async def get(self, name):
        print('asked', self.request.path)
        if self.request.path == '/over': over.set()
        self.write('hello ' + (name or 'all'))
application = tornado.web.Application([('/(.*)', Hello)])
server = application.listen({port}, '127.0.0.1')
"""
SERVERS = {"aiohttp": AIOHTTP, "starlette": UVICORN, "tornado": TORNADO}


def get(port: int, path: str = "/", timeout: float = TIMEOUT) -> str:
    """What the server answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    connection.request("GET", path)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


def is_free(port: int) -> bool:
    """Whether nobody listens at the port; connections that have ended may still hold it."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Served:
    """A server in a kernel of its own, and the cell that has started it."""

    def __init__(self, kernel: Kernel, client: Client, code: str) -> None:
        self.kernel, self.client, self.port = kernel, client, free_port()
        self.cell = client.run(code.format(port=self.port), timeout=TIMEOUT)

    def said(self) -> str:
        """The next text of the cell that has started the server."""
        return str(self.client.iopub("stream", self.cell.request).content["text"])


@pytest.fixture(params=SERVERS)
def served(request: pytest.FixtureRequest, start: Callable[..., Kernel]) -> Iterator[Served]:
    """Each server."""
    kernel = start()
    yield Served(kernel, kernel.client(), SERVERS[request.param])


def test_server_answers_while_idle(served: Served) -> None:
    for path in ("/", "/ann"):
        assert get(served.port, path) == "hello " + (path[1:] or "all")
        assert served.said() == f"asked {path}\n"


def test_server_answers_in_await_cells(served: Served) -> None:
    code = "import asyncio\nprint('in')\nover = asyncio.Event()\nawait asyncio.wait_for(over.wait(), 60)"
    request = served.client.send_execute(code)
    served.client.iopub("stream", request)
    assert get(served.port, "/bob") == "hello bob"
    assert served.said() == "asked /bob\n", "the output of the cell that has started it"
    assert get(served.port, "/over") == "hello over"
    assert served.client.finish(request).status == "ok"


@pytest.mark.better(CANCELLED)
def test_server_outlives_an_interrupt(served: Served) -> None:
    request = served.client.send_execute("import asyncio\nprint('in')\nawait asyncio.sleep(600)")
    served.client.iopub("stream", request)
    served.kernel.interrupt()
    assert served.client.finish(request).error == "KeyboardInterrupt"
    assert get(served.port) == "hello all"


BESIDE = """
import asyncio
from carme import background
{make}
async def serve():
{indented}
    print('serving', flush=True)
    await asyncio.Event().wait()
background(serve())
"""


def beside(name: str) -> str:
    """The server's cell with what it awaits, and what it listens by, in a background coroutine."""
    lines = SERVERS[name].splitlines()
    starting = ("await ", "server = application", "serving =", "while ")
    first = next(n for n, line in enumerate(lines) if line.startswith(starting))
    indented = "\n".join("    " + line for line in lines[first:])
    return BESIDE.format(make="\n".join(lines[:first]), indented=indented)


@pytest.mark.better("it has no such helper")
@pytest.mark.parametrize("name", SERVERS)
def test_server_answers_during_a_plain_cell(start: Callable[..., Kernel], name: str) -> None:
    kernel = start()
    served = Served(kernel, kernel.client(), beside(name))
    text = "".join(m.content["text"] for m in served.cell.iopub if m.type == "stream")
    assert (text or served.said()) == "serving\n"
    request = served.client.send_execute("print('busy', flush=True)\nwhile True: pass")
    served.client.iopub("stream", request)
    assert get(served.port, "/ann") == "hello ann"
    assert served.said() == "asked /ann\n"
    kernel.interrupt()
    assert served.client.finish(request).error == "KeyboardInterrupt"
    assert get(served.port, "/bob") == "hello bob"
    kernel.restart()
    until(lambda: is_free(served.port), "the port is free after the restart")


@pytest.mark.better(CANCELLED)
def test_starlette_ends_by_an_interrupt_that_uvicorn_catches(start: Callable[..., Kernel]) -> None:
    kernel = start()
    line = next(line for line in UVICORN.splitlines() if "capture_signals" in line)
    served = Served(kernel, kernel.client(), UVICORN.replace(line + "\n", ""))
    request = served.client.send_execute("import asyncio\nprint('in')\nawait asyncio.sleep(600)")
    served.client.iopub("stream", request)
    kernel.interrupt()
    assert served.client.finish(request).error == "KeyboardInterrupt"
    assert served.client.execute("await serving").error in (None, "KeyboardInterrupt")
    assert is_free(served.port)


def test_server_answers_its_own_cell(served: Served) -> None:
    code = (
        "import asyncio, urllib.request\n"
        f"url = 'http://127.0.0.1:{served.port}/own'\n"
        "(await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=60).read())).decode()"
    )
    assert served.client.run(code).result == "'hello own'"


def test_server_ends_with_its_kernel(served: Served) -> None:
    get(served.port)
    served.kernel.restart()
    until(lambda: is_free(served.port), "the port is free after the restart")


def test_aiohttp_fetches_with_gather(start: Callable[..., Kernel]) -> None:
    kernel = start()
    served = Served(kernel, kernel.client(), AIOHTTP)
    code = f"""
import asyncio
async def fetch(session, n):
    async with session.get(f'http://127.0.0.1:{served.port}/{{n}}') as answer:
        return await answer.text()
async with ClientSession() as session:
    texts = await asyncio.gather(*(fetch(session, n) for n in range(100)))
texts == [f'hello {{n}}' for n in range(100)]
"""
    assert served.client.run(code, timeout=TIMEOUT).result == "True"
    lines: list[str] = []
    while len(lines) < 100:
        lines += served.said().splitlines()
    assert sorted(lines) == sorted(f"asked /{n}" for n in range(100))


FLASK = """
import logging, threading
from flask import Flask
app = Flask('cells')
@app.route('/<name>')
def hello(name):
    print('asked', name)
    return 'hello ' + name
logging.getLogger('werkzeug').setLevel(logging.INFO)
options = dict(port={port}, use_reloader=False, threaded={threaded})
threading.Thread(target=app.run, kwargs=options, daemon={daemon}).start()
"""


def starts(port: int) -> None:
    """Waits until somebody listens at the port."""
    until(lambda: not is_free(port), "somebody listens", TIMEOUT)


@pytest.mark.better("a thread's output goes to the latest cell there")
@pytest.mark.parametrize("threaded", ["False", "True"])
def test_flask_in_a_thread(start: Callable[..., Kernel], threaded: str) -> None:
    kernel = start()
    client = kernel.client()
    port = free_port()
    options = {"port": port, "threaded": threaded, "daemon": "True"}
    cell = client.run(FLASK.format(**options), timeout=TIMEOUT)
    starts(port)
    assert client.run("print('another cell')").stdout == "another cell\n"
    assert get(port, "/ann") == "hello ann"
    log = client.iopub("stream", cell.request, where=lambda m: "GET /ann" in m.content["text"])
    assert log.content["name"] == "stderr"
    printed = client.iopub("stream", cell.request, where=lambda m: "asked" in m.content["text"])
    assert printed.content == {"name": "stdout", "text": "asked ann\n"}
    request = client.send_execute("import time\nprint('busy', flush=True)\ntime.sleep(600)")
    client.iopub("stream", request)
    assert get(port, "/bob") == "hello bob"
    kernel.interrupt()
    assert "bob" not in client.finish(request).stdout


@pytest.mark.parametrize("daemon", ["True", "False"])
def test_flask_frees_its_port_on_restart(start: Callable[..., Kernel], daemon: str) -> None:
    kernel = start()
    client = kernel.client()
    port = free_port()
    client.run(FLASK.format(port=port, threaded="True", daemon=daemon), timeout=TIMEOUT)
    starts(port)
    assert get(port, "/ann") == "hello ann"
    expected = 0 if daemon == "True" else CUT_SHORT
    assert kernel.restart() == expected, "it has ended by itself, not by the manager's signals"
    assert is_free(port)
    kernel.client().run(FLASK.format(port=port, threaded="True", daemon="True"), timeout=TIMEOUT)
    starts(port)
    assert get(port, "/new") == "hello new"


@pytest.mark.better("the reloader ends the cell with a traceback of ipykernel's second start")
def test_flask_with_its_reloader_fails_early(start: Callable[..., Kernel]) -> None:
    client = start().client()
    code = f"from flask import Flask\nFlask('x').run(debug=True, port={free_port()})"
    for _ in range(3):
        cell = client.execute(code, timeout=TIMEOUT)
        assert cell.error == "SystemExit"
        assert "switch the reloader off" in cell.stderr
    assert client.run("1 + 1").result == "2"
