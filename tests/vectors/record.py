"""Records the frames that jupyter_client's Session makes, as vectors for tests/unit/protocol/test_wire.c.

Run with a Python that has jupyter_client (recorded with 8.x):

    python tests/vectors/record.py [DIRECTORY]

Ids and dates are fixed, so another run writes the same files. Where a vector needs what Session
never sends, its frames are changed after they were made, and signed again with Session's own
``sign``. One file is one conversation with one receiver:

    {"about": str, "key": str, "scheme": "hmac-sha256" | "hmac-sha512",
     "steps": [{"frames": [base64 str, ...],
                "result": "ok" or the name of an errno, what wire_parse() returns,
                ... and with "ok":
                "identities": int, "buffers": int, "type": str, "id": str, "session": str,
                "content": "ok" or the name of an errno, what json_read_object() returns}, ...]}
"""

from __future__ import annotations

import base64
import datetime
import json
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from jupyter_client.session import DELIM, Session

KEY = "a0436f6c-1916498b8eb9e81ab9368e84"
SESSION = "5f6c2f0e-90b0a6ffb1f3c2e2d7c1a4b5"
IDENTITY = b"\x00k\x8bEg"
DATE = datetime.datetime(2026, 11, 1, 9, 5, 3, 42, tzinfo=datetime.timezone.utc)

EXECUTE: Dict[str, Any] = {
    "code": "1 + 1",
    "silent": False,
    "store_history": True,
    "user_expressions": {},
    "allow_stdin": True,
    "stop_on_error": True,
}

Frames = List[bytes]
Step = Dict[str, Any]


class Recorder:
    """Makes the frames of one vector.

    ``session`` is jupyter_client's; ``count`` numbers its messages from 0.
    """

    def __init__(self, key: str = KEY, scheme: str = "hmac-sha256") -> None:
        """Begins a conversation; an empty ``key`` means unsigned. ``scheme``: as on the wire."""
        self.session = Session(
            session=SESSION, username="someone", key=key.encode(), signature_scheme=scheme
        )
        self.count = 0

    def frames(
        self,
        msg_type: str,
        content: Optional[Dict[str, Any]] = None,
        ident: Optional[Sequence[bytes]] = None,
        buffers: Sequence[bytes] = (),
    ) -> Frames:
        """One message as Session puts it on the wire: all its frames, in order."""
        msg = self.session.msg(msg_type, content if content is not None else {})
        msg["header"]["msg_id"] = f"{SESSION}_4711_{self.count}"
        msg["header"]["date"] = DATE
        self.count += 1
        frames = self.session.serialize(msg, list(ident) if ident else None)
        return [bytes(frame) for frame in [*frames, *buffers]]

    def resign(self, frames: Frames) -> Frames:
        """The same frames with the signature that belongs to what they hold."""
        at = frames.index(DELIM) + 1
        signature = self.session.sign(frames[at + 1 : at + 5])
        return [*frames[:at], signature, *frames[at + 1 :]]

    def with_json(self, frames: Frames, which: int, text: bytes) -> Frames:
        """Frames whose JSON frame ``which`` (0: header ... 3: content) is ``text``; signed."""
        at = frames.index(DELIM) + 2 + which
        return self.resign([*frames[:at], text, *frames[at + 1 :]])


def step(frames: Frames, result: str = "ok", content: str = "ok") -> Step:
    """One message and what is expected of it; see the top of this file."""
    made: Step = {
        "frames": [base64.b64encode(frame).decode() for frame in frames],
        "result": result,
    }
    if result == "ok":
        at = frames.index(DELIM)
        header = json.loads(frames[at + 2])
        made.update(
            identities=at,
            buffers=len(frames) - at - 6,
            type=header["msg_type"],
            id=header["msg_id"],
            session=header.get("session", ""),
            content=content,
        )
    return made


def kernel_info(r: Recorder) -> List[Step]:
    """A plain kernel_info_request."""
    return [step(r.frames("kernel_info_request"))]


