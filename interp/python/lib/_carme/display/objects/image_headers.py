"""Formats and sizes of images, from the beginning of their data.

Source: the specifications of PNG, JFIF, GIF (87a, 89a) and WebP.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Tuple

# the first bytes of each format
SIGNATURES = (
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("jpeg", b"\xff\xd8"),
    ("gif", b"GIF87a"),
    ("gif", b"GIF89a"),
    ("webp", b"RIFF"),
)


def detect_format(data: bytes) -> str:
    """The format by the first bytes; "png" if they are of none."""
    for name, signature in SIGNATURES:
        if data.startswith(signature) and (name != "webp" or data[8:12] == b"WEBP"):
            return name
    return "png"


def read_size(form: str, data: bytes) -> Tuple[int, int]:
    """Width and height in pixels. ValueError: they are not found."""
    from struct import unpack

    if form == "png":
        start = data.index(b"IHDR") + 4
        return unpack(">ii", data[start : start + 8])
    if form == "gif":
        return unpack("<HH", data[6:10])
    return read_webp_size(data) if form == "webp" else read_jpeg_size(data)


def read_jpeg_size(data: bytes) -> Tuple[int, int]:
    """Width and height of JPEG data, from its frame header (SOF0, SOF1 or SOF2)."""
    offset = 2
    while offset + 9 <= len(data):
        if data[offset + 1] in (0xC0, 0xC1, 0xC2):
            sizes = data[offset + 5 : offset + 9]
            return int.from_bytes(sizes[2:], "big"), int.from_bytes(sizes[:2], "big")
        offset += 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")
    raise ValueError("no size in the JPEG data")


def read_webp_size(data: bytes) -> Tuple[int, int]:
    """Width and height of WebP data, from its first chunk."""
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = (int.from_bytes(data[at : at + 2], "little") for at in (26, 28))
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return 1 + width, 1 + height
    raise ValueError("Not a valid WEBP header")
