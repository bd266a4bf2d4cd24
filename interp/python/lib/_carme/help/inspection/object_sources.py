"""The file and the source of an object, also of what cells and the kernel's own modules define.

Source: inspect.getfile, inspect.getsource, linecache.
"""

from _carme.help import object_kinds
from _carme.session.lines import universal_newlines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def code_file(value: Any) -> str:
    """Return the co_filename of a function, class or module; that of a cell is "<...>".

    Raises:
        TypeError, OSError: there is none, or it is not known.
    """
    import inspect
    import sys

    if object_kinds.kind_of(value) == "class" and value.__module__ == "__main__":
        for member in vars(value).values():
            if type(member) is object_kinds.Function:
                return str(member.__code__.co_filename)
        raise TypeError(value)
    path = inspect.getfile(inspect.unwrap(value) if object_kinds.is_function(value) else value)
    if path.startswith("<frozen "):
        return str(sys.modules[value.__module__].__file__)
    return path


def shown_file(value: Any) -> str | None:
    """Return the path of the file that defines the object, or None: a cell, or not known."""
    import os

    try:
        path = code_file(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    if path.startswith("<"):
        return None
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


def source(value: Any, name: str = "") -> str | None:
    """Return the source of a function, class, module or property (`name`), or None."""
    import inspect

    try:
        if object_kinds.kind_of(value) == "property":
            text = _property_source(value, name)
        elif object_kinds.kind_of(value) == "class" and value.__module__ == "__main__":
            text = _class_source(value)
        else:
            _cache_embedded_source(code_file(value))
            text = inspect.getsource(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    return text.strip("\n").rstrip()


def _property_source(value: property, name: str) -> str:
    """Return the source of a property's functions, each under a comment with its name."""
    import inspect
    from textwrap import dedent

    parts = []
    for part in ("fget", "fset", "fdel"):
        function = getattr(value, part)
        if function is not None:
            parts.append(f"# {name}.{part}")
            parts.append(dedent(inspect.getsource(function)))
    return "\n".join(parts)


def _cache_embedded_source(path: str) -> None:
    """Put the source of one of the kernel's embedded modules, `<carme NAME>`, into linecache."""
    import linecache

    import _carme

    embedded = _carme.source(path[7:-1]) if path.startswith("<carme ") else None
    if embedded is not None:
        text = embedded.decode()
        linecache.cache[path] = (len(text), None, universal_newlines(text), path)


def _class_source(cls: type) -> str:
    """Return the source of a class that a cell defines; inspect would read __main__'s file."""
    import inspect
    import linecache

    lines = linecache.getlines(code_file(cls))
    found = [
        index
        for index, line in enumerate(lines)
        if line.replace("(", " ").replace(":", " ").split()[:2] == ["class", cls.__name__]
    ]
    return "".join(inspect.getblock(lines[found[-1] :]))
