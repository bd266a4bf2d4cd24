"""The kernel of a browser's worker, run by this machine's Python: conversations with a host in Python.

Each story runs in a process of its own, since a process has one kernel. `make lite-native` builds the
module; with SAN=address,undefined the stories run under the sanitizers.
"""

import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / os.environ.get("CARME_VARIANT", "") / "lite-native"
PATIENCE = 60
# older sessions' cells, as a page hands them over
OLDER = [[1, 1, "a = 1"], [1, 2, "print(a)"], [2, 1, "a = 1"], "broken", [2, 2, "b = 'ä'"]]


class Player:
    """Client and worker in one: pushes requests, keeps what is posted."""

    def __init__(self):
        self.heard = []
        self.answers = []
        self.flag = self.broken = False
        self.count = 0
        self.history = json.dumps({"session": 4, "cells": OLDER})
        self.kept = []
        self.armed = None
        self.asked = []
        self.during_ask = lambda: None
        sys.path.insert(0, str(PLACE))
        from _carme.browser import worker_api

        self.lite = worker_api
        worker_api.start(self)

    # the host's methods

    def post(self, channel, header, parent, metadata, content, buffers):
        if self.broken:
            raise RuntimeError("the page is gone")
        texts = [json.loads(text) for text in (header, parent, metadata, content)]
        names = ("header", "parent", "metadata", "content")
        message = dict(
            zip(names, texts), channel=channel, buffers=[bytes(each) for each in buffers]
        )
        message["type"] = texts[0]["msg_type"]
        self.heard.append(message)

    def ask(self, header, parent, metadata, content):
        self.asked.append((json.loads(header), json.loads(parent), json.loads(content)))
        self.during_ask()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return None if answer is None else json.dumps({"status": "ok", "value": answer})

    def now(self):
        return time.time() * 1000

    def random(self, count):
        return os.urandom(count)

    def interrupted(self):
        was, self.flag = self.flag, False
        return was

    def sleep(self, ms):
        end = time.monotonic() + ms / 1000
        while time.monotonic() < end:
            if self.flag:
                return True
            os.sched_yield()
        return False

    def keep(self, line, code):
        self.kept.append((line, code))

    def arm(self, ms):
        self.armed = ms

    # the client's side

    def header(self, kind, session="client"):
        self.count += 1
        date = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
        names = ("msg_id", "msg_type", "session", "username", "date", "version")
        return dict(zip(names, (f"id-{self.count}", kind, session, "user", date, "5.3")))

    def push(self, kind, content=None, channel="shell", buffers=(), metadata="{}"):
        header = self.header(kind)
        texts = (json.dumps(header), "{}", metadata, json.dumps(content or {}))
        self.lite.push(channel, *texts, list(buffers))
        return header["msg_id"]

    def execute(self, code, **options):
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": True}
        return self.push("execute_request", {**content, "stop_on_error": True, **options})

    def of(self, ident):
        return [each for each in self.heard if each["parent"].get("msg_id") == ident]

    def types(self, ident):
        return [each["type"] for each in self.of(ident)]

    def one(self, ident, kind):
        (found,) = [each for each in self.of(ident) if each["type"] == kind]
        return found

    def reply(self, ident):
        (found,) = [each for each in self.of(ident) if each["type"].endswith("_reply")]
        return found["content"]

    def text(self, ident, stream="stdout"):
        streams = [each["content"] for each in self.of(ident) if each["type"] == "stream"]
        return "".join(each["text"] for each in streams if each["name"] == stream)

    def result(self, ident):
        return self.one(ident, "execute_result")["content"]["data"]["text/plain"]

    def is_idle(self, ident):
        last = self.of(ident)[-1:]
        return bool(last) and last[0]["content"] == {"execution_state": "idle"}

    async def idle(self, ident):
        end = time.monotonic() + PATIENCE / 2
        while not self.is_idle(ident):
            assert time.monotonic() < end, f"no idle: {self.types(ident)}"
            await asyncio.sleep(0.001)
        return ident

    async def run(self, code, **options):
        return await self.idle(self.execute(code, **options))

    async def until(self, holds):
        end = time.monotonic() + PATIENCE / 2
        while not holds():
            assert time.monotonic() < end, "it does not come true"
            await asyncio.sleep(0.001)


# --- stories ---------------------------------------------------------------------------------


