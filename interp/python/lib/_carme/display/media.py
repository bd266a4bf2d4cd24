"""`IPython.display`'s pictures, films, sound, pages, source code and links to files.

Source: IPython's documentation, IPython.display; PNG, JFIF, GIF and WebP for pictures' sizes.
"""

import os

from _carme.display.objects import DisplayObject, TextDisplayObject, exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Tuple

__all__ = [
    "Audio",
    "Code",
    "FileLink",
    "FileLinks",
    "IFrame",
    "Image",
    "ScribdDocument",
    "Video",
    "VimeoVideo",
    "YouTubeVideo",
]
# the first bytes of pictures that can be in a notebook
BEGINNINGS = (
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("jpeg", b"\xff\xd8"),
    ("gif", b"GIF87a"),
    ("gif", b"GIF89a"),
    ("webp", b"RIFF"),
)
FORMATS = ("png", "jpeg", "gif", "webp")


def escaped(text: object, quote: bool = True) -> str:
    """A text for an attribute's value or between tags."""
    import html

    return html.escape(str(text), quote=quote)


def base64(data: Any) -> str:
    """Bytes as one line of text."""
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode("ascii")


def pixels(name: str, value: Any) -> str:
    """An attribute with a number of pixels; nothing where there is none."""
    return f' {name}="{int(value)}"' if value else ""


def format_of(data: bytes) -> str:
    """A picture's format by its first bytes; png where they tell nothing."""
    for name, begin in BEGINNINGS:
        if data.startswith(begin) and (name != "webp" or data[8:12] == b"WEBP"):
            return name
    return "png"


def size_of(form: str, data: bytes) -> Tuple[int, int]:
    """A picture's width and height in pixels. ValueError: they are not found."""
    from struct import unpack

    if form == "png":
        start = data.index(b"IHDR") + 4
        return unpack(">ii", data[start : start + 8])
    if form == "gif":
        return unpack("<HH", data[6:10])
    return webp_size(data) if form == "webp" else jpeg_size(data)


def jpeg_size(data: bytes) -> Tuple[int, int]:
    """Of JPEG data: in its frame's header, behind the other segments."""
    place = 2
    while place + 9 <= len(data):
        if data[place + 1] in (0xC0, 0xC1, 0xC2):
            sizes = data[place + 5 : place + 9]
            return int.from_bytes(sizes[2:], "big"), int.from_bytes(sizes[:2], "big")
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    raise ValueError("no size in the JPEG data")


def webp_size(data: bytes) -> Tuple[int, int]:
    """Of WebP data: in its first chunk."""
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = (int.from_bytes(data[at : at + 2], "little") for at in (26, 28))
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return 1 + width, 1 + height
    raise ValueError("Not a valid WEBP header")


class Image(DisplayObject):
    """A PNG, JPEG, GIF or WebP picture, in the notebook, or an address that the client loads."""

    _read_flags = "rb"

    def __init__(
        self,
        data: Any = None,
        url: Any = None,
        filename: Any = None,
        format: Optional[str] = None,
        embed: Optional[bool] = None,
        width: Any = None,
        height: Any = None,
        retina: bool = False,
        unconfined: bool = False,
        metadata: Optional[Dict[str, Any]] = None,
        alt: Optional[str] = None,
    ) -> None:
        """As DisplayObject; pixels; embed=True puts an address's picture into the notebook.

        ValueError: nothing is given, or the format can not be in a notebook.
        """
        data = str(data) if hasattr(data, "__fspath__") else data
        self.format = chosen_format(format, data, url, filename)
        self.embed = url is None if embed is None else embed
        if self.embed and self.format not in FORMATS:
            raise ValueError(f"Cannot embed the '{self.format}' image format")
        self.width, self.height, self.alt = width, height, alt
        self.retina, self.unconfined = retina, unconfined
        super().__init__(data, url, filename, metadata)
        for name in ("width", "height", "alt"):
            if getattr(self, name) is None and self.metadata.get(name):
                setattr(self, name, self.metadata[name])
        if retina:
            self._halve()

    def _halve(self) -> None:
        if self.embed:
            width, height = size_of(self.format, self.data)
            self.width, self.height = width // 2, height // 2

    def reload(self) -> None:
        """Reads what is to be in the notebook."""
        if self.embed:
            super().reload()
            if self.retina:
                self._halve()

    def _repr_html_(self) -> Optional[str]:
        if self.embed:
            return None
        size = pixels("width", self.width) + pixels("height", self.height)
        kind = ' class="unconfined"' if self.unconfined else ""
        alt = f' alt="{escaped(self.alt)}"' if self.alt else ""
        url = self.url if self.url is not None else self.filename
        return f'<img src="{escaped(url or "")}"{size}{kind}{alt}/>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        if not self.embed:
            return {"text/html": self._repr_html_()}
        mime = "image/" + self.format
        data, notes = self._data_and_metadata(always_both=True)
        return {mime: data}, {mime: notes} if notes else notes

    def _data_and_metadata(self, always_both: bool = False) -> Any:
        try:
            data = base64(self.data)
        except TypeError as error:
            raise FileNotFoundError(f"No such file or directory: '{self.data}'") from error
        names = ("width", "height", "unconfined", "alt")
        given = {name: getattr(self, name) for name in names if getattr(self, name)}
        notes = {**(self.metadata or {}), **given}
        return (data, notes) if notes or always_both else data

    def _repr_png_(self) -> Any:
        return self._data_and_metadata() if self.embed and self.format == "png" else None

    def _repr_jpeg_(self) -> Any:
        return self._data_and_metadata() if self.embed and self.format == "jpeg" else None


