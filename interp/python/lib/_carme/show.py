"""display(): what a cell shows besides the value of its last expression.

Source: Messaging in Jupyter, "Display data" and "Update Display Data".
"""

import _carme
from _carme import display as formatters
from _carme.shell import cells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Union


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
        publish(obj, "update_display_data", self.display_id, **options)

    def __repr__(self) -> str:
        return f"<DisplayHandle display_id={self.display_id}>"


def is_wanted(mime: str, include: Any, exclude: Any) -> bool:
    """Whether a mime type is among those that are shown."""
    return (not include or mime in include) and (not exclude or mime not in exclude)


def publish(
    obj: object,
    kind: str,
    display_id: Optional[str] = None,
    *,
    raw: bool = False,
    metadata: Optional[Dict[str, Any]] = None,
    transient: Optional[Dict[str, Any]] = None,
    include: Any = None,
    exclude: Any = None,
    **others: Any,
) -> None:
    """Sends one object; `raw`: it is a mime bundle already (mime type to data).

    include, exclude: collections of mime types that are sent, or not. Others are passed over.
    """
    if not raw and formatters.displays_itself(obj, cells):
        return
    data: Any = obj
    notes: Dict[str, Any] = {}
    if not raw:
        data, notes = formatters.bundle(obj, cells)
        data = {mime: value for mime, value in data.items() if is_wanted(mime, include, exclude)}
    brief = dict(transient or {})
    if display_id is not None:
        brief["display_id"] = display_id
    content = {"data": data, "metadata": {**notes, **(metadata or {})}, "transient": brief}
    _carme.publish(kind, content, {})


def display(
    *objects: object, display_id: Union[str, bool, None] = None, **options: Any
) -> Optional[DisplayHandle]:
    """Shows objects in the cell's output.

    display_id names the place for a later update; True makes a name. Returns a handle then.
    Options: raw, metadata, transient, include, exclude, as in publish.
    """
    handle = None
    if display_id:
        handle = DisplayHandle(None if display_id is True else display_id)
    for obj in objects:
        publish(obj, "display_data", handle.display_id if handle else None, **options)
    return handle


def update_display(obj: object, *, display_id: str, **options: Any) -> None:
    """Replaces what is shown at display_id; options as in publish."""
    publish(obj, "update_display_data", display_id, **options)