async def starts_and_tells_what_it_is(k):
    assert k.heard[0]["content"] == {"execution_state": "starting"}
    ident = await k.idle(k.push("kernel_info_request"))
    assert k.reply(ident)["implementation"] == "carme"
    assert k.reply(ident)["language_info"]["version"] == sys.version.split()[0]


async def one_cell_in_order(k):
    ident = await k.run("print('one')\nimport sys\nprint('two', file=sys.stderr)\n6 * 7")
    assert k.types(ident) == [
        "status", "execute_input", "stream", "stream", "execute_result", "execute_reply", "status",
    ]  # fmt: skip
    assert k.result(ident) == "42"
    assert k.reply(ident) == {
        "status": "ok", "execution_count": 1, "user_expressions": {}, "payload": [],
    }  # fmt: skip
    assert [each["channel"] for each in k.of(ident)] == ["iopub"] * 5 + ["shell", "iopub"]
    header = k.one(ident, "execute_reply")["parent"]
    assert header["session"] == "client"
    assert header["msg_type"] == "execute_request"


async def dates_and_ids_are_the_hosts(k):
    ident = await k.run("1")
    headers = [each["header"] for each in k.of(ident)]
    assert len({each["msg_id"] for each in headers}) == len(headers)
    assert len({each["session"] for each in headers}) == 1
    for each in headers:
        assert each["date"][:4] == time.strftime("%Y", time.gmtime())
        assert each["date"].endswith("Z")


async def errors_have_a_traceback_and_abort_what_waits(k):
    first = k.execute("await __import__('asyncio').sleep(0.01)\n1 / 0")
    second, third = k.execute("print('no')"), k.push("kernel_info_request")
    await k.idle(second)
    error = k.one(first, "error")["content"]
    assert error["ename"] == "ZeroDivisionError"
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    assert "----> 2 1 / 0" in text
    assert k.reply(first)["status"] == "error"
    assert k.reply(second) == {"status": "aborted"}
    assert k.reply(third)["status"] == "ok"
    assert k.reply(await k.run("1"))["status"] == "ok"


async def an_await_returns_and_ends_later(k):
    code = "import asyncio\nprint('a')\nawait asyncio.sleep(0.02)\nprint('b')\nx = 3\nx + 1"
    ident = k.execute(code, user_expressions={"x": "x"})
    assert "execute_reply" not in k.types(ident)
    await k.idle(ident)
    assert k.text(ident) == "a\nb\n"
    assert k.result(ident) == "4"
    assert k.reply(ident)["user_expressions"]["x"]["data"] == {"text/plain": "3"}
    assert k.reply(ident)["execution_count"] == 1


async def cells_behind_an_await_wait_in_order(k):
    idents = [k.execute("import asyncio\nawait asyncio.sleep(0.02)\nprint(1)")]
    idents += [k.execute(f"await asyncio.sleep(0)\nprint({i})") for i in (2, 3)]
    idents += [k.execute("print(4)")]
    await k.idle(idents[-1])
    assert [k.text(ident) for ident in idents] == ["1\n", "2\n", "3\n", "4\n"]
    states = [each["parent"]["msg_id"] for each in k.heard if each["type"] == "execute_reply"]
    assert states == idents


async def what_needs_no_cell_is_answered_meanwhile(k):
    await k.run("import asyncio\ndone = asyncio.Event()\nnumber = 1")
    ident = k.execute("await done.wait()\nprint('end')")
    info, history = (
        k.push("kernel_info_request"),
        k.push("history_request", {"hist_access_type": "tail", "n": 5}),
    )
    complete = k.push("complete_request", {"code": "numb", "cursor_pos": 4})
    assert all(map(k.is_idle, (info, history, complete)))
    assert k.reply(complete)["matches"] == ["number"]
    assert not k.is_idle(ident)
    later = k.execute("print('after')")
    assert not k.is_idle(later)
    import __main__

    __main__.done.set()
    await k.idle(later)
    assert k.text(ident) == "end\n"


async def output_of_an_awaiting_cell_stays_its_own(k):
    await k.run("import asyncio\ndone = asyncio.Event()")
    ident = k.execute("print('before')\nawait done.wait()\nprint('behind')\n1 / 0")
    await k.until(lambda: asyncio.all_tasks() and k.armed)
    info = k.push("kernel_info_request")
    import __main__

    __main__.done.set()
    await k.idle(ident)
    assert k.text(ident) == "before\nbehind\n"
    assert "stream" not in k.types(info)
    assert k.one(ident, "error")["content"]["ename"] == "ZeroDivisionError"


