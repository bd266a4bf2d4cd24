"""What a kernel in the page can do besides input and interrupts."""

from __future__ import annotations

import pytest

from lite.conftest import on
from lite.kernel import Kernel

BOTH = on("isolated-shared", "plain-serviceworker")

COMM = """\
from comm import create_comm, get_comm_manager
got = []
def opened(comm, message):
    @comm.on_msg
    def echo(message):
        got.append([bytes(b) for b in message['buffers']])
        comm.send({'n': len(got)}, buffers=[bytes(b)[::-1] for b in message['buffers']])
get_comm_manager().register_target('echo', opened)"""
SEND = """\
([key, size]) => new Promise((resolve, reject) => {
  const comm = window.carmeTest.kernel(key).createComm('echo');
  comm.onMsg = (msg) => resolve({
    data: msg.content.data,
    buffers: msg.buffers.map((b) => Array.from(new Uint8Array(b.buffer ?? b)).slice(0, 4)),
    sizes: msg.buffers.map((b) => b.byteLength)
  });
  setTimeout(reject, 60000, new Error('no answer'));
  comm.open({});
  const bytes = new Uint8Array(size).map((_, index) => index);
  comm.send({}, {}, [bytes.buffer, new Uint8Array([7])]);
})"""


@BOTH
def test_results_and_streams(kernel: Kernel) -> None:
    outcome = kernel.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\n6 * 7")
    assert (outcome.text, outcome.stream("stderr"), outcome.value) == ("out\n", "err\n", "42")


@BOTH
def test_a_traceback_shows_the_cells_line(kernel: Kernel) -> None:
    outcome = kernel.run("def divide(x):\n    return x / 0\ndivide(1)")
    assert outcome.error == "ZeroDivisionError"
    assert "return x / 0" in outcome.traceback


@BOTH
def test_await_and_tasks_between_cells(kernel: Kernel) -> None:
    code = (
        "import asyncio\ngo_on = asyncio.Event()\n"
        "async def later():\n    await go_on.wait()\n    print('late')\n"
    )
    first = kernel.begin(
        code + "t = asyncio.create_task(later())\nawait asyncio.sleep(0)\nprint('now')"
    )
    assert kernel.finish(first).text == "now\n"
    kernel.run("go_on.set()")
    kernel.said(first, "late")


@BOTH
def test_asyncio_run(kernel: Kernel) -> None:
    code = "import asyncio\nasync def f():\n    await asyncio.sleep(.01)\n    return 5\nasyncio.run(f())"
    assert kernel.run(code).value == "5"


@BOTH
def test_messages_are_answered_while_a_cell_awaits(kernel: Kernel) -> None:
    cell = kernel.begin("import asyncio\nawait asyncio.sleep(1.5)\nprint('end')")
    reply = kernel.page.evaluate(
        "key => window.carmeTest.kernel(key).requestComplete({code: 'impo', cursor_pos: 4})",
        kernel.key,
    )
    assert "import" in reply["content"]["matches"]
    assert kernel.finish(cell).text == "end\n"


@BOTH
def test_inspection_and_history(kernel: Kernel) -> None:
    kernel.run("remembered = 1")
    found = kernel.page.evaluate(
        """async (key) => {
          const kernel = window.carmeTest.kernel(key);
          const inspected = await kernel.requestInspect({ code: 'len', cursor_pos: 3, detail_level: 0 });
          const history = await kernel.requestHistory({
            hist_access_type: 'tail', n: 1, output: false, raw: true
          });
          return [inspected.content.data['text/plain'], history.content.history[0][2]];
        }""",
        kernel.key,
    )
    assert "number of items" in found[0]
    assert found[1] == "remembered = 1"


@BOTH
@pytest.mark.parametrize("size", [3, 2_000_000])
def test_comm_with_buffers(kernel: Kernel, size: int) -> None:
    assert not kernel.run(COMM).error
    answer = kernel.page.evaluate(SEND, [kernel.key, size])
    assert answer["data"] == {"n": 1}
    assert answer["sizes"] == [size, 1]
    assert answer["buffers"][1] == [7]
    assert answer["buffers"][0][0] == (size - 1) % 256
    assert kernel.value("got[0][0][:3] == bytes([0, 1, 2])")


@BOTH
def test_many_prints_are_few_messages(kernel: Kernel) -> None:
    outcome = kernel.run("for n in range(10_000):\n    print(n)")
    assert outcome.text == "".join(f"{n}\n" for n in range(10_000))
    assert len(outcome.outputs) < 200


@BOTH
def test_a_cell_that_prints_too_much_leaves_the_page_alive(kernel: Kernel) -> None:
    outcome = kernel.run("for _ in range(1000):\n    print('x' * 99_999)", timeout=60_000)
    assert 1_000_000 < len(outcome.text) < 20_000_000
    assert kernel.run("print('alive')").text == "alive\n"


