"""What `IPython.display` has, for environments without IPython: objects that show themselves.

Source: IPython's documentation, IPython.display.
"""

import sys

from _carme.shell import clear_output
from _carme.show import DisplayHandle, display, update_display

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple, Union

    Data = Union[str, bytes]
    Bundle = Tuple[Dict[str, Any], Dict[str, Any]]

__all__ = [
    "HTML",
    "JSON",
    "SVG",
    "Audio",
    "Code",
    "DisplayHandle",
    "DisplayObject",
    "FileLink",
    "IFrame",
    "Image",
    "Javascript",
    "Latex",
    "Markdown",
    "Math",
    "Pretty",
    "TextDisplayObject",
    "Video",
    "YouTubeVideo",
    "clear_output",
    "display",
    "update_display",
]
IMAGES = (  # format, mime type, first bytes
    ("png", "image/png", b"\x89PNG"),
    ("jpeg", "image/jpeg", b"\xff\xd8"),
    ("gif", "image/gif", b"GIF8"),
    ("webp", "image/webp", b"RIFF"),
)


def is_url(text: object) -> bool:
    """Whether it is an address, not a file's name or contents."""
    return isinstance(text, str) and text.startswith(("http://", "https://"))


def escaped(text: object) -> str:
    """A text for an attribute's value or between tags."""
    import html

    return html.escape(str(text))


def address(data: bytes, mime: str) -> str:
    """The data as a data: URL."""
    from binascii import b2a_base64

    return f"data:{mime};base64,{b2a_base64(data, newline=False).decode()}"


def is_file(data: object) -> bool:
    """Whether a short text names a file that exists."""
    import os

    return isinstance(data, str) and len(data) < 4096 and "\n" not in data and os.path.isfile(data)


class DisplayObject:
    """Data that is shown as one mime type: given, read from a file, or fetched from an address."""

    mime = ""
    binary = False

    def __init__(
        self,
        data: Any = None,
        url: Optional[str] = None,
        filename: Any = None,
        metadata: Optional[Dict[str, Any]] = None,
    ) -> None:
        """One of data, url and filename; data that is an address or a path's object is these."""
        if hasattr(data, "__fspath__"):
            data, filename = None, data
        if url is None and is_url(data):
            data, url = None, data
        self.data = data
        self.url = url
        self.filename = None if filename is None else str(filename)
        self.metadata = metadata or {}
        self.reload()

    def reload(self) -> None:
        """Reads the file or the address again."""
        if self.filename is not None:
            with open(self.filename, "rb") as file:
                self.take(file.read())
        elif self.url is not None:
            from urllib.request import urlopen

            with urlopen(self.url) as response:
                self.take(response.read())

    def take(self, data: bytes) -> None:
        """Keeps what was read."""
        self.data = data if self.binary else data.decode("utf-8")

    def shown(self) -> Any:
        """What is sent as the mime type."""
        return self.data

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        data = {"text/plain": repr(self), self.mime: self.shown()} if self.mime else {}
        return data, {self.mime: self.metadata} if self.metadata else {}

    def __repr__(self) -> str:
        return f"<IPython.core.display.{type(self).__name__} object>"


class TextDisplayObject(DisplayObject):
    """Text of one mime type."""

    def __init__(self, data: Any = None, *others: Any, **options: Any) -> None:
        """As DisplayObject; the data must be a text."""
        super().__init__(data, *others, **options)
        if self.data is not None and not isinstance(self.data, str):
            raise TypeError(f"{type(self).__name__} expects text, not {self.data!r}")


class HTML(TextDisplayObject):
    """HTML."""

    mime = "text/html"

    def __html__(self) -> str:
        """For templates: it is HTML already."""
        return str(self.data)

    def _repr_html_(self) -> Any:
        return self.data


class Markdown(TextDisplayObject):
    """Markdown."""

    mime = "text/markdown"


class Latex(TextDisplayObject):
    """LaTeX, with its own dollars."""

    mime = "text/latex"


class Math(Latex):
    """A formula without dollars."""

    def shown(self) -> str:
        r"""With them: `$\displaystyle …$`."""
        formula = str(self.data).strip("$")
        return f"$\\displaystyle {formula}$"


class SVG(TextDisplayObject):
    """An SVG picture; what is in front of its element is left out."""

    mime = "image/svg+xml"

    def shown(self) -> str:
        """From `<svg` on."""
        text = str(self.data)
        return text[max(text.find("<svg"), 0) :]


