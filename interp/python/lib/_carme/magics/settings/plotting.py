"""%matplotlib, %gui.

Source: IPython's documentation, IPython.core.magics.pylab; matplotlib's, "Backends".
"""

from _carme import gui as windows
from _carme.display.figures.selection import INLINE
from _carme.errors.usage import UsageError
from _carme.magics import options
from _carme.magics.function import show
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

WIDGET = "module://ipympl.backend_nbagg"
PYLAB = """
import numpy, matplotlib
from matplotlib import pylab, mlab, pyplot
np, plt = numpy, pyplot
"""
BACKENDS = {
    "inline": INLINE,
    "widget": WIDGET,
    "ipympl": WIDGET,
    "notebook": "nbagg",
    "nbagg": "nbagg",
    "agg": "agg",
    "svg": "svg",
    "pdf": "pdf",
    "ps": "ps",
    "cairo": "cairo",
    "gtk": "gtk3agg",
    "gtk3": "gtk3agg",
    "gtk4": "gtk4agg",
    "qt": "qtagg",
    "qt5": "qt5agg",
    "qt6": "qtagg",
    "tk": "tkagg",
    "wx": "wxagg",
}


def matplotlib(line: str) -> None:
    """Sets matplotlib's backend: inline, widget, agg, or any other name; --list: lists them."""
    found, name = options.take(line, "l", ("list",))
    if found:
        show(f"Available matplotlib backends: {sorted(BACKENDS)}")
        return
    use(name.strip("\"'") or "inline")
    if not name:
        import matplotlib as library

        show(f"Using matplotlib backend: {library.get_backend()}")


def has_windows(name: str) -> bool:
    """Whether the backend needs a GUI toolkit."""
    return name.lower() in windows.TOOLKITS


def gui(line: str) -> None:
    """Runs the event loop of a GUI toolkit between cells; without a name, none."""
    try:
        windows.enable(line.strip() or None)
    except (ImportError, RuntimeError, ValueError) as error:
        raise UsageError(str(error)) from None


def use(name: str) -> None:
    """Selects the backend."""
    import matplotlib as library

    backend = BACKENDS.get(name.lower(), name)
    if has_windows(name):
        gui(name.lower())
        library.interactive(True)
    try:
        library.use(backend, force=True)
    except (ImportError, ValueError) as error:
        raise UsageError(f"%matplotlib {name}: {error}") from None
    if backend == INLINE:
        from _carme.session import settings

        library.interactive(True)
        library.rcParams.update(settings.inline.rc)


def pylab(line: str) -> None:
    """As %matplotlib; also imports all names of numpy and pylab.

    --no-import-all: imports only numpy, matplotlib, pylab, mlab, pyplot, np and plt.
    """
    words = options.words(line)
    flags = [word for word in words if word.startswith("-")]
    if flags not in ([], ["--no-import-all"]):
        raise UsageError(f"%pylab: unrecognized arguments: {' '.join(flags)}")
    matplotlib(" ".join(word for word in words if word not in flags))
    found: Dict[str, Any] = {}
    exec(PYLAB, found)
    if not flags:
        exec("from matplotlib.pylab import *\nfrom numpy import *", found)
    del found["__builtins__"]
    state.namespace.update(found)
    show("%pylab is deprecated, use %matplotlib inline and import the required libraries.")
    show("Populating the interactive namespace from numpy and matplotlib")
