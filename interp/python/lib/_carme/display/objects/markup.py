"""Text and bytes as parts of HTML."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def escape(text: object, quote: bool = True) -> str:
    """The text with &, < and > as entities; with `quote` also quotes, for an attribute's value."""
    import html

    return html.escape(str(text), quote=quote)


def to_base64(data: Any) -> str:
    """Bytes in base64, on one line."""
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode("ascii")


def size_attribute(name: str, value: Any) -> str:
    """The attribute `width` or `height` in pixels; "" without a value."""
    return f' {name}="{int(value)}"' if value else ""