class Pretty(TextDisplayObject):
    """Plain text."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return {"text/plain": self.data}, {}


class Code(TextDisplayObject):
    """Source code, as it is."""

    def __init__(self, data: Any = None, language: Optional[str] = None, **options: Any) -> None:
        """As DisplayObject, and the language's name."""
        super().__init__(data, **options)
        self.language = language or ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        markdown = f"```{self.language}\n{self.data}\n```"
        return {"text/plain": self.data, "text/markdown": markdown}, {}


class Javascript(TextDisplayObject):
    """JavaScript, where the client runs it."""

    mime = "application/javascript"


class JSON(DisplayObject):
    """A dict or list (or its text), as a tree that can be unfolded."""

    mime = "application/json"

    def __init__(
        self,
        data: Any = None,
        *others: Any,
        expanded: bool = False,
        root: str = "root",
        **options: Any,
    ) -> None:
        """As DisplayObject; whether it is unfolded, and what its root is called."""
        super().__init__(data, *others, **options)
        self.metadata = {"expanded": expanded, "root": root, **self.metadata}

    def shown(self) -> Any:
        """The value: a text is read."""
        import json

        return json.loads(self.data) if isinstance(self.data, str) else self.data


class Image(DisplayObject):
    """A PNG, JPEG, GIF or WebP picture, in the notebook, or an address that the client loads."""

    binary = True

    def __init__(
        self,
        data: Any = None,
        url: Optional[str] = None,
        filename: Any = None,
        format: Optional[str] = None,
        embed: Optional[bool] = None,
        width: Optional[int] = None,
        height: Optional[int] = None,
        **options: Any,
    ) -> None:
        """As DisplayObject; pixels; embed=True puts an address's picture into the notebook."""
        if filename is None and is_file(data):
            data, filename = None, data
        self.width = width
        self.height = height
        self.embed = embed if embed is not None else not (url or is_url(data))
        super().__init__(data, url, filename, **options)
        self.format = format or ""

    def reload(self) -> None:
        """Reads what is to be in the notebook."""
        if self.embed or self.url is None:
            super().reload()

    def kind(self) -> str:
        """The mime type, by the format's name or by the first bytes."""
        wanted = {"jpg": "jpeg"}.get(self.format.lower(), self.format.lower())
        for name, mime, begin in IMAGES:
            if wanted == name or (not wanted and self.data.startswith(begin)):
                return mime
        raise ValueError("Image: PNG, JPEG, GIF or WebP data is expected")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        sizes = {"width": self.width, "height": self.height}
        sizes = {name: size for name, size in sizes.items() if size is not None}
        if not self.embed:
            more = "".join(f' {name}="{escaped(size)}"' for name, size in sizes.items())
            html = f'<img src="{escaped(self.url)}"{more}/>'
            return {"text/plain": repr(self), "text/html": html}, {}
        mime = self.kind()
        notes = {**sizes, **self.metadata}
        return {"text/plain": repr(self), mime: self.data}, {mime: notes} if notes else {}


class Video(DisplayObject):
    """A film, by its address, or in the notebook with embed=True."""

    binary = True

    def __init__(
        self,
        data: Any = None,
        url: Optional[str] = None,
        filename: Any = None,
        embed: bool = False,
        mimetype: Optional[str] = None,
        width: Optional[int] = None,
        height: Optional[int] = None,
        html_attributes: str = "controls",
    ) -> None:
        """As DisplayObject; pixels; attributes of the element. Data must be embedded."""
        if isinstance(data, str) and not is_url(data):
            data, filename = None, data
        if isinstance(data, bytes) and not embed:
            raise ValueError("Video: data needs embed=True")
        self.embed = embed
        self.mimetype = mimetype
        self.attributes = f"{html_attributes}{sized(width, height)}"
        super().__init__(data, url, filename)

    def reload(self) -> None:
        """Reads what is to be in the notebook."""
        if self.embed:
            super().reload()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        source = self.url or self.filename
        if self.embed:
            source = address(self.data, self.mimetype or kind_of(source, "video/mp4"))
        html = f'<video src="{escaped(source)}" {self.attributes}></video>'
        return {"text/plain": repr(self), "text/html": html}, {}


