"""matplotlib's backend for notebooks: figures appear in the cell that has made them.

`matplotlib` chooses it when a cell imports it and nothing else was asked for.
Source: matplotlib's documentation, "Writing a backend"; matplotlib_inline's for what users expect.
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

# by the name of the format: mime type, matplotlib's format, factor of the resolution
FORMATS = {
    "png": ("image/png", "png", 1),
    "retina": ("image/png", "png", 2),
    "png2x": ("image/png", "png", 2),
    "jpeg": ("image/jpeg", "jpeg", 1),
    "jpg": ("image/jpeg", "jpeg", 1),
    "svg": ("image/svg+xml", "svg", 1),
    "pdf": ("application/pdf", "pdf", 1),
}


class Drawn:
    """What the cell that runs has begun."""

    figures: List[Any] = []


class FigureCanvas(FigureCanvasAgg):  # type: ignore[misc]
    """As for files: there is no window."""

    manager_class = FigureManagerBase


FigureManager = FigureManagerBase


def new_figure_manager(number: int, *args: Any, FigureClass: Any = None, **given: Any) -> Any:
    """Makes a figure for pyplot, in matplotlib before 3.6."""
    from matplotlib.figure import Figure

    return new_figure_manager_given_figure(number, (FigureClass or Figure)(*args, **given))


def new_figure_manager_given_figure(number: int, figure: Any) -> Any:
    """As above, for a figure that there is; made while plt.ioff() holds, it waits for show()."""
    if is_interactive():
        Drawn.figures.append(figure)
    return FigureManagerBase(FigureCanvas(figure), number)


def show(*args: object, **options: object) -> None:
    """plt.show(): shows the open figures of this module's, and closes them."""
    Drawn.figures = []
    for manager in Gcf.get_all_fig_managers():
        if isinstance(manager.canvas, FigureCanvas):
            display_functions.display(manager.canvas.figure)
            if settings.inline.close_figures:
                Gcf.destroy(manager)


def flush() -> None:
    """A cell has ended: shows what it has drawn."""
    if not Drawn.figures:
        return
    if settings.inline.close_figures:
        show()
        return
    drawn_here, Drawn.figures = Drawn.figures, []
    for manager in Gcf.get_all_fig_managers():
        if any(manager.canvas.figure is each for each in drawn_here):
            display_functions.display(manager.canvas.figure)


def bundle(figure: Any) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """(data, metadata) of a figure in the chosen formats; nothing for an empty one."""
    data: Dict[str, Any] = {}
    metadata: Dict[str, Any] = {}
    if not (figure.axes or figure.lines or figure.texts or figure.patches or figure.images):
        return data, metadata
    for name in sorted(settings.inline.figure_formats):
        mime, form, factor = FORMATS[name]
        data[mime] = drawn(figure, form, factor)
        if factor > 1:
            width, height = png_size(data[mime])
            metadata[mime] = {"width": width // factor, "height": height // factor}
    return data, metadata


def drawn(figure: Any, form: str, factor: int) -> Any:
    """The figure as a file's content: bytes, or str for SVG."""
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
    made = out.getvalue()
    return made.decode("utf-8") if form == "svg" else made


def png_size(data: bytes) -> Tuple[int, int]:
    """Width and height in pixels; PNG's first block has them."""
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    return width, height
