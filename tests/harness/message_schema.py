"""
Whether a message of the kernel's has the form that protocol 5.5 gives it.

Applied to every message that any test receives. Source: "Messaging in Jupyter".
"""

from __future__ import annotations

import re
from typing import Any

from harness.wire import Message

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?(Z|\+00:00)")
MIME = re.compile(r"[\w.+-]+/[\w.+-]+(;.*)?")
ERROR = {"ename": str, "evalue": str, "traceback": list}
BUNDLE = {"data": dict, "metadata": dict}

# content by message type; a reply's fields are those of status "ok"
FIELDS: dict[str, dict[str, Any]] = {
    "kernel_info_reply": {
        "protocol_version": str,
        "implementation": str,
        "implementation_version": str,
        "language_info": dict,
        "banner": str,
    },
    "execute_reply": {"execution_count": int, "user_expressions": dict, "payload": list},
    "inspect_reply": {"found": bool, **BUNDLE},
    "complete_reply": {"matches": list, "cursor_start": int, "cursor_end": int, "metadata": dict},
    "is_complete_reply": {},
    "history_reply": {"history": list},
    "comm_info_reply": {"comms": dict},
    "connect_reply": {f"{name}_port": int for name in ("shell", "iopub", "stdin", "hb", "control")},
    "shutdown_reply": {"restart": bool},
    "interrupt_reply": {},
    "status": {"execution_state": str},
    "execute_input": {"code": str, "execution_count": int},
    "execute_result": {"execution_count": int, **BUNDLE},
    "display_data": BUNDLE,
    "update_display_data": BUNDLE,
    "stream": {"name": str, "text": str},
    "error": ERROR,
    "clear_output": {"wait": bool},
    "input_request": {"prompt": str, "password": bool},
    "comm_open": {"comm_id": str, "target_name": str, "data": dict},
    "comm_msg": {"comm_id": str, "data": dict},
    "comm_close": {"comm_id": str, "data": dict},
    "iopub_welcome": {"subscription": str},
}
STATES = {"starting", "busy", "idle"}


def check(message: Message) -> None:
    """Raises AssertionError that names the first thing wrong."""
    check_header(message.header)
    if message.parent:
        assert {"msg_id", "msg_type", "session"} <= message.parent.keys(), str(message.parent)
    assert isinstance(message.parent, dict), f"parent_header: {message.parent!r}"
    assert isinstance(message.metadata, dict), f"metadata: {message.metadata!r}"
    assert isinstance(message.content, dict), f"content: {message.content!r}"
    if message.channel == "iopub":
        # a welcome's topic is the subscription: no frame for an empty one
        assert len(message.identities) <= 1, f"topic: {message.identities}"
    check_content(message)


def check_header(header: dict[str, Any]) -> None:
    """The header's own fields, the date among them: ISO 8601, UTC, six digits or none."""
    for name in ("msg_id", "msg_type", "session", "username", "version", "date"):
        assert isinstance(header.get(name), str), f"header {name}: {header}"
    assert header["msg_id"] and header["session"], str(header)
    assert header["version"].startswith("5."), header["version"]
    assert DATE.fullmatch(header["date"]), header["date"]


def check_content(message: Message) -> None:
    """The content's fields, by the type of the message and, in a reply, by its status."""
    content, fields = message.content, FIELDS.get(message.type, {})
    if message.type.endswith("_reply") and message.type != "is_complete_reply":
        status = content.get("status")
        assert status in ("ok", "error", "aborted"), str(message)
        fields = {"ok": fields, "error": ERROR, "aborted": {}}[status]
    for name, kind in fields.items():
        value = content.get(name)
        assert isinstance(value, kind), f"{message.type} {name}: {value!r}"
        assert kind is not int or not isinstance(value, bool), f"{name}: {value!r}"
    check_details(message)


def check_details(message: Message) -> None:
    """What the types of the fields leave open."""
    content = message.content
    if message.type == "status":
        assert content["execution_state"] in STATES, str(message)
    if message.type == "stream":
        assert content["name"] in ("stdout", "stderr"), str(message)
    if isinstance(content.get("traceback"), list):
        assert all(isinstance(line, str) for line in content["traceback"]), str(message)
    if message.type in ("execute_result", "display_data", "update_display_data"):
        assert all(MIME.fullmatch(mime) for mime in content["data"]), str(content["data"].keys())
