"""
What no sound client sends. Each case ends in an error reply or in silence, and the next request works.

Whatever cannot be verified or read is dropped: there is nobody to answer. Whatever is a signed request
gets a reply.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness import wire
from harness.client import SLOW, Client
from harness.kernels import Kernel

# the Python has no part in what the protocol refuses
pytestmark = pytest.mark.one_python

CHANNELS = ["shell", "control", "stdin"]
DELIMITER = wire.DELIMITER


def parts(client: Client, msg_type: str = "execute_request", content: Any = None) -> list[bytes]:
    """The four dictionaries of a sound request."""
    content = {"code": "bad_input_ran = 1"} if content is None else content
    header = wire.new_header(msg_type, client.session)
    return [wire.dump(part) for part in (header, {}, {}, content)]


def unsigned(client: Client) -> list[bytes]:
    return [DELIMITER, b"", *parts(client)]


def wrong_signature(client: Client) -> list[bytes]:
    return [DELIMITER, b"0" * 64, *parts(client)]


def signature_of_another_key(client: Client) -> list[bytes]:
    sound = parts(client)
    return [DELIMITER, wire.sign(b"another", sound), *sound]


def short_signature(client: Client) -> list[bytes]:
    sound = parts(client)
    return [DELIMITER, wire.sign(client.key, sound)[:-1], *sound]


def signature_with_more(client: Client) -> list[bytes]:
    sound = parts(client)
    return [DELIMITER, wire.sign(client.key, sound) + b"\0", *sound]


def changed_content(client: Client) -> list[bytes]:
    frames = wire.pack(client.key, parts(client), [], client.scheme)
    return [*frames[:-1], frames[-1] + b" "]


def no_delimiter(client: Client) -> list[bytes]:
    return wire.pack(client.key, parts(client), [], client.scheme)[1:]


def delimiter_only(client: Client) -> list[bytes]:
    return [DELIMITER]


def empty_frame(client: Client) -> list[bytes]:
    return [b""]


def many_identities(client: Client) -> list[bytes]:
    return [b"id"] * 500 + [b"no delimiter"]


def truncated(client: Client) -> list[bytes]:
    return wire.pack(client.key, parts(client), [], client.scheme)[:-1]


def three_parts_signed(client: Client) -> list[bytes]:
    return wire.pack(client.key, parts(client)[:3], [], client.scheme)


def no_parts_signed(client: Client) -> list[bytes]:
    return wire.pack(client.key, [], [], client.scheme)


UNVERIFIED = [
    unsigned, wrong_signature, signature_of_another_key, short_signature, signature_with_more,
    changed_content, no_delimiter, delimiter_only, empty_frame, many_identities, truncated,
    three_parts_signed, no_parts_signed,
]  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("make", UNVERIFIED, ids=lambda make: make.__name__)
def test_dropped(client: Client, make: Callable[[Client], list[bytes]], channel: str) -> None:
    client.send_raw(channel, make(client))
    client.ask("kernel_info_request", channel="control")
    for name in ("shell", "control"):
        assert not client.inbox[name]
    assert client.execute("bad_input_ran").error == "NameError"


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_replayed(client: Client, channel: str) -> None:
    frames = client.send_parts(
        channel, parts(client, content={"code": "replays = globals().get('replays', 0) + 1"})
    )
    client.wait(channel, lambda m: m.type == "execute_reply")
    for _ in range(3):
        client.send_raw(channel, frames)
    client.ask("kernel_info_request", channel=channel)
    assert client.run("replays").result == "1"
    client.run("del replays")


@pytest.mark.better("its table of digests is filled before they are verified")
def test_a_forged_copy_does_not_take_the_place_of_the_true_one(client: Client) -> None:
    """The signature alone, with other parts, is no message that was seen."""
    sound = wire.pack(client.key, parts(client, "kernel_info_request", {}), [], client.scheme)
    forged = [*sound[:2], *parts(client)]
    client.send_raw("shell", forged)
    client.ask("comm_info_request")
    client.send_raw("shell", sound)
    client.wait("shell", lambda m: m.type == "kernel_info_reply")


DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
BROKEN = {
    "not_json": b"{",
    "not_utf8": b'{"code": "\xff\xfe"}',
    "empty": b"",
    "list": b"[]",
    "number": b"5",
    "string": b'"text"',
    "null": b"null",
    "deep": DEEP,
    "more_behind": b'{"code": "1"} x',
    "two": b'{"code": "1"}{"code": "2"}',
    "nan": b'{"code": NaN}',
    "trailing_comma": b'{"code": "1",}',
    "nul_byte": b'{"code": "1"}\0',
    "utf16": '{"code": "1"}'.encode("utf-16"),
    "bom": b"\xef\xbb\xbf{}",
    "duplicate": b'{"code": "1", "code": "2"}',
    "huge_number": b'{"code": 1e999999}',
    "long_integer": b'{"code": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("place", range(4), ids=["header", "parent", "metadata", "content"])
@pytest.mark.parametrize("name", BROKEN)
def test_signed_but_broken(client: Client, name: str, place: int, channel: str) -> None:
    """The signature is right, one of the dictionaries is not."""
    made = parts(client)
    made[place] = BROKEN[name]
    client.send_parts(channel, made)
    client.ask("kernel_info_request", channel="control")
    client.ask("kernel_info_request")


@pytest.mark.parametrize("name", ["not_json", "list", "null", "deep", "empty"])
@pytest.mark.better("it drops the request without a word")
def test_broken_content_gets_an_error_reply(client: Client, name: str) -> None:
    """Its header is sound: there is somebody to answer."""
    header = wire.new_header("execute_request", client.session)
    client.send_parts("shell", [wire.dump(header), b"{}", b"{}", BROKEN[name]])
    reply = client.reply(header)
    assert reply.content["status"] == "error"
    assert reply.content["evalue"]


HEADERS: dict[str, dict[str, Any]] = {
    "empty": {},
    "no_type": {"msg_type": None},
    "number_type": {"msg_type": 5},
    "number_id": {"msg_id": 5},
    "no_id": {"msg_id": None},
    "list_session": {"session": []},
    "odd_version": {"version": [5, 3]},
    "odd_date": {"date": "yesterday"},
    "long_type": {"msg_type": "x" * 100_000},
    "long_id": {"msg_id": "x" * 1_000_000},
    "nul_type": {"msg_type": "execute_request\0"},
    "surrogate_type": {"msg_type": "execute_\ud800request"},
    "surrogate_id": {"msg_id": "\udcff"},
    "reply_type": {"msg_type": "execute_reply"},
    "status_type": {"msg_type": "status"},
    "subshell": {"subshell_id": "unknown"},
}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.better("an id that is no UTF-8 gets no status")
def test_odd_headers(client: Client, name: str, channel: str) -> None:
    change = HEADERS[name]
    header = {**wire.new_header("execute_request", client.session), **change} if change else {}
    sound = [wire.dump(part) for part in (header, {}, {}, {"code": "1"})]
    client.send_parts(channel, sound)
    client.ask("kernel_info_request", channel="control")
    client.ask("kernel_info_request")


ODD: list[Any] = [None, 5, 1.5, True, "text", [], {}, ["x"], -1, 2**40, 2**70]
WELL_KNOWN: dict[str, dict[str, Any]] = {
    "execute_request": {
        "code": "1", "silent": False, "store_history": True, "user_expressions": {},
        "allow_stdin": False, "stop_on_error": True,
    },
    "complete_request": {"code": "pri", "cursor_pos": 3},
    "inspect_request": {"code": "print", "cursor_pos": 5, "detail_level": 0, "omit_sections": []},
    "is_complete_request": {"code": "1"},
    "history_request": {
        "hist_access_type": "tail", "output": False, "raw": True, "session": 0, "start": 0,
        "stop": 1, "n": 2, "pattern": "*", "unique": False,
    },
    "comm_info_request": {"target_name": "t"},
    "comm_open": {"comm_id": "odd", "target_name": "none", "data": {}},
    "comm_msg": {"comm_id": "odd", "data": {}},
    "comm_close": {"comm_id": "odd", "data": {}},
}  # fmt: skip
FIELDS = [(msg_type, name) for msg_type, content in WELL_KNOWN.items() for name in content]


def answered(client: Client, msg_type: str, content: Any) -> None:
    """A request gets its reply and idle; a comm message, which has no reply, its idle."""
    request = client.send(msg_type, content)
    if msg_type.endswith("_request"):
        reply = client.reply(request)
        if reply.content["status"] == "error":
            assert reply.content["ename"]
    client.until_idle(request)


@pytest.mark.better("a missing member is a KeyError, and there is no reply")
@pytest.mark.parametrize(("msg_type", "field"), FIELDS)
def test_missing_field(client: Client, msg_type: str, field: str) -> None:
    content = {key: value for key, value in WELL_KNOWN[msg_type].items() if key != field}
    answered(client, msg_type, content)


@pytest.mark.better("a member of the wrong type is an exception, and there is no reply")
@pytest.mark.parametrize(("msg_type", "field"), FIELDS)
def test_wrong_type_of_field(client: Client, msg_type: str, field: str) -> None:
    for value in ODD:
        answered(client, msg_type, {**WELL_KNOWN[msg_type], field: value})


@pytest.mark.better("a missing member is a KeyError, and there is no reply")
@pytest.mark.parametrize("msg_type", [*WELL_KNOWN, "kernel_info_request", "connect_request"])
def test_empty_content(client: Client, msg_type: str) -> None:
    answered(client, msg_type, {})


@pytest.mark.better("a missing code is logged, and there is no reply")
def test_missing_code_is_an_error(client: Client) -> None:
    reply = client.ask("execute_request", {})
    assert reply.content["status"] == "error"
    assert "code" in reply.content["evalue"]


@pytest.mark.better("a missing cursor_pos is a KeyError, and there is no reply")
@pytest.mark.parametrize("msg_type", ["complete_request", "inspect_request"])
def test_missing_cursor_means_the_end_or_an_error(client: Client, msg_type: str) -> None:
    reply = client.ask(msg_type, {"code": "print"})
    if reply.content["status"] == "error":
        assert "cursor_pos" in reply.content["evalue"]
    else:
        assert reply.content.get("found") or "print" in [
            match.rstrip("(") for match in reply.content["matches"]
        ]


@pytest.mark.parametrize("position", [-1, 4, 6, 10_000, 2**31, -(2**31)])
@pytest.mark.parametrize("msg_type", ["complete_request", "inspect_request"])
@pytest.mark.better("it answers a place behind the code")
def test_cursor_outside(client: Client, msg_type: str, position: int) -> None:
    answered(client, msg_type, {"code": "pri", "cursor_pos": position})


@pytest.mark.better("a missing restart is a KeyError, and there is no reply")
@pytest.mark.parametrize("content", [{}, {"restart": None}, {"restart": "yes"}, {"restart": []}])
@pytest.mark.one_python
def test_shutdown_without_restart(start: Callable[..., Kernel], content: dict[str, Any]) -> None:
    kernel = start()
    client = kernel.client()
    request = client.send("shutdown_request", content, "control")
    client.reply(request, "control")
    if not content:
        assert kernel.wait_exit() == 0


def test_interrupt_with_odd_content(client: Client) -> None:
    for content in ({"x": 1}, {"status": "ok"}):
        client.ask("interrupt_request", content, "control")


@pytest.mark.better("ipykernel is silent about some")
@pytest.mark.parametrize(
    "msg_type", ["execute_reply", "status", "stream", "", "x", "__class__", "shutdown", "_request"]
)
def test_types_that_are_no_requests(client: Client, msg_type: str) -> None:
    request = client.send(msg_type, {})
    client.until_idle(request)


def test_content_of_100_mb(client: Client) -> None:
    cell = client.execute("x = '" + "y" * 100_000_000 + "'\nlen(x)", timeout=90 * SLOW)
    assert cell.status in ("ok", "error")
    if cell.status == "ok":
        assert cell.result == "100000000"
    client.run("x = None")


def test_100_mb_unsigned(client: Client) -> None:
    client.send_raw("shell", [DELIMITER, b"", b"x" * 100_000_000, b"{}", b"{}", b"{}"])
    client.is_well()


def test_100_mb_on_control_and_stdin(client: Client) -> None:
    for channel in ("control", "stdin"):
        client.send_raw(channel, [DELIMITER, b"", b"x" * 50_000_000, b"{}", b"{}", b"{}"])
    client.is_well()


def test_many_frames(client: Client) -> None:
    client.send("kernel_info_request", {}, buffers=[b"b"] * 5000)
    client.wait("shell", lambda m: m.type == "kernel_info_reply")


def test_a_flood_of_bad_ones(client: Client) -> None:
    """A line per message would be a flood of its own."""
    for _ in range(5000):
        client.send_raw("shell", [DELIMITER, b"0" * 64, b"{}", b"{}", b"{}", b"{}"])
    client.is_well()


@pytest.mark.better("it tells each")
def test_flood_is_not_all_told(kernel: Kernel) -> None:
    client = kernel.client()
    before = kernel.log.stat().st_size
    for _ in range(2000):
        client.send_raw("shell", [DELIMITER, b"0" * 64, b"{}", b"{}", b"{}", b"{}"])
    client.is_well()
    told = kernel.log.read_text()[before:]
    assert len(told.splitlines()) < 100


def test_clients_that_only_connect(kernel: Kernel) -> None:
    clients = [kernel.client(connect=False) for _ in range(50)]
    kernel.client().is_well()
    for client in clients:
        client.close()
    kernel.client().is_well()


def test_client_that_comes_back_under_its_identity(kernel: Kernel) -> None:
    """As browsers do; the old connection may stand still (ROUTER_HANDOVER)."""
    first = kernel.client()
    again = kernel.client(connect=False, session=first.session)
    again.connect()
    again.is_well()


def test_json_is_read_whatever_its_spaces(client: Client) -> None:
    header = wire.new_header("execute_request", client.session)
    content = b' {\n\t"code" : "\\u0031 + \\u0031" ,\r\n "x" : [ { } ] } \n'
    client.send_parts("shell", [json.dumps(header, indent=3).encode(), b" {} ", b"{ }", content])
    cell = client.finish(header)
    assert cell.result == "2"


def test_unknown_members_are_passed_over(client: Client) -> None:
    content = {"code": "1 + 2", "extra": {"deep": [1, {"x": None}]}, "cellId": "c"}
    request = client.send("execute_request", content, metadata={"deletedCells": [], "n": 1})
    assert client.finish(request).result == "3"
