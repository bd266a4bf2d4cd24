"""Outputs without what no two runs have in common: addresses, times, ids, places."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from typing import Any

LONGEST = 1500  # characters that are kept; of a longer text its length and digest
CELL = r"(/tmp/ipykernel_\d+/\d+\.py|Cell In\[\d+\]|<ipython-input-[^>]+>)"
RULES = [
    (re.compile(r"/\S*?/build/env/\w+/lib/python3\.\d+/site-packages"), "SITE"),
    (re.compile(CELL), "CELL"),
    (re.compile(r"\((?:/\S+\.so|unknown location)\)"), "(WHERE)"),
    (re.compile(r"\(\d{6,}\.py, line"), "(CELL, line"),
    (re.compile(r"/[^\s\"]*/lib/python3\.\d+/(?=\w+/|\w+\.py)"), "LIB/"),
    (re.compile(r"/\S*carme-notebook-\w+"), "PLACE"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "0x0"),
    (re.compile(r"\b[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
    (
        re.compile(r"[\d.]+(?:e[+-]?\d+)? ?(ns|[µμu]s|ms|s|min)\b( ± [\d.]+ ?(ns|[µμu]s|ms|s))?"),
        "TIME",
    ),
    (re.compile(r"\d\d:\d\d<\d\d:\d\d, +[\d.?]+(it/s|s/it)"), "RATE"),
    (re.compile(r"\d:\d\d:\d\d"), "CLOCK"),
]


def text(value: str) -> str:
    """One text; a long one as its length and digest."""
    for pattern, instead in RULES:
        value = pattern.sub(instead, value)
    if len(value) <= LONGEST:
        return value
    digest = hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{value[:80]} … {len(value)} characters, {digest}"


def value(mime: str, data: Any) -> Any:
    """What a bundle has for one MIME type."""
    if mime in ("image/svg+xml", "application/pdf"):
        return "drawn"  # with a date and random ids
    if mime.startswith("image/"):
        return picture(data)
    return text(data if isinstance(data, str) else json.dumps(data, sort_keys=True))


def picture(data: str) -> str:
    """A bitmap by its size; fonts and compression are not the kernel's."""
    content = base64.b64decode(data)
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        width, height = struct.unpack(">II", content[16:24])
        return f"png {width} x {height}"
    return f"{content[:4]!r}" if len(content) > 200 else f"{content!r}"