async def tasks_go_on_between_cells(k):
    code = "import asyncio\nasync def later():\n    await asyncio.sleep(0.02)\n    print('later')\nt = asyncio.create_task(later())"
    ident = await k.run(code)
    other = await k.run("print('other')")
    await k.until(lambda: k.armed and not k.lite.tick() and k.text(ident))
    assert k.text(ident) == "later\n"
    assert k.text(other) == "other\n"


async def context_variables_stay(k):
    await k.run("import asyncio, contextvars\nv = contextvars.ContextVar('v')\nv.set(1)")
    await k.run("await asyncio.sleep(0)\nv.set(v.get() + 1)")
    assert k.result(await k.run("v.get()")) == "2"


async def an_interrupt_ends_an_await(k):
    ident = k.execute("import asyncio\nawait asyncio.sleep(100)")
    await asyncio.sleep(0.02)
    k.flag = True
    asked = k.push("interrupt_request", channel="control")
    assert k.reply(asked)["status"] == "ok"
    await k.idle(ident)
    assert k.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"
    assert k.reply(await k.run("1"))["status"] == "ok"


async def an_interrupt_by_call_ends_an_await(k):
    ident = k.execute("import asyncio\nawait asyncio.sleep(100)")
    await asyncio.sleep(0.02)
    k.lite.interrupt()
    await k.idle(ident)
    assert k.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"


async def an_interrupt_when_idle_hits_nothing(k):
    k.lite.interrupt()
    k.flag = True
    k.push("interrupt_request", channel="control")
    k.flag = True  # it comes again, and nobody has looked
    assert k.reply(await k.run("import time\ntime.sleep(0.01)"))["status"] == "ok"
    assert k.reply(await k.run("import asyncio\nawait asyncio.sleep(0.01)"))["status"] == "ok"


async def an_interrupt_without_its_flag_hits_nothing(k):
    ident = k.execute("import asyncio\nawait asyncio.sleep(0.05)")
    k.push("interrupt_request", channel="control")
    await k.idle(ident)
    assert k.reply(ident)["status"] == "ok"


async def an_interrupt_ends_a_loop(k):
    from _thread import interrupt_main

    k.during_ask = interrupt_main
    k.answers = ["go"]
    ident = await k.run("input()\nwhile True: pass")
    assert k.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"


async def an_interrupt_ends_a_loop_in_an_awaiting_cell(k):
    from _thread import interrupt_main

    asyncio.get_running_loop().call_later(0.05, interrupt_main)
    ident = await k.run(
        "import asyncio\nawait asyncio.sleep(0.01)\nfor i in range(10**12):\n    if i % 100 == 0: await asyncio.sleep(0)"
    )
    assert k.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"
    assert k.reply(await k.run("2"))["status"] == "ok"


async def a_message_meanwhile_leaves_the_cell_interruptible(k):
    await k.run("import asyncio")
    ident = k.execute("await asyncio.sleep(0.05)\nwhile True: pass")
    k.push("complete_request", {"code": "pri", "cursor_pos": 3})
    import signal

    asyncio.get_running_loop().call_later(0.06, lambda: None)
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    await k.idle(ident)
    assert k.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"


async def an_interrupt_ends_a_sleep(k):
    def sleep(ms):
        assert ms == 100_000
        k.flag = True
        return True

    k.sleep = sleep
    start = time.monotonic()
    ident = await k.run("import time\ntime.sleep(100)")
    assert time.monotonic() - start < 20
    assert k.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"
    assert not k.flag
    ident = await k.run(
        "try:\n    time.sleep(-1)\nexcept ValueError as e: print(e)\ntime.sleep('x')"
    )
    assert "non-negative" in k.text(ident)
    assert k.one(ident, "error")["content"]["ename"] in ("ValueError", "TypeError")


async def text_leaves_before_a_sleep(k):
    seen = []
    k.sleep = lambda ms: seen.append(k.text(ident_of(k))) and False
    await k.run("import time\nprint('now')\ntime.sleep(0.01)")
    assert seen == ["now\n"]


def ident_of(k):
    return f"id-{k.count}"