def chosen_format(form: Optional[str], data: Any, url: Any, filename: Any) -> str:
    """A picture's format: as it is given, or by a name's end, or by its first bytes."""
    name = filename if filename is not None else url
    if name is None and data is None:
        raise ValueError("No image data found. Expecting filename, url, or data.")
    if name is None and isinstance(data, str) and (data.startswith("http") or exists(data)):
        name = data
    if form is None and name is not None:
        base, end = os.path.splitext(name)
        form = end[1:] or base
    if form is None:
        form = format_of(data) if isinstance(data, bytes) else "png"
    return {"jpg": "jpeg"}.get(form.lower(), form.lower())


class Video(DisplayObject):
    """A film, by its address, or in the notebook with embed=True."""

    def __init__(
        self,
        data: Any = None,
        url: Any = None,
        filename: Any = None,
        embed: bool = False,
        mimetype: Optional[str] = None,
        width: Any = None,
        height: Any = None,
        html_attributes: str = "controls",
    ) -> None:
        """As DisplayObject; pixels; attributes of the element. ValueError: data without embed."""
        data = str(data) if hasattr(data, "__fspath__") else data
        if url is None and isinstance(data, str) and data.startswith(("http:", "https:")):
            data, url = None, data
        elif data is not None and exists(data):
            data, filename = None, data
        if data and not embed:
            raise ValueError(
                "To embed videos, you must pass embed=True "
                "(this may make your notebook files huge)\nConsider passing Video(url='...')"
            )
        self.mimetype, self.embed = mimetype, embed
        self.width, self.height = width, height
        self.html_attributes = html_attributes
        super().__init__(data, url, filename)

    def reload(self) -> None:
        """A film is read when it is shown."""

    def _repr_html_(self) -> str:
        size = f"{pixels('width', self.width)} {pixels('height', self.height)}"
        if not self.embed:
            url = self.url if self.url is not None else self.filename
            return (
                f'<video src="{escaped(url or "")}" {self.html_attributes} {size}>\n'
                "      Your browser does not support the <code>video</code> element.\n"
                "    </video>"
            )
        mime = self.mimetype
        film = self.data
        if self.filename is not None:
            mime = mime or kind_of(self.filename)
            with open(self.filename, "rb") as file:
                film = file.read()
        text = film if isinstance(film, str) else base64(film)
        return (
            f"<video {self.html_attributes} {size}>\n"
            f' <source src="data:{mime};base64,{text}" type="{mime}">\n'
            " Your browser does not support the video tag.\n </video>"
        )


def kind_of(name: str) -> Optional[str]:
    """The mime type of a file's name."""
    import mimetypes

    return mimetypes.guess_type(name)[0]


