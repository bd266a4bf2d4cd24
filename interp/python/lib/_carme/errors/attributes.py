"""getattr() of objects whose own code may raise anything."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def get(obj: object, name: str) -> Any:
    """Return an attribute; None if it is missing or raises. Only KeyboardInterrupt is raised."""
    try:
        return getattr(obj, name, None)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