async def input_in_all_its_forms(k):
    k.answers = ["Ada", "secret", "line", "deep", "c"]
    ident = await k.run(
        "import getpass, sys\nname = input('Name? ')\nword = getpass.getpass()\nrow = sys.stdin.readline()\n"
        "def f(): return [input('n') for _ in (1,)][0]\nf()"
    )
    assert k.result(ident) == "'deep'"
    assert k.result(await k.run("name, word, row")) == "('Ada', 'secret', 'line\\n')"
    assert [each[2] for each in k.asked] == [
        {"prompt": "Name? ", "password": False},
        {"prompt": "Password: ", "password": True},
        {"prompt": "", "password": False},
        {"prompt": "n", "password": False},
    ]
    assert k.asked[0][0]["msg_type"] == "input_request"
    assert k.asked[0][1]["msg_id"] == ident
    ident = await k.run("import pdb; pdb.set_trace()\nx = 5")
    assert "(Pdb) " in k.asked[-1][2]["prompt"] + k.text(ident)
    assert k.reply(ident)["status"] == "ok"


async def the_end_of_input(k):
    k.answers = ["\x04", "\x04"]
    ident = await k.run("import sys\nprint(repr(sys.stdin.readline()))\ninput()")
    assert k.text(ident) == "''\n"
    assert k.one(ident, "error")["content"]["ename"] == "EOFError"


async def an_interrupt_while_input_waits(k):
    k.answers = [None, "again"]
    ident = await k.run("input()")
    assert k.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"
    assert k.result(await k.run("input()")) == "'again'"


async def an_interrupt_while_an_awaiting_cell_asks(k):
    k.answers = [None]
    ident = await k.run("import asyncio\nawait asyncio.sleep(0)\ninput()")
    assert k.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"


async def no_way_to_ask(k):
    k.answers = [RuntimeError("the page's server must send COOP and COEP")]
    ident = await k.run("input()")
    error = k.one(ident, "error")["content"]
    assert error["ename"] == "StdinNotImplementedError"
    assert error["evalue"] == "the page's server must send COOP and COEP"
    ident = await k.run("input()", allow_stdin=False)
    assert k.one(ident, "error")["content"]["ename"] == "StdinNotImplementedError"


async def a_comm_there_and_back(k):
    sys.modules["IPython"] = None  # as where it is not installed
    await k.run(
        "import asyncio, comm\nopen_comms = []\n"
        "def opened(c, message):\n"
        "    open_comms.append(c)\n"
        "    c.on_msg(lambda m: c.send(m['content']['data'], buffers=[bytes(b)[::-1] for b in m['buffers']]))\n"
        "comm.get_comm_manager().register_target('echo', opened)\ndone = asyncio.Event()"
    )
    await k.idle(k.push("comm_open", {"comm_id": "c1", "target_name": "echo", "data": {}}))
    blocks = [b"\0\1\2", memoryview(b"abc"), bytearray(b"")]
    ident = await k.idle(k.push("comm_msg", {"comm_id": "c1", "data": {"n": 1}}, buffers=blocks))
    back = k.one(ident, "comm_msg")
    assert back["content"]["data"] == {"n": 1}
    assert back["buffers"] == [b"\2\1\0", b"cba", b""]
    cell = k.execute("await done.wait()\nprint('free')")
    queued = k.execute("print('last')")
    ident = k.push("comm_msg", {"comm_id": "c1", "data": 2}, buffers=[b"xy"])
    assert k.one(ident, "comm_msg")["buffers"] == [b"yx"]
    assert not k.is_idle(ident)  # which a front end would take for the cell's
    info = k.push("comm_info_request")
    assert k.reply(info)["comms"] == {"c1": {"target_name": "echo"}}
    import __main__

    __main__.done.set()
    await k.idle(queued)
    assert k.text(cell) == "free\n"
    ident = await k.idle(
        k.push("comm_open", {"comm_id": "c2", "target_name": "nobody", "data": {}})
    )
    assert k.one(ident, "comm_close")["content"]["comm_id"] == "c2"


async def bad_input_gets_an_error_reply(k):
    before = len(k.heard)
    k.lite.push("shell", "no json", "{}", "{}", "{}", [])
    k.lite.push("shell", "[]", "x", "x", "x")
    k.lite.push("nowhere", "{}", "{}", "{}", "{}", None)
    replies = [each for each in k.heard[before:] if each["type"] == "_reply"]
    assert len(replies) == 3
    assert all(each["content"]["status"] == "error" for each in replies)
    assert all(each["parent"] == {} for each in replies)
    ident = k.push("execute_request", {"code": 5})
    assert k.reply(ident)["status"] == "error"
    ident = k.push("frobnicate_request")
    assert k.reply(ident)["ename"] == "NotImplementedError"
    header = k.header("execute_request")
    k.lite.push("shell", json.dumps(header), "{}", "{}", '{"code": "\\ud800", "x": [', [])
    assert k.reply(header["msg_id"])["status"] == "error"
    header = k.header("complete_request")
    k.lite.push("shell", json.dumps(header), "{}", "{}", "\ud800 lone", [])
    assert k.reply(header["msg_id"])["status"] == "error"
    assert k.result(await k.run("7")) == "7"


