"""display(), update_display(), clear_output(): a cell's output besides its result and streams.

Source: Messaging in Jupyter, "Display data" and "Update Display Data"; IPython's documentation,
IPython.core.display_functions.
"""

import _carme
from _carme.display import bundles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Union


def clear_output(wait: bool = False) -> None:
    """Clears the cell's output; `wait`: when the next output comes."""
    _carme.publish("clear_output", {"wait": bool(wait)}, {})


class DisplayHandle:
    """The display_id of an output, by which it can be updated."""

    def __init__(self, display_id: Optional[str] = None) -> None:
        """A random display_id if none is given."""
        if display_id is None:
            from binascii import hexlify
            from posix import urandom

            display_id = hexlify(urandom(16)).decode()
        self.display_id = display_id

    def display(self, obj: object, **options: Any) -> None:
        """Displays the object in a new output with this display_id."""
        display(obj, display_id=self.display_id, **options)

    def update(self, obj: object, **options: Any) -> None:
        """Replaces the outputs that have this display_id."""
        update_display(obj, display_id=self.display_id, **options)

    def __repr__(self) -> str:
        return f"<DisplayHandle display_id={self.display_id}>"


def is_included(mime: str, include: Any, exclude: Any) -> bool:
    """Whether a mime type passes the filters; an empty one filters nothing."""
    return (not include or mime in include) and (not exclude or mime not in exclude)


def publish_display_data(
    data: Any,
    metadata: Any = None,
    *,
    transient: Any = None,
    update: bool = False,
    **ignored: Any,
) -> None:
    """Publishes a mime bundle (mime type to data); other arguments, such as `source`, are ignored.

    update: replaces the outputs that have the display_id in `transient`. TypeError: data or
    metadata is not a dict.
    """
    metadata = {} if metadata is None else metadata
    for name, value in (("data", data), ("metadata", metadata)):
        if not isinstance(value, dict):
            raise TypeError(f"{name} must be a dict, got: {value!r}")
    msg_type = "update_display_data" if update else "display_data"
    content = {"data": data, "metadata": metadata, "transient": transient or {}}
    _carme.publish(msg_type, content, {})


def publish(
    obj: object,
    *,
    raw: bool = False,
    metadata: Optional[Dict[str, Any]] = None,
    include: Any = None,
    exclude: Any = None,
    **options: Any,
) -> None:
    """Publishes one object; raw: it is a mime bundle. Options as of publish_display_data.

    include, exclude: collections of mime types to send, or to leave out.
    """
    if raw:
        publish_display_data(obj, metadata, **options)
        return
    if bundles.displays_itself(obj):
        return
    data, own_metadata = bundles.bundle(obj)
    data = {mime: value for mime, value in data.items() if is_included(mime, include, exclude)}
    if data:
        publish_display_data(data, merge(own_metadata, metadata or {}), **options)


def merge(first: Any, second: Any) -> Any:
    """Two dicts merged, nested ones too; values of the second replace those of the first."""
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return second
    return {**first, **{key: merge(first.get(key), value) for key, value in second.items()}}


def display(
    *objs: object,
    raw: bool = False,
    transient: Optional[Dict[str, Any]] = None,
    display_id: Union[str, bool, None] = None,
    clear: bool = False,
    update: bool = False,
    **options: Any,
) -> Optional[DisplayHandle]:
    """Displays objects in the cell's output.

    display_id: by which the output can be updated; True: a random one. A handle is returned then.
    clear: clears the cell's output first. Options: metadata, include, exclude, as of publish.
    """
    transient = {} if transient is None else transient
    handle = None
    if display_id:
        handle = DisplayHandle(None if display_id is True else display_id)
        transient["display_id"] = handle.display_id
    if update and "display_id" not in transient:
        raise TypeError("display_id required for update_display")
    if clear:
        clear_output(wait=True)
    for obj in objs if objs or handle is None else ({},):
        is_raw = raw or not objs
        publish(obj, raw=is_raw, transient=transient, update=update, **options)
    return handle


def update_display(obj: object, *, display_id: str, **options: Any) -> None:
    """Replaces the outputs that have the display_id; options as of display."""
    options["update"] = True
    display(obj, display_id=display_id, **options)


def display_as(mime: str) -> Callable[..., None]:
    """A function that displays objects as one mime type; raw: they are the data of that type."""

    def display_one(*objs: Any, raw: bool = False, metadata: Any = None) -> None:
        by_mime = {mime: metadata} if metadata else metadata
        displayed = [{mime: obj} for obj in objs] if raw else objs
        display(*displayed, raw=raw, metadata=by_mime, include=[mime])

    return display_one


display_pretty = display_as("text/plain")
display_html = display_as("text/html")
display_markdown = display_as("text/markdown")
display_svg = display_as("image/svg+xml")
display_png = display_as("image/png")
display_jpeg = display_as("image/jpeg")
display_webp = display_as("image/webp")
display_latex = display_as("text/latex")
display_json = display_as("application/json")
display_javascript = display_as("application/javascript")
display_pdf = display_as("application/pdf")
