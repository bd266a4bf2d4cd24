"""matplotlib in a notebook: which backend it takes, and how its figures are shown.

Source: matplotlib's documentation, "Backends".
"""

import sys

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

INLINE = "module://_carme.display.inline"
WITH_IPYTHON = "module://matplotlib_inline.backend_inline"


def adopt() -> None:
    """A cell imports matplotlib: figures go to the cell, unless the user says otherwise."""
    import os

    from _carme.display import formatters

    formatters.the.bundles["matplotlib.figure", "Figure"] = bundle
    library: Any = sys.modules["matplotlib"]
    if not os.environ.get("MPLBACKEND") and is_undecided(library):
        library.use(chosen())
        library.interactive(True)
    _carme.watcher.after(WITH_IPYTHON[len("module://") :], finish_taking_over)
    _carme.watcher.after("matplotlib.backends.backend_webagg_core", adopt_canvases)


def adopt_canvases() -> None:
    """Canvases may be redrawn by subshells from here on."""
    from _carme.display import canvases

    canvases.install()


def finish_taking_over() -> None:
    """IPython's backend is imported; it may be what has brought IPython, half of itself then."""
    from _carme.session.state import State

    if State.ipython is not None:
        State.ipython.adopt_figures()


def chosen() -> str:
    """The backend for figures in cells: IPython's with its shell, which knows its formats."""
    from importlib.util import find_spec

    from _carme.session.state import State

    if State.ipython is not None and find_spec("matplotlib_inline") is not None:
        return WITH_IPYTHON
    return INLINE


def is_undecided(library: Any) -> bool:
    """Whether no file of settings names a backend."""
    backend = dict.__getitem__(library.rcParams, "backend")
    return not isinstance(backend, str)


def is_ours() -> bool:
    """Whether figures are shown by _carme.display.inline."""
    library: Any = sys.modules["matplotlib"]
    return bool(dict.__getitem__(library.rcParams, "backend") == INLINE)


def bundle(figure: Any) -> Tuple[Any, Any]:
    """A figure's picture in the chosen formats."""
    from _carme.display import inline

    return inline.bundle(figure)
