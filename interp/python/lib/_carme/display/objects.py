"""What `IPython.display` has, for environments without IPython: objects that show themselves.

Source: IPython's documentation, IPython.display; media.py has pictures, sound, pages and links.
"""

from _carme.display import display_functions
from _carme.display.display_functions import (
    DisplayHandle,
    clear_output,
    display,
    publish_display_data,
    update_display,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

__all__ = [
    "HTML",
    "JSON",
    "SVG",
    "DisplayHandle",
    "DisplayObject",
    "GeoJSON",
    "Javascript",
    "Latex",
    "Markdown",
    "Math",
    "Pretty",
    "ProgressBar",
    "TextDisplayObject",
    "clear_output",
    "display",
    "display_html",
    "display_javascript",
    "display_jpeg",
    "display_json",
    "display_latex",
    "display_markdown",
    "display_pdf",
    "display_png",
    "display_pretty",
    "display_svg",
    "display_webp",
    "publish_display_data",
    "update_display",
]


def shower(mime: str) -> Callable[..., None]:
    """A function that shows objects as one mime type only; raw: they are its data."""

    def display_one(*objs: Any, raw: bool = False, metadata: Any = None) -> None:
        notes = {mime: metadata} if metadata else metadata
        given = [{mime: each} for each in objs] if raw else objs
        display_functions.display(*given, raw=raw, metadata=notes, include=[mime])

    return display_one


display_pretty = shower("text/plain")
display_html = shower("text/html")
display_markdown = shower("text/markdown")
display_svg = shower("image/svg+xml")
display_png = shower("image/png")
display_jpeg = shower("image/jpeg")
display_webp = shower("image/webp")
display_latex = shower("text/latex")
display_json = shower("application/json")
display_javascript = shower("application/javascript")
display_pdf = shower("application/pdf")


def exists(path: Any) -> bool:
    """Whether there is a file or directory of this name, whatever the name is."""
    import os

    try:
        return os.path.exists(path)
    except Exception:
        return False


class DisplayObject:
    """Data that is shown as one mime type: given, read from a file, or fetched from an address.

    Subclasses of users say how it is read (`_read_flags`) and what is wrong with it
    (`_check_data`), and show it in `_repr_html_` and its kin.
    """

    _read_flags = "r"
    _show_mem_addr = False
    _module = "IPython.core.display"
    metadata: Any = None

    def __init__(
        self, data: Any = None, url: Any = None, filename: Any = None, metadata: Any = None
    ) -> None:
        """One of data, url and filename; data that is an address or a file's name is these."""
        if hasattr(data, "__fspath__"):
            data = str(data)
        if isinstance(data, str):
            if data.startswith("http") and url is None:
                data, url, filename = None, data, None
            elif exists(data) and filename is None:
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
        """Raises what is wrong with the data."""

    def _data_and_metadata(self) -> Any:
        """The data, or (data, metadata) where there is some."""
        return (self.data, dict(self.metadata)) if self.metadata else self.data

    def reload(self) -> None:
        """Reads the file or the address again."""
        if self.filename is not None:
            encoding = None if "b" in self._read_flags else "utf-8"
            with open(self.filename, self._read_flags, encoding=encoding) as file:
                self.data = file.read()
        elif self.url is not None:
            self.data = fetched(self.url)


def fetched(url: str) -> Any:
    """What is at an address: a text if its headers name a charset, else bytes."""
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


class Pretty(TextDisplayObject):
    """Plain text."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.data)


class HTML(TextDisplayObject):
    """HTML."""

    def __init__(
        self, data: Any = None, url: Any = None, filename: Any = None, metadata: Any = None
    ) -> None:
        """As DisplayObject."""
        text = data[:10].lower() + data[-10:].lower() if isinstance(data, str) else ""
        if text.startswith("<iframe ") and text.endswith("</iframe>"):
            import warnings

            warnings.warn("Consider using IPython.display.IFrame instead", stacklevel=2)
        super().__init__(data, url, filename, metadata)

    def _repr_html_(self) -> Any:
        return self._data_and_metadata()

    def __html__(self) -> Any:
        """For templates: it is HTML already."""
        return self._repr_html_()


class Markdown(TextDisplayObject):
    """Markdown."""

    def _repr_markdown_(self) -> Any:
        return self._data_and_metadata()


class Latex(TextDisplayObject):
    """LaTeX, with its own dollars."""

    def _repr_latex_(self) -> Any:
        return self._data_and_metadata()


class Math(TextDisplayObject):
    """A formula without dollars."""

    def _repr_latex_(self) -> Any:
        text = "$\\displaystyle " + self.data.strip("$") + "$"
        return (text, dict(self.metadata)) if self.metadata else text


class SVG(DisplayObject):
    """An SVG picture: the element `svg` of the data, which is parsed."""

    _read_flags = "rb"
    _data: Any = None

    @property
    def data(self) -> Any:
        """The element as text."""
        return self._data

    @data.setter
    def data(self, svg: Any) -> None:
        if svg is not None:
            from xml.dom import minidom

            found = minidom.parseString(svg).getElementsByTagName("svg")
            svg = found[0].toxml() if found else svg
        self._data = svg.decode(errors="replace") if isinstance(svg, bytes) else svg

    def _repr_svg_(self) -> Any:
        return self._data_and_metadata()


class ProgressBar(DisplayObject):
    """A bar that is drawn again whenever its progress is set; an iterator over its steps."""

    def __init__(self, total: Any) -> None:
        """The number of steps."""
        from binascii import hexlify
        from posix import urandom

        self.total = total
        self._progress: Any = 0
        self.html_width = "60ex"
        self.text_width = 60
        self._display_id = hexlify(urandom(8)).decode()

    def __repr__(self) -> str:
        share = self.progress / self.total if self.total else 0
        filled = "=" * int(share * self.text_width)
        return f"[{filled.ljust(self.text_width)}] {self.progress}/{self.total}"

    def _repr_html_(self) -> str:
        style = f"style='width:{self.html_width}'"
        return f"<progress {style} max='{self.total}' value='{self.progress}'></progress>"

    def display(self) -> None:
        """Shows it for the first time."""
        display_functions.display(self, display_id=self._display_id)

    def update(self) -> None:
        """Draws it again where it is shown."""
        display_functions.display(self, display_id=self._display_id, update=True)

    @property
    def progress(self) -> Any:
        """How many steps are done; setting it draws."""
        return self._progress

    @progress.setter
    def progress(self, value: Any) -> None:
        self._progress = value
        self.update()

    def __iter__(self) -> Any:
        self.display()
        self._progress = -1
        return self

    def __next__(self) -> Any:
        self.progress += 1
        if self.progress < self.total:
            return self.progress
        raise StopIteration


class JSON(DisplayObject):
    """A dict or list, as a tree that can be unfolded."""

    _data: Any = None

    def __init__(
        self,
        data: Any = None,
        url: Any = None,
        filename: Any = None,
        expanded: bool = False,
        metadata: Optional[Dict[str, Any]] = None,
        root: str = "root",
        **notes: Any,
    ) -> None:
        """As DisplayObject; whether it is unfolded, its root's name; notes are metadata, too."""
        self.metadata = {"expanded": expanded, "root": root, **(metadata or {}), **notes}
        super().__init__(data, url, filename)

    def _check_data(self) -> None:
        if self.data is not None and not isinstance(self.data, (dict, list)):
            name = type(self).__name__
            raise TypeError(f"{name} expects JSONable dict or list, not {self.data!r}")

    @property
    def data(self) -> Any:
        """The value; a text is read."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        data = str(data) if hasattr(data, "__fspath__") else data
        if isinstance(data, str):
            import json

            if self.filename is None and self.url is None:
                import warnings

                text = "JSON expects JSONable dict or list, not JSON strings"
                warnings.warn(text, stacklevel=3)
            data = json.loads(data)
        self._data = data

    def _data_and_metadata(self) -> Any:
        return self.data, self.metadata

    def _repr_json_(self) -> Any:
        return self._data_and_metadata()


class GeoJSON(JSON):
    """A map; url_template and layer_options, its background, are metadata."""

    def _ipython_display_(self) -> None:
        mime = "application/geo+json"
        bundle = {mime: self.data, "text/plain": "<IPython.display.GeoJSON object>"}
        display_functions.display(bundle, metadata={mime: self.metadata}, raw=True)


class Javascript(TextDisplayObject):
    """JavaScript, where the client runs it, behind the libraries and style sheets that it needs."""

    def __init__(
        self,
        data: Any = None,
        url: Any = None,
        filename: Any = None,
        lib: Any = None,
        css: Any = None,
    ) -> None:
        """As DisplayObject; addresses. TypeError: they are no list, tuple or str."""
        self.lib = addresses(lib)
        self.css = addresses(css)
        super().__init__(data, url, filename)

    def _repr_javascript_(self) -> str:
        sheets = "".join(map(STYLE_SHEET.__mod__, self.css))
        scripts = "".join(map(SCRIPT_BEGIN.__mod__, self.lib))
        return sheets + scripts + str(self.data) + SCRIPT_END * len(self.lib)


def addresses(given: Any) -> List[str]:
    """One or several addresses as a list."""
    found = [given] if isinstance(given, str) else [] if given is None else given
    if not isinstance(found, (list, tuple)):
        raise TypeError(f"expected sequence, got: {found!r}")
    return list(found)


STYLE_SHEET = """var link = document.createElement("link");
\tlink.rel = "stylesheet";
\tlink.type = "text/css";
\tlink.href = "%s";
\tdocument.head.appendChild(link);
"""
SCRIPT_BEGIN = """new Promise(function(resolve, reject) {
\tvar script = document.createElement("script");
\tscript.onload = resolve;
\tscript.onerror = reject;
\tscript.src = "%s";
\tdocument.head.appendChild(script);
}).then(() => {
"""
SCRIPT_END = "\n});"
