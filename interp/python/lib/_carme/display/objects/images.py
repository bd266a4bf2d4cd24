"""Images. Source: IPython's documentation, IPython.display.Image."""

import os

from _carme.display.objects import image_headers, markup
from _carme.display.objects.base import DisplayObject, path_exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

FORMATS = ("png", "jpeg", "gif", "webp")


class Image(DisplayObject):
    """A PNG, JPEG, GIF or WebP image: embedded in the notebook, or loaded by the client."""

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
        """As DisplayObject. width, height: pixels; embed: whether the image of `url` is embedded.

        ValueError: no argument says which image, or a notebook cannot embed its format.
        """
        data = str(data) if hasattr(data, "__fspath__") else data
        self.format = infer_format(format, data, url, filename)
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
            self._set_retina_size()

    def _set_retina_size(self) -> None:
        """Half of the image's size: as many pixels as a display with a factor of 2 has."""
        if self.embed:
            width, height = image_headers.read_size(self.format, self.data)
            self.width, self.height = width // 2, height // 2

    def reload(self) -> None:
        """Reads the data of an embedded image."""
        if self.embed:
            super().reload()
            if self.retina:
                self._set_retina_size()

    def _repr_html_(self) -> Optional[str]:
        if self.embed:
            return None
        width = markup.size_attribute("width", self.width)
        height = markup.size_attribute("height", self.height)
        css_class = ' class="unconfined"' if self.unconfined else ""
        alt = f' alt="{markup.escape(self.alt)}"' if self.alt else ""
        url = self.url if self.url is not None else self.filename
        return f'<img src="{markup.escape(url or "")}"{width}{height}{css_class}{alt}/>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        if not self.embed:
            return {"text/html": self._repr_html_()}
        mime = "image/" + self.format
        data, metadata = self._data_and_metadata(always_both=True)
        return {mime: data}, {mime: metadata} if metadata else metadata

    def _data_and_metadata(self, always_both: bool = False) -> Any:
        try:
            data = markup.to_base64(self.data)
        except TypeError as error:
            raise FileNotFoundError(f"No such file or directory: '{self.data}'") from error
        names = ("width", "height", "unconfined", "alt")
        own = {name: getattr(self, name) for name in names if getattr(self, name)}
        metadata = {**(self.metadata or {}), **own}
        return (data, metadata) if metadata or always_both else data

    def _repr_png_(self) -> Any:
        return self._data_and_metadata() if self.embed and self.format == "png" else None

    def _repr_jpeg_(self) -> Any:
        return self._data_and_metadata() if self.embed and self.format == "jpeg" else None


def infer_format(form: Optional[str], data: Any, url: Any, filename: Any) -> str:
    """The format: `form`, or else the extension of a file or URL, or else by the first bytes."""
    name = filename if filename is not None else url
    if name is None and data is None:
        raise ValueError("No image data found. Expecting filename, url, or data.")
    if name is None and isinstance(data, str) and (data.startswith("http") or path_exists(data)):
        name = data
    if form is None and name is not None:
        base, extension = os.path.splitext(name)
        form = extension[1:] or base
    if form is None:
        form = image_headers.detect_format(data) if isinstance(data, bytes) else "png"
    return {"jpg": "jpeg"}.get(form.lower(), form.lower())
