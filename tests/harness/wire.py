"""
Messages as frames, without jupyter_client: an independent reading of the protocol.

Source: "Messaging in Jupyter", section "The Wire Protocol".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

DELIMITER = b"<IDS|MSG>"


def sign(key: bytes, parts: list[bytes], scheme: str = "hmac-sha256") -> bytes:
    """The signature frame over the four dictionaries' frames; empty for an empty key."""
    if not key:
        return b""
    digest = hmac.new(key, digestmod=getattr(hashlib, scheme.split("-", 1)[1]))
    for part in parts:
        digest.update(part)
    return digest.hexdigest().encode()


def dump(value: Any) -> bytes:
    """JSON as UTF-8; a lone surrogate stays an escape."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def new_header(msg_type: str, session: str) -> dict[str, Any]:
    """A request's header, as protocol 5.5 wants it."""
    return {
        "msg_id": uuid.uuid4().hex,
        "msg_type": msg_type,
        "session": session,
        "username": "tester",
        "date": datetime.now(timezone.utc).isoformat(),
        "version": "5.5",
    }


def pack(key: bytes, parts: list[bytes], buffers: list[bytes], scheme: str) -> list[bytes]:
    """The frames of a message whose four dictionaries are bytes already."""
    return [DELIMITER, sign(key, parts, scheme), *parts, *buffers]


@dataclass
class Message:
    """One message received: decoded dictionaries beside the frames they came in."""

    channel: str
    identities: list[bytes]
    signature: bytes
    parts: list[bytes]
    buffers: list[bytes]
    header: dict[str, Any] = field(init=False)
    parent: dict[str, Any] = field(init=False)
    metadata: dict[str, Any] = field(init=False)
    content: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        decoded = [json.loads(part) for part in self.parts]
        self.header, self.parent, self.metadata, self.content = decoded

    @property
    def type(self) -> str:
        """The message type of the header."""
        return str(self.header["msg_type"])

    @property
    def parent_id(self) -> str | None:
        """The msg_id of the request that this message belongs to; None without a parent."""
        return self.parent.get("msg_id")

    @property
    def state(self) -> str | None:
        """The execution state of a status message; None for another."""
        return self.content["execution_state"] if self.type == "status" else None

    def __str__(self) -> str:
        text = json.dumps(self.content)
        return f"{self.channel}: {self.type} {text if len(text) < 300 else text[:300] + '…'}"


def unpack(channel: str, frames: list[bytes], key: bytes, scheme: str) -> Message:
    """
    Reads a message of the kernel's.

    Raises AssertionError when the frames are not a message, or the signature is wrong.
    """
    assert DELIMITER in frames, f"{channel}: no delimiter in {frames[:3]!r}"
    at = frames.index(DELIMITER)
    assert len(frames) >= at + 6, f"{channel}: {len(frames) - at} frames after the delimiter"
    signature, parts, buffers = frames[at + 1], frames[at + 2 : at + 6], frames[at + 6 :]
    assert signature == sign(key, parts, scheme), f"{channel}: wrong signature"
    return Message(channel, frames[:at], signature, parts, buffers)