def execute_unicode(r: Recorder) -> List[Step]:
    """An execute_request with text of one to four bytes a character, and a NUL."""
    code = "print('é € 😀 \u0627\u0644 \x7f \\0', \"\0\")\n"
    return [step(r.frames("execute_request", {**EXECUTE, "code": code}))]


def identities(r: Recorder) -> List[Step]:
    """One identity, several, an empty one, and the most that are taken."""
    lists = [[IDENTITY], [IDENTITY, b"second", b"third"], [b""], [b"i"] * 255]
    return [step(r.frames("kernel_info_request", ident=ident)) for ident in lists]


def too_many_identities(r: Recorder) -> List[Step]:
    """One identity more than is taken."""
    return [step(r.frames("kernel_info_request", ident=[b"i"] * 256), "ENOMSG")]


def buffers(r: Recorder) -> List[Step]:
    """A comm_msg with buffers: empty ones, binary ones, and one that looks like a delimiter."""
    content = {"comm_id": "c", "data": {"method": "update"}}
    blocks = [b"", bytes(range(256)), DELIM, b"x" * 5000, b""]
    return [step(r.frames("comm_msg", content, ident=[IDENTITY], buffers=blocks))]


def subshell_and_more(r: Recorder) -> List[Step]:
    """A header with members that the protocol does not know, and with a subshell_id."""
    frames = r.frames("execute_request", EXECUTE)
    header = json.loads(frames[2])
    header.update(subshell_id="s", extra={"deep": [1, 2.5, None]}, msg_type="not_invented_yet")
    return [step(r.with_json(frames, 0, json.dumps(header, indent=2).encode()))]


def sha512(r: Recorder) -> List[Step]:
    """Signed by HMAC-SHA512."""
    return [step(r.frames("execute_request", EXECUTE, ident=[IDENTITY]))]


def unsigned(r: Recorder) -> List[Step]:
    """An empty key: the signature is empty, and a message may come twice."""
    frames = r.frames("execute_request", EXECUTE)
    return [step(frames), step(frames)]


def wrong_signature(r: Recorder) -> List[Step]:
    """Signed with another key, not signed, cut, in upper case, changed after signing."""
    other = Recorder(key="another key").frames("execute_request", EXECUTE)
    right = r.frames("execute_request", EXECUTE)
    signature = right[1]
    wrong = [signature[:-1], signature + b"0", signature.upper(), b"", bytes(64)]
    changed = [*right[:-1], right[-1].replace(b"1 + 1", b"1 + 2")]
    steps = [step([right[0], s, *right[2:]], "EACCES") for s in wrong]
    return [step(other, "EACCES"), *steps, step(changed, "EACCES"), step(right)]


def replay(r: Recorder) -> List[Step]:
    """The same message twice, with another in between, and from another identity."""
    first, second = (r.frames("execute_request", EXECUTE) for _ in range(2))
    again = [IDENTITY, *first]
    return [step(first), step(first, "EEXIST"), step(second), step(again, "EEXIST")]


def truncated(r: Recorder) -> List[Step]:
    """Every number of frames that is too small, with and without identities."""
    plain = r.frames("execute_request", EXECUTE)
    routed = r.frames("execute_request", EXECUTE, ident=[IDENTITY])
    steps = [step(plain[:count], "EPROTO") for count in range(1, 6)]
    return [*steps, *(step(routed[:count], "EPROTO") for count in range(2, 7)), step(plain)]


def no_delimiter(r: Recorder) -> List[Step]:
    """No frame at all, no delimiter, and frames that only resemble it."""
    frames = r.frames("execute_request", EXECUTE)
    similar = [b"<ids|msg>", b"<IDS|MSG", b"<IDS|MSG>\0", b" <IDS|MSG>"]
    steps = [step([s, *frames[1:]], "ENOMSG") for s in similar]
    return [step([], "ENOMSG"), step(frames[1:], "ENOMSG"), *steps]


