"""Objects of JSON data. Source: IPython's documentation, IPython.display."""

from _carme.display import display_functions
from _carme.display.objects.base import DisplayObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional


class JSON(DisplayObject):
    """A dict or list, displayed as a tree."""

    _data: Any = None

    def __init__(
        self,
        data: Any = None,
        url: Any = None,
        filename: Any = None,
        expanded: bool = False,
        metadata: Optional[Dict[str, Any]] = None,
        root: str = "root",
        **others: Any,
    ) -> None:
        """As DisplayObject. expanded, root (its label) and other arguments are metadata."""
        self.metadata = {"expanded": expanded, "root": root, **(metadata or {}), **others}
        super().__init__(data, url, filename)

    def _check_data(self) -> None:
        if self.data is not None and not isinstance(self.data, (dict, list)):
            name = type(self).__name__
            raise TypeError(f"{name} expects JSONable dict or list, not {self.data!r}")

    @property
    def data(self) -> Any:
        """The value; a str that is set is parsed."""
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
    """A map; url_template and layer_options, the tiles of its background, are metadata."""

    def _ipython_display_(self) -> None:
        mime = "application/geo+json"
        bundle = {mime: self.data, "text/plain": "<IPython.display.GeoJSON object>"}
        display_functions.display(bundle, metadata={mime: self.metadata}, raw=True)