class Audio(DisplayObject):
    """Sound: a file, an address, bytes of a sound file, or samples with their rate in hertz."""

    _read_flags = "rb"
    _module = "IPython.lib.display"

    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        url: Any = None,
        embed: Optional[bool] = None,
        rate: Optional[int] = None,
        autoplay: bool = False,
        normalize: bool = True,
        *,
        element_id: Any = None,
    ) -> None:
        """Samples: one row of numbers, or two or more of them, one for each channel."""
        if filename is None and url is None and data is None:
            raise ValueError("No audio data found. Expecting filename, url, or data.")
        if embed is False and url is None:
            raise ValueError("No url found. Expecting url when embed=False")
        self.embed = url is None or embed is True
        self.autoplay = autoplay
        self.element_id = element_id
        super().__init__(data, url, filename)
        if self.data is not None and not isinstance(self.data, bytes):
            if rate is None:
                what = "data is a numpy array or list of audio samples."
                raise ValueError(f"rate must be specified when {what}")
            from _carme.display import samples

            self.data = samples.sound_file(data, rate, normalize)

    def reload(self) -> None:
        """Reads what is to be in the notebook."""
        if self.embed:
            super().reload()
        name = self.filename if self.filename is not None else self.url
        self.mimetype = "audio/wav" if name is None else kind_of(name)

    def _data_and_metadata(self) -> Any:
        return (self.data, {"url": self.url}) if self.url else self.data

    def _repr_html_(self) -> str:
        gap = "\n" + 16 * " "
        return (
            f'{gap}<audio {self.element_id_attr()} controls="controls" {self.autoplay_attr()}>'
            f'{gap}    <source src="{self.src_attr()}" type="{self.mimetype}" />'
            f"{gap}    Your browser does not support the audio element."
            f"{gap}</audio>\n              "
        )

    def src_attr(self) -> str:
        """Where the sound is."""
        if self.embed and self.data is not None:
            return f"data:{self.mimetype};base64,{base64(self.data)}"
        return escaped(self.url) if self.url is not None else ""

    def autoplay_attr(self) -> str:
        """Whether it begins by itself."""
        return 'autoplay="autoplay"' if self.autoplay else ""

    def element_id_attr(self) -> str:
        """The element's id."""
        return f'id="{escaped(self.element_id)}"' if self.element_id else ""


class Shown:
    """What is an object of IPython.lib.display."""

    def __repr__(self) -> str:
        return object.__repr__(self).replace("_carme.display.media.", "IPython.lib.display.", 1)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self).replace(" object at ", " at ", 1))


class IFrame(Shown):
    """A page in the page; other options are its query."""

    def __init__(self, src: Any, width: Any, height: Any, extras: Any = None, **query: Any) -> None:
        """Address, size, and more attributes of the element."""
        self.src = src
        self.width = width
        self.height = height
        self.extras = [] if extras is None else extras
        self.params = query

    def _repr_html_(self) -> str:
        from urllib.parse import urlencode

        query = "?" + urlencode(self.params) if self.params else ""
        gap = "\n" + 12 * " "
        width, height = escaped(self.width), escaped(self.height)
        return (
            f'\n        <iframe{gap}width="{width}"{gap}height="{height}"'
            f'{gap}src="{escaped(self.src)}{query}"{gap}frameborder="0"{gap}allowfullscreen'
            f'{gap}referrerpolicy="strict-origin-when-cross-origin"{gap}{" ".join(self.extras)}'
            "\n        ></iframe>\n        "
        )


class YouTubeVideo(IFrame):
    """A film by its id."""

    def __init__(
        self,
        id: str,
        width: Any = 400,
        height: Any = 300,
        allow_autoplay: bool = False,
        **query: Any,
    ) -> None:
        """As IFrame."""
        self.id = id
        if allow_autoplay:
            query["extras"] = [*query.get("extras", []), 'allow="autoplay"']
            query["autoplay"] = 1
        super().__init__(f"https://www.youtube.com/embed/{id}", width, height, **query)

    def _repr_jpeg_(self) -> Optional[bytes]:
        from urllib.request import urlopen

        try:
            with urlopen(f"https://img.youtube.com/vi/{self.id}/hqdefault.jpg") as response:
                return bytes(response.read())
        except OSError:
            return None


class VimeoVideo(IFrame):
    """A film by its id."""

    def __init__(self, id: Any, width: Any = 400, height: Any = 300, **query: Any) -> None:
        """As IFrame."""
        super().__init__(f"https://player.vimeo.com/video/{id}", width, height, **query)


class ScribdDocument(IFrame):
    """A document by its id; start_page and view_mode are options of its query."""

    def __init__(self, id: Any, width: Any = 400, height: Any = 300, **query: Any) -> None:
        """As IFrame."""
        super().__init__(f"https://www.scribd.com/embeds/{id}/content", width, height, **query)


