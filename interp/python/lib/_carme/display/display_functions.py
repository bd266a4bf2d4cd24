"""display(): what a cell shows besides the value of its last expression.

Source: Messaging in Jupyter, "Display data" and "Update Display Data".
"""

import _carme
from _carme.display import bundles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Union


def clear_output(wait: bool = False) -> None:
    """Clears the cell's output; `wait`: when the next output comes."""
    _carme.publish("clear_output", {"wait": bool(wait)}, {})


class DisplayHandle:
    """A place in a cell's output that can be shown again with other contents."""

    def __init__(self, display_id: Optional[str] = None) -> None:
        """With an id of its own where none is given."""
        if display_id is None:
            from binascii import hexlify
            from posix import urandom

            display_id = hexlify(urandom(16)).decode()
        self.display_id = display_id

    def display(self, obj: object, **options: Any) -> None:
        """Shows the object here for the first time."""
        display(obj, display_id=self.display_id, **options)

    def update(self, obj: object, **options: Any) -> None:
        """Replaces what is shown here."""
        update_display(obj, display_id=self.display_id, **options)

    def __repr__(self) -> str:
        return f"<DisplayHandle display_id={self.display_id}>"


def is_wanted(mime: str, include: Any, exclude: Any) -> bool:
    """Whether a mime type is among those that are shown."""
    return (not include or mime in include) and (not exclude or mime not in exclude)


def publish_display_data(
    data: Any,
    metadata: Any = None,
    *,
    transient: Any = None,
    update: bool = False,
    **others: Any,
) -> None:
    """Shows a mime bundle (mime type to data); others, such as `source`, are passed over.

    update: in the place of what its transient display_id names. TypeError: it is no dict.
    """
    notes = {} if metadata is None else metadata
    for name, value in (("data", data), ("metadata", notes)):
        if not isinstance(value, dict):
            raise TypeError(f"{name} must be a dict, got: {value!r}")
    kind = "update_display_data" if update else "display_data"
    _carme.publish(kind, {"data": data, "metadata": notes, "transient": transient or {}}, {})


def publish(
    obj: object,
    *,
    raw: bool = False,
    metadata: Optional[Dict[str, Any]] = None,
    include: Any = None,
    exclude: Any = None,
    **options: Any,
) -> None:
    """Sends one object; `raw`: it is a mime bundle already. Options as of publish_display_data.

    include, exclude: collections of mime types that are sent, or not.
    """
    if raw:
        publish_display_data(obj, metadata, **options)
        return
    if bundles.displays_itself(obj):
        return
    data, notes = bundles.bundle(obj)
    data = {mime: value for mime, value in data.items() if is_wanted(mime, include, exclude)}
    if data:
        publish_display_data(data, merged(notes, metadata or {}), **options)


def merged(below: Any, above: Any) -> Any:
    """Two dicts as one, with the dicts in them; the second one's values count."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}


def display(
    *objs: object,
    raw: bool = False,
    transient: Optional[Dict[str, Any]] = None,
    display_id: Union[str, bool, None] = None,
    clear: bool = False,
    update: bool = False,
    **options: Any,
) -> Optional[DisplayHandle]:
    """Shows objects in the cell's output.

    display_id names the place for a later update; True makes a name. Returns a handle then.
    clear: what the cell has shown goes first. Options: metadata, include, exclude, as in publish.
    """
    brief = {} if transient is None else transient
    handle = None
    if display_id:
        handle = DisplayHandle(None if display_id is True else display_id)
        brief["display_id"] = handle.display_id
    if update and "display_id" not in brief:
        raise TypeError("display_id required for update_display")
    if clear:
        clear_output(wait=True)
    for obj in objs if objs or handle is None else ({},):
        is_raw = raw or not objs
        publish(obj, raw=is_raw, transient=brief, update=update, **options)
    return handle


def update_display(obj: object, *, display_id: str, **options: Any) -> None:
    """Replaces what is shown at display_id; options as in display."""
    options["update"] = True
    display(obj, display_id=display_id, **options)
