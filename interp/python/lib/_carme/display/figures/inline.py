"""matplotlib's inline backend: figures are displayed by the cell that has made them.

Selected by selection.py. Source: matplotlib's documentation, "Writing a backend"; matplotlib_inline
for when figures are displayed.
"""

import io

from matplotlib import is_interactive
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from _carme.display import display_functions
from _carme.session import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

# by the name in InlineBackend.figure_formats: mime type, matplotlib's format, factor of the dpi
FORMATS = {
    "png": ("image/png", "png", 1),
    "retina": ("image/png", "png", 2),
    "png2x": ("image/png", "png", 2),
    "jpeg": ("image/jpeg", "jpeg", 1),
    "jpg": ("image/jpeg", "jpeg", 1),
    "svg": ("image/svg+xml", "svg", 1),
    "pdf": ("application/pdf", "pdf", 1),
}


class NewFigures:
    """The figures that the running cell has made."""

    figures: List[Any] = []


class FigureCanvas(FigureCanvasAgg):  # type: ignore[misc]
    """Draws to a buffer, without a window."""

    manager_class = FigureManagerBase


FigureManager = FigureManagerBase


def new_figure_manager(number: int, *args: Any, FigureClass: Any = None, **options: Any) -> Any:
    """A figure for pyplot, in matplotlib before 3.6."""
    from matplotlib.figure import Figure

    return new_figure_manager_given_figure(number, (FigureClass or Figure)(*args, **options))


def new_figure_manager_given_figure(number: int, figure: Any) -> Any:
    """The same for an existing figure. After plt.ioff(), only show() displays it."""
    if is_interactive():
        NewFigures.figures.append(figure)
    return FigureManagerBase(FigureCanvas(figure), number)


def show(*args: object, **options: object) -> None:
    """plt.show(): displays the open figures of this backend, and closes them."""
    NewFigures.figures = []
    for manager in Gcf.get_all_fig_managers():
        if isinstance(manager.canvas, FigureCanvas):
            display_functions.display(manager.canvas.figure)
            if settings.inline.close_figures:
                Gcf.destroy(manager)


def flush() -> None:
    """Called at the end of a cell: displays the figures that it has made."""
    if not NewFigures.figures:
        return
    if settings.inline.close_figures:
        show()
        return
    figures, NewFigures.figures = NewFigures.figures, []
    for manager in Gcf.get_all_fig_managers():
        if any(manager.canvas.figure is each for each in figures):
            display_functions.display(manager.canvas.figure)


def bundle(figure: Any) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """(data, metadata) of a figure in the configured formats; both empty for an empty figure."""
    data: Dict[str, Any] = {}
    metadata: Dict[str, Any] = {}
    if not (figure.axes or figure.lines or figure.texts or figure.patches or figure.images):
        return data, metadata
    for name in sorted(settings.inline.figure_formats):
        mime, form, factor = FORMATS[name]
        data[mime] = render(figure, form, factor)
        if factor > 1:
            width, height = png_size(data[mime])
            metadata[mime] = {"width": width // factor, "height": height // factor}
    return data, metadata


def render(figure: Any, form: str, factor: int) -> Any:
    """The figure in a format: bytes, or str for SVG."""
    out = io.BytesIO()
    options = {
        "format": form,
        "facecolor": figure.get_facecolor(),
        "edgecolor": figure.get_edgecolor(),
        "dpi": figure.dpi * factor,
        **settings.inline.print_figure_kwargs,
    }
    if figure.canvas is None:
        FigureCanvas(figure)
    figure.canvas.print_figure(out, **options)
    data = out.getvalue()
    return data.decode("utf-8") if form == "svg" else data


def png_size(data: bytes) -> Tuple[int, int]:
    """Width and height in pixels, from the IHDR chunk."""
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    return width, height