async def a_hundred_megabytes_are_cut(k):
    ident = await k.run("line = 'x' * 9_999\nfor _ in range(10_000): print(line)")
    shown = k.text(ident)
    assert len(shown) == 8 * 1024 * 1024
    told = k.text(ident, "stderr")
    assert str(8 * 1024 * 1024) in told
    assert str(100_000_000 - 8 * 1024 * 1024) in told
    assert k.types(ident)[-2:] == ["execute_reply", "status"]
    ident = await k.run("print('é' * 5_000_000)")
    assert set(k.text(ident)) == {"é"}
    assert k.text(await k.run("print('short')")) == "short\n"


async def many_lines_are_few_messages(k):
    ident = await k.run("for i in range(10_000): print(i)")
    assert k.text(ident) == "".join(f"{i}\n" for i in range(10_000))
    assert k.types(ident).count("stream") <= 2


async def text_waits_for_the_tick_of_the_host(k):
    await k.run("import asyncio\ndone = asyncio.Event()")
    ident = k.execute("print('text')\nawait done.wait()")
    await k.until(lambda: k.armed)
    await asyncio.sleep(0)
    assert k.text(ident) == ""
    k.lite.tick()
    assert k.text(ident) == "text\n"
    import __main__

    __main__.done.set()
    await k.idle(ident)


async def descriptors_of_c_code(k):
    async def story():
        ident = k.execute("import asyncio\nprint('py')\nawait asyncio.sleep(0.01)\nprint('end')")
        await asyncio.sleep(0)
        k.lite.write_raw(1, b"c \xc3")
        k.lite.write_raw(1, memoryview(b"\xa9\n"))
        k.lite.write_raw(2, b"bad \xff\n")
        return await k.idle(ident)

    ident = await story()
    assert sorted(k.text(ident)) == sorted("py\nc é\nend\n")
    assert k.text(ident, "stderr") == "bad \ufffd\n"


async def what_a_worker_has_not(k):
    for code, words in {
        "import threading\nthreading.Thread(target=print).start()": "no threads",
        "import _thread\n_thread.start_new_thread(print, ())": "no threads",
        "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(print)": "no threads",
        "import subprocess\nsubprocess.run(['ls'])": "no processes",
        "import os\nos.system('ls')": "no processes",
        "import os\nos.fork()": "no processes",
        "import multiprocessing\nmultiprocessing.Process(target=print).start()": "no processes",
        "import socket\nsocket.create_connection(('127.0.0.1', 9))": "no sockets",
        "import asyncio\nasyncio.run(asyncio.sleep(0))": "await",
        "import asyncio\nawait asyncio.sleep(0)\nasyncio.run(asyncio.sleep(0))": "await",
    }.items():
        ident = await k.run(code)
        assert words in k.one(ident, "error")["content"]["evalue"], code
        assert "\n" not in k.one(ident, "error")["content"]["evalue"]
    assert not any(k.text(ident_of(k), "stderr"))


