"""Objects of text: HTML, Markdown, LaTeX, SVG, JavaScript, source code.

Source: IPython's documentation, IPython.display.
"""

from _carme.display.objects.base import DisplayObject, TextDisplayObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional


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
        """The protocol of template engines for text that is not to be escaped."""
        return self._repr_html_()


class Markdown(TextDisplayObject):
    """Markdown."""

    def _repr_markdown_(self) -> Any:
        return self._data_and_metadata()


class Latex(TextDisplayObject):
    """LaTeX, its delimiters included."""

    def _repr_latex_(self) -> Any:
        return self._data_and_metadata()


class Math(TextDisplayObject):
    """A formula in LaTeX; delimiters are added."""

    def _repr_latex_(self) -> Any:
        text = "$\\displaystyle " + self.data.strip("$") + "$"
        return (text, dict(self.metadata)) if self.metadata else text


class SVG(DisplayObject):
    """An SVG image: the element `svg` of the data."""

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


class Javascript(TextDisplayObject):
    """JavaScript that runs in the client, once its libraries and style sheets are loaded."""

    def __init__(
        self,
        data: Any = None,
        url: Any = None,
        filename: Any = None,
        lib: Any = None,
        css: Any = None,
    ) -> None:
        """As DisplayObject. lib, css: a URL, or a list or tuple of URLs; else TypeError."""
        self.lib = as_list(lib)
        self.css = as_list(css)
        super().__init__(data, url, filename)

    def _repr_javascript_(self) -> str:
        sheets = "".join(map(STYLE_SHEET.__mod__, self.css))
        scripts = "".join(map(SCRIPT_BEGIN.__mod__, self.lib))
        return sheets + scripts + str(self.data) + SCRIPT_END * len(self.lib)


def as_list(urls: Any) -> List[str]:
    """A list of URLs from None, one URL, or several."""
    if urls is None or isinstance(urls, str):
        return [] if urls is None else [urls]
    if not isinstance(urls, (list, tuple)):
        raise TypeError(f"expected sequence, got: {urls!r}")
    return list(urls)


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


class Code(TextDisplayObject):
    """Source code: highlighted if pygments is installed, else a code block of Markdown."""

    _module = "IPython.lib.display"

    def __init__(
        self,
        data: Any = None,
        url: Any = None,
        filename: Any = None,
        language: Optional[str] = None,
    ) -> None:
        """As DisplayObject. language: its name in pygments."""
        self.language = language
        super().__init__(data, url, filename)

    def __repr__(self) -> str:
        return str(self.data)

    def _pygments(self) -> Any:
        """The package, its submodules imported; None if it is not installed."""
        from importlib import import_module

        try:
            parts = [import_module("pygments." + name) for name in ("lexers", "formatters")]
        except ImportError:
            return None
        return parts and import_module("pygments")

    def _get_lexer(self) -> Any:
        lexers = self._pygments().lexers
        if self.language:
            return lexers.get_lexer_by_name(self.language)
        if self.filename:
            return lexers.get_lexer_for_filename(self.filename)
        return lexers.guess_lexer(self.data)

    def _repr_html_(self) -> Optional[str]:
        pygments = self._pygments()
        if pygments is None:
            return None
        formatter = pygments.formatters.HtmlFormatter()
        style = f"<style>{formatter.get_style_defs('.output_html')}</style>"
        return style + str(pygments.highlight(self.data, self._get_lexer(), formatter))

    def _repr_latex_(self) -> Optional[str]:
        pygments = self._pygments()
        if pygments is None:
            return None
        formatter = pygments.formatters.LatexFormatter()
        return str(pygments.highlight(self.data, self._get_lexer(), formatter))

    def _repr_markdown_(self) -> Optional[str]:
        if self._repr_html_() is not None:
            return None
        return f"```{self.language or ''}\n{self.data}\n```"
