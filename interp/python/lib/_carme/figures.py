"""matplotlib in a notebook: which backend it takes, and how its figures are shown.

Source: matplotlib's documentation, "Backends".
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

INLINE = "module://_carme.plots"


def adopt() -> None:
    """A cell imports matplotlib: figures go to the cell, unless the user says otherwise."""
    import os

    from _carme import formatters

    formatters.the.bundles["matplotlib.figure", "Figure"] = bundle
    library: Any = sys.modules["matplotlib"]
    if not os.environ.get("MPLBACKEND") and is_undecided(library):
        library.use(INLINE)


def is_undecided(library: Any) -> bool:
    """Whether no file of settings names a backend."""
    backend = dict.__getitem__(library.rcParams, "backend")
    return not isinstance(backend, str)


def bundle(figure: Any) -> Tuple[Any, Any]:
    """A figure's picture in the chosen formats."""
    from _carme import plots

    return plots.bundle(figure)