def header_not_an_object(r: Recorder) -> List[Step]:
    """Signed headers that are other JSON, none, or lack what a message must have."""
    texts = [
        "",
        "null",
        "[]",
        '"header"',
        "{",
        "{} {}",
        "{}",
        '{"msg_id": "i"}',
        '{"msg_type": "execute_request"}',
        '{"msg_id": "i", "msg_type": 1}',
        '{"msg_id": null, "msg_type": "execute_request"}',
        "{'msg_id': 'i', 'msg_type': 'execute_request'}",
    ]
    frames = r.frames("execute_request", EXECUTE)
    steps = [step(r.with_json(frames, 0, text.encode()), "EBADMSG") for text in texts]
    least = b'{"msg_id": "i", "msg_type": "execute_request"}'
    return [*steps, step(r.with_json(frames, 0, least))]


def not_utf8(r: Recorder) -> List[Step]:
    """Bytes that are no UTF-8, as Session sends them (surrogateescape) and in a header."""
    escaped = r.frames("execute_request", {**EXECUTE, "code": "'\udcff'"})
    frames = r.frames("execute_request", EXECUTE)
    header = frames[2].replace(b"someone", b"some\xffone")
    latin = frames[5].replace(b"1 + 1", b"'\xe9'")
    return [
        step(escaped, content="EBADMSG"),
        step(r.with_json(frames, 3, latin), content="EBADMSG"),
        step(r.with_json(frames, 0, header), "EBADMSG"),
    ]


def deep_nesting(r: Recorder) -> List[Step]:
    """Nested as deep as is read, deeper, and never closed: in the content and in the header."""
    frames = r.frames("execute_request", EXECUTE)

    def nested(depth: int, end: bytes) -> bytes:
        return b'{"msg_id": "i", "msg_type": "t", "x": ' + b"[" * depth + end * depth + b"}"

    return [
        step(r.with_json(frames, 3, nested(2000, b"]"))),
        step(r.with_json(frames, 3, nested(3000, b"]")), content="EBADMSG"),
        step(r.with_json(frames, 3, nested(10000, b"")), content="EBADMSG"),
        step(r.with_json(frames, 0, nested(3000, b"]")), "EBADMSG"),
        step(r.with_json(frames, 0, nested(10000, b"")), "EBADMSG"),
    ]


def lone_surrogates(r: Recorder) -> List[Step]:
    """Halves of surrogate pairs as JavaScript's JSON.stringify writes them, and as raw bytes."""
    frames = r.frames("execute_request", EXECUTE)
    texts = [b"'\\ud800'", b"'\\udc00\\ud800'", b"'\xed\xa0\x80'"]
    steps = [
        step(r.with_json(frames, 3, frames[5].replace(b"1 + 1", text)), content="EBADMSG")
        for text in texts
    ]
    pair = frames[5].replace(b"1 + 1", b"'\\ud83d\\ude00'")
    return [*steps, step(r.with_json(frames, 3, pair))]


def contents(r: Recorder) -> List[Step]:
    """Contents that are not read before their handler: other JSON, none, big numbers."""
    frames = r.frames("execute_request", EXECUTE)
    refused = [b"", b"null", b"[]", b"{", b"nonsense"]
    steps = [step(r.with_json(frames, 3, text), content="EBADMSG") for text in refused]
    big = b'{"n": 123456789012345678901234567890, "x": -1e-5}'
    return [*steps, step(r.with_json(frames, 3, big))]


VECTORS: Dict[Callable[[Recorder], List[Step]], Dict[str, str]] = {
    kernel_info: {},
    execute_unicode: {},
    identities: {},
    too_many_identities: {},
    buffers: {},
    subshell_and_more: {},
    sha512: {"scheme": "hmac-sha512"},
    unsigned: {"key": ""},
    wrong_signature: {},
    replay: {},
    truncated: {},
    no_delimiter: {},
    header_not_an_object: {},
    not_utf8: {},
    deep_nesting: {},
    lone_surrogates: {},
    contents: {},
}


def main(directory: Path) -> None:
    """Writes one file per vector into ``directory``."""
    for make, options in VECTORS.items():
        vector = {
            "about": (make.__doc__ or "").strip(),
            "key": options.get("key", KEY),
            "scheme": options.get("scheme", "hmac-sha256"),
            "steps": make(Recorder(**options)),
        }
        path = directory / f"{make.__name__}.json"
        path.write_text(json.dumps(vector, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
