"""Audio and video. Source: IPython's documentation, IPython.display.Audio and Video."""

from _carme.display.objects import markup
from _carme.display.objects.base import DisplayObject, path_exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


class Video(DisplayObject):
    """A video: loaded by the client, or with embed=True embedded in the notebook."""

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
        """As DisplayObject. width, height: pixels; html_attributes: of the video element.

        ValueError: data without embed=True.
        """
        data = str(data) if hasattr(data, "__fspath__") else data
        if url is None and isinstance(data, str) and data.startswith(("http:", "https:")):
            data, url = None, data
        elif data is not None and path_exists(data):
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
        """Nothing: the file is read when the video is displayed."""

    def _repr_html_(self) -> str:
        width = markup.size_attribute("width", self.width)
        size = f"{width} {markup.size_attribute('height', self.height)}"
        if not self.embed:
            url = self.url if self.url is not None else self.filename
            return (
                f'<video src="{markup.escape(url or "")}" {self.html_attributes} {size}>\n'
                "      Your browser does not support the <code>video</code> element.\n"
                "    </video>"
            )
        mime = self.mimetype
        data = self.data
        if self.filename is not None:
            mime = mime or guess_mime_type(self.filename)
            with open(self.filename, "rb") as file:
                data = file.read()
        text = data if isinstance(data, str) else markup.to_base64(data)
        return (
            f"<video {self.html_attributes} {size}>\n"
            f' <source src="data:{mime};base64,{text}" type="{mime}">\n'
            " Your browser does not support the video tag.\n </video>"
        )


def guess_mime_type(name: str) -> Optional[str]:
    """The mime type by a file's extension, or None."""
    import mimetypes

    return mimetypes.guess_type(name)[0]


class Audio(DisplayObject):
    """Audio: a file, a URL, the bytes of an audio file, or samples and their rate in hertz."""

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
        """data: bytes, or samples; these are a list of numbers, or such a list for each channel."""
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
            from _carme.display.objects import wav

            self.data = wav.wav_file(data, rate, normalize)

    def reload(self) -> None:
        """Reads the data of embedded audio."""
        if self.embed:
            super().reload()
        name = self.filename if self.filename is not None else self.url
        self.mimetype = "audio/wav" if name is None else guess_mime_type(name)

    def _data_and_metadata(self) -> Any:
        return (self.data, {"url": self.url}) if self.url else self.data

    def _repr_html_(self) -> str:
        indent = "\n" + 16 * " "
        return (
            f'{indent}<audio {self.element_id_attr()} controls="controls" {self.autoplay_attr()}>'
            f'{indent}    <source src="{self.src_attr()}" type="{self.mimetype}" />'
            f"{indent}    Your browser does not support the audio element."
            f"{indent}</audio>\n              "
        )

    def src_attr(self) -> str:
        """The value of `src`: a data URL, or the URL."""
        if self.embed and self.data is not None:
            return f"data:{self.mimetype};base64,{markup.to_base64(self.data)}"
        return markup.escape(self.url) if self.url is not None else ""

    def autoplay_attr(self) -> str:
        """The attribute `autoplay`, or ""."""
        return 'autoplay="autoplay"' if self.autoplay else ""

    def element_id_attr(self) -> str:
        """The attribute `id`, or ""."""
        return f'id="{markup.escape(self.element_id)}"' if self.element_id else ""
