"""Web pages within the notebook. Source: IPython's documentation, IPython.display.IFrame."""

from _carme.display.objects import markup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


class LibDisplayObject:
    """Its repr is that of an object of IPython.lib.display."""

    def __repr__(self) -> str:
        return object.__repr__(self).replace(__name__ + ".", "IPython.lib.display.", 1)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self).replace(" object at ", " at ", 1))


class IFrame(LibDisplayObject):
    """A web page in an iframe element; other keyword arguments are the query of its URL."""

    def __init__(self, src: Any, width: Any, height: Any, extras: Any = None, **query: Any) -> None:
        """src: the URL; extras: further attributes of the element."""
        self.src = src
        self.width = width
        self.height = height
        self.extras = [] if extras is None else extras
        self.params = query

    def _repr_html_(self) -> str:
        from urllib.parse import urlencode

        query = "?" + urlencode(self.params) if self.params else ""
        indent = "\n" + 12 * " "
        extras = " ".join(self.extras)
        width, height = markup.escape(self.width), markup.escape(self.height)
        return (
            f'\n        <iframe{indent}width="{width}"{indent}height="{height}"'
            f'{indent}src="{markup.escape(self.src)}{query}"{indent}frameborder="0"{indent}allowfullscreen'
            f'{indent}referrerpolicy="strict-origin-when-cross-origin"{indent}{extras}'
            "\n        ></iframe>\n        "
        )


class YouTubeVideo(IFrame):
    """A YouTube video by its id."""

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
    """A Vimeo video by its id."""

    def __init__(self, id: Any, width: Any = 400, height: Any = 300, **query: Any) -> None:
        """As IFrame."""
        super().__init__(f"https://player.vimeo.com/video/{id}", width, height, **query)


class ScribdDocument(IFrame):
    """A Scribd document by its id; start_page and view_mode are parameters of its query."""

    def __init__(self, id: Any, width: Any = 400, height: Any = 300, **query: Any) -> None:
        """As IFrame."""
        super().__init__(f"https://www.scribd.com/embeds/{id}/content", width, height, **query)