class Audio(DisplayObject):
    """Sound: a file, an address, bytes of a sound file, or samples with their rate in hertz."""

    binary = True

    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        url: Optional[str] = None,
        embed: Optional[bool] = None,
        rate: Optional[int] = None,
        autoplay: bool = False,
        normalize: bool = True,
    ) -> None:
        """Samples: one row of numbers, or two or more of them, one for each channel."""
        if filename is None and isinstance(data, str) and not is_url(data):
            data, filename = None, data
        if data is not None and not isinstance(data, (str, bytes)):
            if rate is None:
                raise ValueError("Audio: samples need their rate, in hertz")
            data = sound_file(data, rate, normalize)
        self.embed = embed if embed is not None else not (url or is_url(data))
        self.autoplay = autoplay
        super().__init__(data, url, filename)

    def reload(self) -> None:
        """Reads what is to be in the notebook."""
        if self.embed:
            super().reload()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        mime = kind_of(self.filename or self.url, "audio/wav")
        source = address(self.data, mime) if self.embed else self.url
        play = ' autoplay="autoplay"' if self.autoplay else ""
        html = (
            f'<audio controls="controls"{play}><source src="{escaped(source)}" type="{mime}" />'
            "Your browser does not support the audio element.</audio>"
        )
        return {"text/plain": repr(self), "text/html": html}, {}


def sound_file(samples: Any, rate: int, normalize: bool) -> bytes:
    """A WAV file of 16-bit samples. normalize: the loudest is as loud as can be."""
    import io
    import wave
    from array import array

    rows = [list(row) for row in samples] if hasattr(samples[0], "__len__") else [list(samples)]
    loudest = max((abs(float(each)) for row in rows for each in row), default=0.0)
    if not normalize and loudest > 1:
        raise ValueError("Audio: samples must be between -1 and 1, or normalize=True")
    scale = 32767 / (loudest or 1.0) if normalize else 32767
    frames = array("h", (int(float(each) * scale) for frame in zip(*rows) for each in frame))
    if sys.byteorder == "big":
        frames.byteswap()
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(len(rows))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames.tobytes())
    return buffer.getvalue()


def kind_of(name: Optional[str], default: str) -> str:
    """The mime type of a file's name."""
    import mimetypes

    return (mimetypes.guess_type(name)[0] if name else None) or default


def sized(width: Any, height: Any) -> str:
    """Attributes of an element."""
    found = [("width", width), ("height", height)]
    return "".join(f' {name}="{escaped(size)}"' for name, size in found if size is not None)


class IFrame:
    """A page in the page; other options are its query."""

    def __init__(self, src: str, width: Any, height: Any, extras: Any = (), **query: Any) -> None:
        """Address, size, and more attributes of the element."""
        self.src = src
        self.width = width
        self.height = height
        self.extras = extras
        self.query = query

    def _repr_html_(self) -> str:
        source = str(self.src)
        if self.query:
            from urllib.parse import urlencode

            source += "?" + urlencode(self.query)
        more = "".join(" " + each for each in self.extras)
        size = sized(self.width, self.height)
        return (
            f'<iframe{size} src="{escaped(source)}" frameborder="0" allowfullscreen{more}></iframe>'
        )

    def __repr__(self) -> str:
        return f"<IPython.lib.display.{type(self).__name__} object>"


class YouTubeVideo(IFrame):
    """A film by its id."""

    def __init__(self, id: str, width: Any = 400, height: Any = 300, **query: Any) -> None:
        """As IFrame."""
        super().__init__(f"https://www.youtube.com/embed/{id}", width, height, **query)


class FileLink:
    """A link to a file beside the notebook."""

    def __init__(
        self,
        path: Any,
        url_prefix: str = "",
        result_html_prefix: str = "",
        result_html_suffix: str = "<br>",
    ) -> None:
        """The path, and what is written around it. ValueError: it is a directory."""
        import os

        self.path = str(path)
        if os.path.isdir(self.path):
            raise ValueError(f"FileLink: {self.path} is a directory")
        self.url_prefix = url_prefix
        self.around = (result_html_prefix, result_html_suffix)

    def _repr_html_(self) -> str:
        before, after = self.around
        target = escaped(self.url_prefix + self.path)
        return f"{before}<a href='{target}' target='_blank'>{escaped(self.path)}</a>{after}"

    def __repr__(self) -> str:
        import os

        return os.path.abspath(self.path)