@BOTH
def test_wheels_of_the_site(kernel: Kernel) -> None:
    outcome = kernel.run(
        "import attrs, sympy\nprint(attrs.__name__, sympy.integrate(sympy.Symbol('x')))", 60_000
    )
    assert outcome.text == "attrs x**2/2\n"
    assert kernel.run("import no_such_module").error == "ModuleNotFoundError"
    assert kernel.value("__import__('importlib.metadata').metadata.version('attrs')") == "26.1.0"


@BOTH
def test_micropip_finds_what_lies_beside_the_site(kernel: Kernel) -> None:
    code = "import micropip\nawait micropip.install('soupsieve')\nimport soupsieve\nprint('there')"
    outcome = kernel.run(code, 60_000)
    assert outcome.text.endswith("there\n"), outcome.traceback


@BOTH
def test_pip_magic(kernel: Kernel) -> None:
    outcome = kernel.run("%pip install six", 60_000)
    assert not outcome.error, outcome.traceback
    assert kernel.run("import six\nprint(six.PY3)").text == "True\n"


@BOTH
def test_the_page_is_there_by_the_module_js(kernel: Kernel) -> None:
    assert kernel.run("import js\nprint(js.location.protocol)").text == "http:\n"


@BOTH
def test_urllib_reaches_the_site(kernel: Kernel) -> None:
    url = kernel.page.url.partition("lab/")[0] + "jupyter-lite.json"
    code = f"import json, urllib.request\nwith urllib.request.urlopen({url!r}) as r:\n    d = json.load(r)\n"
    assert kernel.run(code + "print(d['jupyter-lite-schema-version'])").text == "0\n"


@BOTH
@pytest.mark.parametrize(
    "code",
    [
        "import threading\nthreading.Thread(target=print).start()",
        "import subprocess\nsubprocess.run(['ls'])",
        "import socket\nsocket.create_connection(('localhost', 1))",
    ],
    ids=["thread", "process", "socket"],
)
def test_what_a_browser_has_not_says_so(kernel: Kernel, code: str) -> None:
    outcome = kernel.run(code)
    assert outcome.error
    assert "browser" in outcome.traceback


@BOTH
def test_a_message_of_another_session(kernel: Kernel) -> None:
    """A second client of the same kernel: each gets its own replies, both see all output."""
    found = kernel.page.evaluate(
        """async (key) => {
          const first = window.carmeTest.kernel(key);
          const second = window.carmeTest.manager().kernels.connectTo({
            model: { id: first.id, name: first.name }
          });
          await second.info;
          const seen = [];
          first.anyMessage.connect((_, { msg }) => {
            if (msg.header.msg_type === 'stream') {
              seen.push(msg.content.text);
            }
          });
          const reply = await second.requestExecute({ code: "print('by the second')" }).done;
          for (let wait = 0; seen.length === 0 && wait < 6000; wait++) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          await first.requestKernelInfo();  // a second stream message would come before its reply
          const status = reply.content.status;
          second.dispose();
          return [status, seen];
        }""",
        kernel.key,
    )
    assert found == ["ok", ["by the second\n"]]
    assert kernel.run("print(1)").text == "1\n"


@BOTH
def test_restart_forgets_and_counts_anew(kernel: Kernel) -> None:
    kernel.run("forgotten = 1")
    kernel.restart()
    outcome = kernel.run("forgotten")
    assert outcome.error == "NameError"
    assert outcome.reply["execution_count"] == 2


@BOTH
def test_magics(kernel: Kernel) -> None:
    assert "Wall time" in kernel.run("%time sum(range(1000))").text
    kernel.run("%%capture kept\nprint('hidden')\n6 * 7")
    assert kernel.value("[kept.stdout, len(kept.outputs)]") == ["hidden\n", 1]
    failed = kernel.run("!ls")
    assert failed.error == "OSError"
    assert "browser" in failed.traceback
    assert "Did you mean `%time`" in kernel.run("%tmie 1").stream("stderr")


@BOTH
def test_completion_tells_types(kernel: Kernel) -> None:
    kernel.run("def orbit(radius, period=734): pass\norbital = 5")
    found = kernel.page.evaluate(
        "([key, code]) => window.carmeTest.kernel(key).requestComplete({ code, cursor_pos: code.length })",
        [kernel.key, "orbi"],
    )
    types = found["content"]["metadata"]["_jupyter_types_experimental"]
    assert {(each["text"], each["type"]) for each in types} == {
        ("orbit", "function"),
        ("orbital", "instance"),
    }


@BOTH
def test_results_and_formatters(kernel: Kernel) -> None:
    kernel.run("'kept'")
    assert kernel.value("sorted(Out.values(), key=str)[-1]") == "kept"
    kernel.run(
        "html = get_ipython().display_formatter.formatters['text/html']\n"
        "html.for_type(complex, lambda value: f'<b>{value}</b>')"
    )
    (shown,) = kernel.run("1j").outputs
    assert shown["content"]["data"]["text/html"] == "<b>1j</b>"
