"""Which matplotlib backend cells use.

Source: matplotlib's documentation, "Backends".
"""

import sys

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

INLINE = "module://_carme.display.figures.inline"
IPYTHON_INLINE = "module://matplotlib_inline.backend_inline"


def select_backend() -> None:
    """Called when a cell has imported matplotlib: selects the inline backend, unless configured."""
    import os

    from _carme.display import formatters

    formatters.display_formatter.bundles["matplotlib.figure", "Figure"] = bundle
    library: Any = sys.modules["matplotlib"]
    if not os.environ.get("MPLBACKEND") and not is_configured(library):
        library.use(inline_backend())
        library.interactive(True)
    _carme.watcher.after(IPYTHON_INLINE[len("module://") :], follow_takeover)
    _carme.watcher.after("matplotlib.backends.backend_webagg_core", lock_webagg)


def lock_webagg() -> None:
    """Called when the WebAgg backends are imported: subshells may redraw their figures."""
    from _carme.display.figures import webagg

    webagg.install()


def follow_takeover() -> None:
    """Called when matplotlib_inline's backend has been imported.

    Its import may be what has imported IPython: the takeover has then met an incomplete module.
    """
    from _carme.session.state import State

    if State.ipython is not None:
        State.ipython.adopt_figures()


def inline_backend() -> str:
    """matplotlib_inline's with IPython's shell, which configures it; else Carme's own."""
    from importlib.util import find_spec

    from _carme.session.state import State

    if State.ipython is not None and find_spec("matplotlib_inline") is not None:
        return IPYTHON_INLINE
    return INLINE


def is_configured(library: Any) -> bool:
    """Whether a matplotlibrc file names a backend. rcParams["backend"] itself would select one."""
    backend = dict.__getitem__(library.rcParams, "backend")
    return isinstance(backend, str)


def is_inline() -> bool:
    """Whether _carme.display.figures.inline is the backend."""
    library: Any = sys.modules["matplotlib"]
    return bool(dict.__getitem__(library.rcParams, "backend") == INLINE)


def bundle(figure: Any) -> Tuple[Any, Any]:
    """(data, metadata) of a figure in the configured formats."""
    from _carme.display.figures import inline

    return inline.bundle(figure)
