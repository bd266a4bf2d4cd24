"""Every message type of protocol 5.5 on shell and control; statuses, parents, welcomes."""

from __future__ import annotations

import json

import pytest
import zmq

from harness.cell import plain
from harness.client import Client, endpoint
from harness.kernels import Kernel
from harness.pythons import Python

# the kernel proper answers: the Python makes no difference
pytestmark = pytest.mark.one_python

CHANNELS = ["shell", "control"]


def test_kernel_info(client: Client, python: Python) -> None:
    info = client.ask("kernel_info_request").content
    language = info["language_info"]
    assert info["status"] == "ok"
    assert language["name"] == "python"
    assert language["file_extension"] == ".py"
    assert language["mimetype"] == "text/x-python"
    assert language["pygments_lexer"]
    assert language["codemirror_mode"]
    assert info["banner"]
    assert isinstance(info.get("help_links", []), list)


def test_kernel_info_tells_the_version_that_runs(client: Client, python: Python) -> None:
    client.run("import sys")
    running = client.run("print('%d.%d.%d' % sys.version_info[:3])").stdout.strip()
    info = client.ask("kernel_info_request").content
    assert info["language_info"]["version"].startswith(running.rsplit(".", 1)[0])


@pytest.mark.better("ipykernel 7.4 says 5.3")
def test_kernel_info_tells_the_protocol(client: Client) -> None:
    info = client.ask("kernel_info_request").content
    assert tuple(map(int, info["protocol_version"].split("."))) >= (5, 5)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("msg_type", "content"),
    [
        ("kernel_info_request", {}),
        ("complete_request", {"code": "pri", "cursor_pos": 3}),
        ("inspect_request", {"code": "print", "cursor_pos": 5, "detail_level": 0}),
        ("is_complete_request", {"code": "1"}),
        ("history_request", {"hist_access_type": "tail", "n": 2, "output": False, "raw": True}),
        ("comm_info_request", {}),
        ("connect_request", {}),
        ("execute_request", {"code": "1"}),
    ],
)
def test_every_request_on_both_channels(
    client: Client, channel: str, msg_type: str, content: dict[str, object]
) -> None:
    reply = client.ask(msg_type, content, channel)
    expected = "complete" if msg_type == "is_complete_request" else "ok"
    assert reply.content["status"] == expected


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.better("ipykernel answers unknown types with silence")
def test_unknown_type_gets_an_error_reply(client: Client, channel: str) -> None:
    request = client.send("frobnicate_request", {"a": 1}, channel)
    reply = client.reply(request, channel, timeout=3)
    assert reply.type == "frobnicate_reply"
    assert reply.content["status"] == "error"
    assert "frobnicate" in reply.content["evalue"]
    client.until_idle(request)


def test_unknown_type_without_request_in_its_name(client: Client) -> None:
    request = client.send("frobnicate")
    client.until_idle(request)
    client.is_well()


@pytest.mark.parametrize("channel", CHANNELS)
def test_parent_header_is_the_request_s_verbatim(client: Client, channel: str) -> None:
    more = {
        "subshell_id": None,
        "own": {"nested": [1, 2.50, "ä", None]},
        "date": "2020-01-01T00:00:00Z",
    }
    request = client.send("kernel_info_request", {}, channel, header=more)
    reply = client.reply(request, channel)
    for message in [reply, *client.until_idle(request)]:
        for key, value in request.items():
            if key != "date":  # ipykernel writes dates anew
                assert message.parent[key] == value, key


@pytest.mark.better("ipykernel writes the header anew")
def test_parent_header_is_byte_for_byte(client: Client) -> None:
    header = (
        b'{"msg_id": "spaced\\u00e4",  "msg_type":"kernel_info_request","session" : "s",'
        b'"username":"","version":"5.3","date":"2020-02-02T02:02:02.5Z","x":1.50e0}'
    )
    client.send_parts("shell", [header, b"{}", b"{}", b"{}"])
    reply = client.wait("shell", lambda m: m.type == "kernel_info_reply")
    assert reply.parts[1] == header
    idle = client.wait("iopub", lambda m: m.state == "idle")
    assert idle.parts[1] == header


