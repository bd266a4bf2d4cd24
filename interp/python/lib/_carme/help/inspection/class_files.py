"""inspect.getfile for classes that cells define.

A class does not know its file: inspect takes that of its module, and `__main__` has none.
Source: The Python Standard Library, inspect.getfile, inspect.getsource.
"""

import sys

from _carme.session import lines
from _carme.session.state import cells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

_FUNCTION = type(lambda: None)
_WRAPPERS = (staticmethod, classmethod)
_dict_of = type.__dict__["__dict__"].__get__


def install() -> None:
    """Replaces inspect.getfile, on which inspect.getsource depends."""
    inspect: Any = sys.modules["inspect"]
    before = inspect.getfile

    def getfile(object: Any) -> str:
        """Return the file, or the cell's name, in which the object is defined."""
        is_ours = issubclass(type(object), type) and object.__module__ == "__main__"
        name = file_of(object) if is_ours else None
        return str(before(object)) if name is None else name

    getfile.__wrapped__ = before  # type: ignore[attr-defined]
    inspect.getfile = getfile


def file_of(cls: type) -> Optional[str]:
    """The co_filename of the cell that defines the class, or None if no cell is found."""
    for member in _dict_of(cls).values():
        name = _code_name(member, cls.__qualname__)
        if name in cells:
            return name
    words = ["class", cls.__name__]
    for name in reversed(list(cells)):
        for line in lines.universal_newlines(cells[name][1]):
            if line.replace("(", " ").replace(":", " ").replace("[", " ").split()[:2] == words:
                return name
    return None


def _code_name(member: Any, qualname: str) -> str:
    """The co_filename of a method, "" if its def is not in the body of this class."""
    if type(member) is property:
        member = member.fget
    elif type(member) in _WRAPPERS:
        member = member.__func__
    if type(member) is not _FUNCTION or not member.__qualname__.startswith(qualname + "."):
        return ""
    return str(member.__code__.co_filename)