async def a_module_written_beside_the_notebook(k):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        await k.run(
            f"import sys\nsys.path.insert(0, {folder!r})\nopen({folder!r} + '/first_one.py', 'w').write('')\nimport first_one"
        )
        stamp = os.stat(folder)
        Path(folder, "second_one.py").write_text("value = 8")
        os.utime(folder, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # a clock too coarse to tell
        assert k.result(await k.run("import second_one\nsecond_one.value")) == "8"


async def pip_is_a_line_of_a_cell(k):
    from _carme.browser import pip_magic

    said = []

    async def pip(line):
        said.append(line)

    pip_magic.pip = pip
    ident = await k.run("%pip install -q 'thing>=2' other\n%pip\tlist\nprint('%pip no')\n5")
    assert said == ["install -q 'thing>=2' other", "list"]
    assert k.result(ident) == "5"
    assert k.text(ident) == "%pip no\n"


async def refuses_a_second_start(k):
    try:
        k.lite.start(k)
    except RuntimeError as error:
        assert "has been started" in str(error)
    else:
        raise AssertionError("it started twice")


async def a_host_that_raises_is_survived(k):
    k.broken = True
    k.execute("print('lost')\n1 / 0")
    k.broken = False
    assert k.text(await k.run("print('found')")) == "found\n"


async def completion_and_inspection(k):
    await k.run("class Thing:\n    'A doc.'\n    part = 1")
    ident = await k.idle(k.push("complete_request", {"code": "Thing.pa", "cursor_pos": 8}))
    assert [each.rpartition(".")[2] for each in k.reply(ident)["matches"]] == ["part"]
    ident = await k.idle(k.push("inspect_request", {"code": "Thing", "cursor_pos": 5}))
    assert "A doc." in k.reply(ident)["data"]["text/plain"]
    ident = await k.idle(k.push("is_complete_request", {"code": "if 1:"}))
    assert k.reply(ident)["status"] == "incomplete"


async def magics_that_need_no_process(k):
    assert "Wall time" in k.text(k.execute("%time x = 1"))
    assert (
        k.result(k.execute("%%capture kept\nprint('out')\n") and k.execute("kept.stdout"))
        == "'out\\n'"
    )
    ident = k.execute("%%html\n<b>x</b>")
    assert k.one(ident, "display_data")["content"]["data"]["text/html"].strip() == "<b>x</b>"
    assert "Did you mean `%time`" in k.reply(k.execute("%tiem 1"))["evalue"]


async def commands_say_that_there_are_none(k):
    for code in ("!ls", "%%bash\nls", "x = !ls"):
        reply = k.reply(k.execute(code))
        assert reply["status"] == "error"
        assert "browser" in reply["evalue"], reply["evalue"]
    assert k.result(k.execute("6 * 7")) == "42"


def recalled(k, kind, **content):
    ident = k.push("history_request", {"hist_access_type": kind, "output": False, **content})
    return k.reply(ident)["history"]


async def history_reaches_into_older_sessions(k):
    k.execute("print(a)")
    k.execute("hidden = 1", store_history=False)
    assert k.kept == [(1, "print(a)")]
    assert recalled(k, "tail", n=3) == [[2, 1, "a = 1"], [2, 2, "b = 'ä'"], [4, 1, "print(a)"]]
    assert recalled(k, "search", pattern="a*", unique=True) == [[2, 1, "a = 1"]]
    assert recalled(k, "search", pattern="*") == [*OLDER[:3], OLDER[4], [4, 1, "print(a)"]]
    assert recalled(k, "range", session=-2, start=2, stop=9) == [[2, 2, "b = 'ä'"]]
    assert recalled(k, "range", session=1, start=1, stop=2) == [[1, 1, "a = 1"]]
    assert recalled(k, "range", session=0, start=1) == [[0, 1, "print(a)"]]


async def shutdown_is_answered(k):
    ident = k.push("shutdown_request", {"restart": True}, channel="control")
    assert k.types(ident).count("shutdown_reply") == 2
    k.execute("print('no more')")
    assert not any(each["type"] == "execute_input" for each in k.heard)


STORIES = sorted(
    name
    for name, story in list(globals().items())
    if inspect.iscoroutinefunction(story) and story.__module__ == __name__
)


def environment():
    """The child's; a module under a sanitizer needs its runtime before all else."""
    result = {**os.environ, "PYTHONWARNINGS": "error::RuntimeWarning"}
    if "address" in PLACE.parent.name:
        compiler = PLACE.parent.name.partition("-")[0]
        runtime = subprocess.check_output([compiler, "-print-file-name=libasan.so"], text=True)
        result.update(
            LD_PRELOAD=runtime.strip(), PYTHONMALLOC="malloc", ASAN_OPTIONS="detect_leaks=0"
        )
    return result


def pytest_generate_tests(metafunc):
    metafunc.parametrize("story", STORIES)


def test_lite(story):
    import pytest

    if not (PLACE / "_carme.abi3.so").exists():
        pytest.skip(f"{PLACE}: `make lite-native` has not been run")
    command = [sys.executable, __file__, story]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]


if __name__ == "__main__":

    async def perform():
        await globals()[sys.argv[1]](Player())
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__

    try:
        asyncio.run(perform())
    except BaseException:
        import traceback

        sys.__stderr__.write(traceback.format_exc())
        sys.__stderr__.flush()
        os._exit(1)
    os._exit(0)