def test_messages_of_one_kernel_share_their_session(client: Client) -> None:
    cell = client.run("1")
    sessions = {m.header["session"] for m in [cell.reply, *cell.iopub]}
    assert len(sessions) == 1
    assert sessions != {client.session}


def test_message_ids_are_unique(client: Client) -> None:
    cells = [client.run("print(1)") for _ in range(20)]
    ids = [m.header["msg_id"] for cell in cells for m in [cell.reply, *cell.iopub]]
    assert len(set(ids)) == len(ids)


def test_topics_begin_with_kernel_or_tell_the_type(client: Client) -> None:
    cell = client.run("print(1)\n2")
    for message in cell.iopub:
        topic = message.identities[0].decode()
        assert message.type in topic or topic.startswith(("stream", "kernel.")), topic


def test_replies_go_to_the_client_that_asked(kernel: Kernel) -> None:
    first, second = kernel.client(), kernel.client()
    requests = [(c, c.send("kernel_info_request")) for c in (first, second, first, second)]
    for client, request in requests:
        client.reply(request)
    first.silence("shell", 0.1)
    second.silence("shell", 0.1)


def test_iopub_reaches_every_client(kernel: Kernel) -> None:
    first, second = kernel.client(), kernel.client()
    request = first.send_execute("print('for all')")
    for client in (first, second):
        messages = client.until_idle(request)
        assert [m.content["text"] for m in messages if m.type == "stream"] == ["for all\n"]


@pytest.mark.better("ipykernel does not set XPUB_VERBOSE: only the first subscriber is welcomed")
def test_every_subscriber_is_welcomed(kernel: Kernel) -> None:
    for _ in range(3):
        client = kernel.client(connect=False)
        welcome = client.iopub("iopub_welcome", timeout=3)
        assert welcome.content == {"subscription": ""}
        assert welcome.parent == {}
        assert welcome.parts[1] == b"{}"


@pytest.mark.better("ipykernel does not set XPUB_VERBOSE")
def test_welcome_tells_the_subscription(kernel: Kernel) -> None:
    client = kernel.client(connect=False)
    client.iopub("iopub_welcome", timeout=3)
    client.sockets["iopub"].setsockopt(zmq.SUBSCRIBE, b"kernel.")
    assert client.iopub("iopub_welcome", timeout=3).content == {"subscription": "kernel."}


def test_connect_request_tells_the_ports(client: Client, kernel: Kernel) -> None:
    content = client.ask("connect_request").content
    for name in ("shell", "iopub", "stdin", "hb", "control"):
        assert content[f"{name}_port"] == kernel.connection[f"{name}_port"]


def test_heartbeat_echoes(kernel: Kernel) -> None:
    socket = kernel.context.socket(zmq.REQ)
    socket.linger = 0
    socket.connect(endpoint(kernel.connection, "hb"))
    for parts in ([b"ping"], [b""], [b"a", b"b" * 1000, b""], [b"x" * 100_000]):
        socket.send_multipart(parts)
        assert socket.poll(5000), "no heartbeat"
        assert socket.recv_multipart() == parts
    socket.close()


