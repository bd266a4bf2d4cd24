"""The event loops of GUI toolkits, for %gui: they run between cells and while a cell awaits."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

# the modules of this package by IPython's names of toolkits
TOOLKITS = {
    "gtk": "gtk",
    "gtk3": "gtk",
    "gtk4": "gtk",
    "qt": "qt",
    "qt5": "qt",
    "qt6": "qt",
    "tk": "tk",
    "wx": "wx",
}
# names for which asyncio's loop is enough
NO_TOOLKIT = ("", "none", "asyncio", "inline", "nbagg", "webagg", "notebook", "ipympl", "widget")


def enable(name: Optional[str]) -> None:
    """`%gui name`; None: no toolkit.

    ValueError: unknown name. ImportError: it is not installed. RuntimeError: it can not be used.
    """
    if name is None or name in NO_TOOLKIT:
        loaded: Any = sys.modules.get("_carme.gui.event_loop")
        if loaded is not None:
            loaded.disable()
        return
    if name not in TOOLKITS:
        valid = ", ".join(sorted(TOOLKITS))
        raise ValueError(f"Invalid GUI request {name!r}, valid ones are: {valid}")
    if sys.platform == "emscripten":
        raise RuntimeError("a browser's worker has no windows: %matplotlib inline or widget")
    from _carme.gui import event_loop

    event_loop.enable(name, TOOLKITS[name])