class FileLink:
    """A link to a file beside the notebook."""

    html_link_str = "<a href='%s' target='_blank'>%s</a>"

    def __init__(
        self,
        path: Any,
        url_prefix: str = "",
        result_html_prefix: str = "",
        result_html_suffix: str = "<br>",
    ) -> None:
        """The path, and what is written around it. ValueError: it is a directory."""
        if os.path.isdir(path):
            raise ValueError(
                "Cannot display a directory using FileLink. "
                f"Use FileLinks to display '{os.fsdecode(path)}'."
            )
        self.path = os.fsdecode(path)
        self.url_prefix = url_prefix
        self.result_html_prefix = result_html_prefix
        self.result_html_suffix = result_html_suffix

    def _format_path(self) -> str:
        target = self.url_prefix + escaped(self.path)
        link = self.html_link_str % (target, escaped(self.path, quote=False))
        return self.result_html_prefix + link + self.result_html_suffix

    def _repr_html_(self) -> str:
        if not os.path.exists(self.path):
            return (
                f"Path (<tt>{self.path}</tt>) doesn't exist. It may still be in the process of "
                "being generated, or you may have the incorrect path."
            )
        return self._format_path()

    def __repr__(self) -> str:
        return os.path.abspath(self.path)


class FileLinks(FileLink):
    """Links to the files in a directory, and in those below it."""

    def __init__(
        self,
        path: Any,
        url_prefix: str = "",
        included_suffixes: Any = None,
        result_html_prefix: str = "",
        result_html_suffix: str = "<br>",
        notebook_display_formatter: Any = None,
        terminal_display_formatter: Any = None,
        recursive: bool = True,
    ) -> None:
        """The formatters make lines of (directory, names, included_suffixes).

        ValueError: it is a file.
        """
        if os.path.isfile(path):
            raise ValueError(
                "Cannot display a file using FileLinks. "
                f"Use FileLink to display '{os.fsdecode(path)}'."
            )
        self.included_suffixes = included_suffixes
        self.path = os.fsdecode(path).rstrip("/")
        self.url_prefix = url_prefix
        self.result_html_prefix = result_html_prefix
        self.result_html_suffix = result_html_suffix
        self.notebook_display_formatter = notebook_display_formatter or self._links
        self.terminal_display_formatter = terminal_display_formatter or self._names
        self.recursive = recursive

    def _links(self, folder: str, names: List[str], suffixes: Any = None) -> List[str]:
        """Lines of HTML."""
        before, after = self.result_html_prefix, self.result_html_suffix
        lines = []
        for name in wanted(folder, names, suffixes):
            target = f"{self.url_prefix}{escaped(folder)}/{escaped(name)}"
            link = self.html_link_str % (target, escaped(name))
            lines.append(f"{before}&nbsp;&nbsp;{link}{after}")
        return [f"{before}{escaped(folder)}/{after}", *lines] if lines else []

    def _names(self, folder: str, names: List[str], suffixes: Any = None) -> List[str]:
        """Lines of text."""
        lines = ["  " + name for name in wanted(folder, names, suffixes)]
        return [folder + "/", *lines] if lines else []

    def _lines(self, formatter: Any) -> Iterator[str]:
        found = os.walk(self.path)
        for folder, _, names in sorted(found) if self.recursive else [next(found)]:
            yield from formatter(folder, names, self.included_suffixes)

    def _format_path(self) -> str:
        return "\n".join(self._lines(self.notebook_display_formatter))

    def __repr__(self) -> str:
        return "\n".join(self._lines(self.terminal_display_formatter))


def wanted(folder: str, names: List[str], suffixes: Any) -> List[str]:
    """The files among the names, with one of the endings if there are any."""
    return [
        name
        for name in names
        if os.path.isfile(os.path.join(folder, name))
        if suffixes is None or os.path.splitext(name)[1] in suffixes
    ]


class Code(TextDisplayObject):
    """Source code: with colours where pygments is installed, else as Markdown has it."""

    _module = "IPython.lib.display"

    def __init__(
        self,
        data: Any = None,
        url: Any = None,
        filename: Any = None,
        language: Optional[str] = None,
    ) -> None:
        """As DisplayObject, and the language's name, as pygments knows it."""
        self.language = language
        super().__init__(data, url, filename)

    def __repr__(self) -> str:
        return str(self.data)

    def _pygments(self) -> Any:
        """The package, with its parts; None where it is not installed."""
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
        form = pygments.formatters.HtmlFormatter()
        style = f"<style>{form.get_style_defs('.output_html')}</style>"
        return style + str(pygments.highlight(self.data, self._get_lexer(), form))

    def _repr_latex_(self) -> Optional[str]:
        pygments = self._pygments()
        if pygments is None:
            return None
        form = pygments.formatters.LatexFormatter()
        return str(pygments.highlight(self.data, self._get_lexer(), form))

    def _repr_markdown_(self) -> Optional[str]:
        if self._repr_html_() is not None:
            return None
        return f"```{self.language or ''}\n{self.data}\n```"