class TestComplete:
    """complete_request."""

    def matches(self, client: Client, code: str, cursor: int | None = None) -> list[str]:
        """The code as each match would make it, up to the cursor."""
        cursor = len(code) if cursor is None else cursor
        content = client.ask("complete_request", {"code": code, "cursor_pos": cursor}).content
        start = content["cursor_start"]
        assert 0 <= start <= cursor <= content["cursor_end"] <= len(code)
        return [code[:start] + match for match in content["matches"]]

    def test_names(self, client: Client) -> None:
        client.run("alphabet = alphorn = 1")
        assert {"alphabet", "alphorn"} <= set(self.matches(client, "alph"))

    def test_builtins_and_keywords(self, client: Client) -> None:
        assert "enumerate" in [m.rstrip("(") for m in self.matches(client, "enum")]
        assert "lambda" in [m.strip() for m in self.matches(client, "lamb")]

    def test_attributes(self, client: Client) -> None:
        client.run("import os")
        assert "os.path" in self.matches(client, "os.pa")
        assert "x = os.path" in self.matches(client, "x = os.pa")

    def test_attributes_of_the_living_object(self, client: Client) -> None:
        client.run("class Grown: pass\ngrown = Grown()\ngrown.later_added = 1")
        assert "grown.later_added" in self.matches(client, "grown.la")

    def test_cursor_counts_characters(self, client: Client) -> None:
        client.run("after_balloon = 1")
        code = "'🎈🎈'; after_b"
        assert "'🎈🎈'; after_balloon" in self.matches(client, code)

    def test_cursor_in_the_middle(self, client: Client) -> None:
        client.run("import os")
        assert "os.path" in self.matches(client, "os.pa + 1", 5)

    def test_nothing_found(self, client: Client) -> None:
        assert self.matches(client, "no_such_name_anywhere_q") == []

    def test_modules(self, client: Client) -> None:
        assert "import collections" in self.matches(client, "import collec")

    def test_a_property_that_fails_does_no_harm(self, client: Client) -> None:
        client.run("class P:\n    @property\n    def bad(self): raise SystemExit\np = P()")
        self.matches(client, "p.b")


class TestInspect:
    """inspect_request."""

    def text(self, client: Client, code: str, cursor: int | None = None, detail: int = 0) -> str:
        """The plain text found; "" for nothing."""
        cursor = len(code) if cursor is None else cursor
        wanted = {"code": code, "cursor_pos": cursor, "detail_level": detail}
        content = client.ask("inspect_request", wanted).content
        assert content["found"] == bool(content["data"])
        return plain(str(content["data"].get("text/plain", "")))

    def test_function(self, client: Client) -> None:
        client.run("def shout(word: str, times=2):\n    'Shouts a word.'\n    return word.upper()")
        text = self.text(client, "shout")
        assert "Shouts a word." in text
        assert "times" in text

    def test_source_with_detail(self, client: Client) -> None:
        client.run("def whisper(word):\n    return word.lower()")
        assert "return word.lower()" in self.text(client, "whisper", detail=1)
        assert "return word.lower()" not in self.text(client, "whisper", detail=0)

    def test_attribute(self, client: Client) -> None:
        client.run("import os")
        assert "join" in self.text(client, "os.path.join")

    def test_inside_a_call(self, client: Client) -> None:
        assert "sorted" in self.text(client, "sorted(")

    def test_not_found(self, client: Client) -> None:
        assert self.text(client, "no_such_name_anywhere") == ""

    def test_value(self, client: Client) -> None:
        client.run("some_number = 12345")
        assert "int" in self.text(client, "some_number")

    def test_does_not_call(self, client: Client) -> None:
        client.run("calls = []\ndef effect(): calls.append(1)")
        self.text(client, "effect().x")
        assert client.run("calls").result == "[]"


@pytest.mark.parametrize(
    ("code", "status", "indent"),
    [
        ("1 + 1", "complete", None),
        ("x = [1,", "incomplete", None),
        ("def f():", "incomplete", "    "),
        ("def f():\n    x = 1", "incomplete", "    "),
        ("def f():\n    x = 1\n\n", "complete", None),
        ("if True:\n    pass\nelse:", "incomplete", "    "),
        ("raise = 2", "invalid", None),
        ("a b c", "invalid", None),
        ("'''open", "incomplete", None),
        ("", "complete", None),
        ("await f()", "complete", None),
        ("x = 1 +\\", "incomplete", None),
    ],
)
def test_is_complete(client: Client, code: str, status: str, indent: str | None) -> None:
    content = client.ask("is_complete_request", {"code": code}).content
    assert content["status"] == status
    if indent is not None:
        assert content["indent"] == indent
    assert ("indent" in content) == (status == "incomplete")


