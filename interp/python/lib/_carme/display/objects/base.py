"""The base classes of IPython.display's objects.

Source: IPython's documentation, IPython.core.display.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def path_exists(path: Any) -> bool:
    """Whether a file or directory of this name exists; False for a value that is no path."""
    import os

    try:
        return os.path.exists(path)
    except Exception:
        return False


class DisplayObject:
    """Data that is displayed as one mime type: an argument, a file's content or that of a URL.

    Subclasses, also those of users, set the file's mode (`_read_flags`), validate the data
    (`_check_data`) and return its representations (`_repr_html_` and the like).
    """

    _read_flags = "r"
    _show_mem_addr = False
    _module = "IPython.core.display"
    metadata: Any = None

    def __init__(
        self, data: Any = None, url: Any = None, filename: Any = None, metadata: Any = None
    ) -> None:
        """One of data, url and filename; data may also be a URL or the name of a file."""
        if hasattr(data, "__fspath__"):
            data = str(data)
        if isinstance(data, str):
            if data.startswith("http") and url is None:
                data, url, filename = None, data, None
            elif path_exists(data) and filename is None:
                data, url, filename = None, None, data
        self.url = url
        self.filename = filename
        self.data = data
        if metadata is not None:
            self.metadata = metadata
        elif self.metadata is None:
            self.metadata = {}
        self.reload()
        self._check_data()

    def __repr__(self) -> str:
        if self._show_mem_addr:
            return object.__repr__(self)
        kind = type(self)
        module = self._module if kind.__module__.startswith("_carme.") else kind.__module__
        return f"<{module}.{kind.__name__} object>"

    def _check_data(self) -> None:
        """Raises an exception if the data is not valid."""

    def _data_and_metadata(self) -> Any:
        """The data, or (data, metadata) if there is metadata."""
        return (self.data, dict(self.metadata)) if self.metadata else self.data

    def reload(self) -> None:
        """Reads the file or the URL again."""
        if self.filename is not None:
            encoding = None if "b" in self._read_flags else "utf-8"
            with open(self.filename, self._read_flags, encoding=encoding) as file:
                self.data = file.read()
        elif self.url is not None:
            self.data = fetch(self.url)


def fetch(url: str) -> Any:
    """The content of a URL: a str if its headers name a charset, else bytes."""
    from urllib.request import urlopen

    with urlopen(url) as response:
        data: bytes = response.read()
        charset = response.headers.get_content_charset()
        if "gzip" in (response.headers.get("content-encoding") or ""):
            import gzip

            return gzip.decompress(data).decode(charset or "utf-8")
    return data.decode(charset, "replace") if charset else data


class TextDisplayObject(DisplayObject):
    """Text of one mime type."""

    def _check_data(self) -> None:
        if self.data is not None and not isinstance(self.data, str):
            raise TypeError(f"{type(self).__name__} expects text, not {self.data!r}")
