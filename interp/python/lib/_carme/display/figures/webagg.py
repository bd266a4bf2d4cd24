"""Figures whose canvases hear comm messages: a subshell redraws them while a cell draws.

matplotlib is not made for two threads: its text parser mixes both, and what one takes away from a
figure the other draws. What draws, and what takes away, is one thread's at a time here. Loaded with
the module matplotlib.backends.backend_webagg_core, which ipympl's canvas and nbagg's are made of.
Source: matplotlib's documentation, "Working with threads"; JEP 91, "Kernel subshells".
"""

import posix
import sys
import time
from _thread import RLock, get_ident
from functools import wraps
from importlib import import_module

from _carme.session.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple

    Function = Callable[..., Any]

# by the module that has them
DRAWS: Dict[str, Tuple[str, ...]] = {
    "matplotlib.artist": ("Artist.remove",),
    "matplotlib.axes._base": ("_AxesBase.clear", "_AxesBase.cla"),
    "matplotlib.backends.backend_agg": (
        "FigureCanvasAgg.draw",
        "FigureCanvasAgg.print_png",
        "FigureCanvasAgg.print_to_buffer",
    ),
    "matplotlib.backends.backend_webagg_core": ("FigureCanvasWebAggCore.draw",),
    "matplotlib.figure": (
        "Figure.clear",
        "Figure.draw",
        "Figure.savefig",
        "Figure.tight_layout",
        "FigureBase.add_subplot",
        "FigureBase.clear",
        "FigureBase.clf",
    ),
    "matplotlib.mathtext": ("MathTextParser.parse",),
}
REDRAWS = frozenset({"draw", "refresh", "resize"})
TRIES = 40
PAUSE_SECONDS = 0.05


class Drawing:
    """Who draws."""

    lock = RLock()

    @classmethod
    def begin_anew(cls) -> None:
        """In a forked process: the thread that draws may not be there."""
        cls.lock = RLock()


def install() -> None:
    """The module has just been imported."""
    for module, names in DRAWS.items():
        loaded: Any = import_module(module)
        for name in names:
            kind, _, method = name.partition(".")
            found = getattr(loaded, kind).__dict__.get(method)
            if found is not None:
                setattr(getattr(loaded, kind), method, alone(found))
    manager: Any = sys.modules["matplotlib.backends.backend_webagg_core"].FigureManagerWebAgg
    manager.handle_json = heard(manager.handle_json)
    if hasattr(posix, "register_at_fork"):  # a browser's Python may have none
        posix.register_at_fork(after_in_child=Drawing.begin_anew)


def alone(original: Function) -> Function:
    """As the original, while no other thread is in one of these."""

    @wraps(original)
    def call(*args: Any, **options: Any) -> Any:
        with Drawing.lock:
            return original(*args, **options)

    return call


def heard(original: Function) -> Function:
    """As the original method for a message; one that asks for a picture is heard again on errors.

    A cell in another thread may be half way through a change of the figure.
    """

    @wraps(original)
    def handle_json(self: Any, content: Any) -> None:
        is_patient = get_ident() != State.main_thread and content.get("type") in REDRAWS
        for left in reversed(range(TRIES if is_patient else 1)):
            try:
                with Drawing.lock:
                    original(self, content)
                return
            except Exception:
                if not left:
                    raise
            time.sleep(PAUSE_SECONDS)

    return handle_json