class TestHistory:
    """history_request, of this session."""

    def history(self, client: Client, **content: object) -> list[list[object]]:
        """The entries found."""
        wanted = {"output": False, "raw": True, "hist_access_type": "tail", **content}
        return list(client.ask("history_request", wanted).content["history"])

    def test_tail(self, client: Client) -> None:
        counts = [client.run(code).count for code in ("'t1'", "'t2'", "'t3'")]
        found = self.history(client, n=2)
        assert [entry[2] for entry in found] == ["'t2'", "'t3'"]
        assert [entry[1] for entry in found] == counts[1:]

    @pytest.mark.better("it keeps no outputs")
    def test_tail_with_output(self, client: Client) -> None:
        client.run("40 + 2")
        assert self.history(client, n=1, output=True)[0][2] == ["40 + 2", "42"]

    def test_range(self, client: Client) -> None:
        first = client.run("'r1'").count
        client.run("'r2'")
        client.run("'r3'")
        found = self.history(
            client, hist_access_type="range", session=0, start=first, stop=first + 2
        )
        assert [entry[1:] for entry in found] == [[first, "'r1'"], [first + 1, "'r2'"]]

    def test_search(self, client: Client) -> None:
        for code in ("needle = 1", "other = 2", "needle = 1", "needle = 3"):
            client.run(code)
        search = {"hist_access_type": "search", "pattern": "needle*", "n": 10}
        assert [e[2] for e in self.history(client, **search)][-3:] == [
            "needle = 1",
            "needle = 1",
            "needle = 3",
        ]
        unique = [e[2] for e in self.history(client, **search, unique=True)]
        assert sorted(map(str, unique)) == ["needle = 1", "needle = 3"]

    def test_search_limits(self, client: Client) -> None:
        for n in range(4):
            client.run(f"limited = {n}")
        found = self.history(client, hist_access_type="search", pattern="limited*", n=2)
        assert [entry[2] for entry in found] == ["limited = 2", "limited = 3"]

    def test_search_knows_question_marks_and_sets(self, client: Client) -> None:
        for code in ("glob1 = 1", "glob2 = 1", "glob12 = 1"):
            client.run(code)
        found = self.history(client, hist_access_type="search", pattern="glob? = 1", n=10)
        assert [entry[2] for entry in found][-2:] == ["glob1 = 1", "glob2 = 1"]

    def test_unstored_cells_are_not_there(self, client: Client) -> None:
        client.run("'kept'")
        client.run("'unkept'", store_history=False)
        client.run("'silent'", silent=True)
        assert [entry[2] for entry in self.history(client, n=1)] == ["'kept'"]

    def test_failed_cells_are_there(self, client: Client) -> None:
        client.execute("1/0  # failed")
        assert self.history(client, n=1)[0][2] == "1/0  # failed"


class TestComm:
    """comm_open, comm_msg, comm_close from the client's side, without a library."""

    def test_unknown_target_is_closed(self, client: Client) -> None:
        opened = {"comm_id": "c-unknown", "target_name": "nobody", "data": {}}
        request = client.send("comm_open", opened)
        messages = client.until_idle(request)
        closes = [m for m in messages if m.type == "comm_close"]
        assert [m.content["comm_id"] for m in closes] == ["c-unknown"]
        assert "c-unknown" not in client.ask("comm_info_request").content["comms"]

    def test_message_to_an_unknown_comm(self, client: Client) -> None:
        for msg_type in ("comm_msg", "comm_close"):
            request = client.send(msg_type, {"comm_id": "never-opened", "data": {}})
            client.until_idle(request)

    def test_info_of_a_target(self, client: Client) -> None:
        reply = client.ask("comm_info_request", {"target_name": "nobody"})
        assert reply.content["comms"] == {}


def test_metadata_of_replies_is_an_object(client: Client) -> None:
    cell = client.run("1")
    assert json.loads(cell.reply.parts[2]) == cell.reply.metadata
