"""A lock for drawing figures of the WebAgg backends: ipympl, nbagg.

Their canvases redraw when a comm message arrives, which may be in a subshell's thread while a cell
draws. matplotlib is not thread-safe: its text parser has one state, and an artist may be removed
while it is drawn. Loaded when matplotlib.backends.backend_webagg_core has been imported.
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

# the methods that draw, or remove what is drawn; by module
LOCKED_METHODS: Dict[str, Tuple[str, ...]] = {
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
REDRAW_MESSAGES = frozenset({"draw", "refresh", "resize"})
TRIES = 40
PAUSE_SECONDS = 0.05


class Drawing:
    """The lock of the thread that draws."""

    lock = RLock()

    @classmethod
    def reset_lock(cls) -> None:
        """Called in a forked process, which lacks the thread that may hold the lock."""
        cls.lock = RLock()


def install() -> None:
    """Called when the module has been imported: makes the methods take the lock."""
    for module, names in LOCKED_METHODS.items():
        loaded: Any = import_module(module)
        for name in names:
            kind, _, method = name.partition(".")
            found = getattr(loaded, kind).__dict__.get(method)
            if found is not None:
                setattr(getattr(loaded, kind), method, locked(found))
    manager: Any = sys.modules["matplotlib.backends.backend_webagg_core"].FigureManagerWebAgg
    manager.handle_json = with_retries(manager.handle_json)
    if hasattr(posix, "register_at_fork"):  # not in every browser's Python
        posix.register_at_fork(after_in_child=Drawing.reset_lock)


def locked(original: Function) -> Function:
    """The original function, called with the lock."""

    @wraps(original)
    def call(*args: Any, **options: Any) -> Any:
        with Drawing.lock:
            return original(*args, **options)

    return call


def with_retries(original: Function) -> Function:
    """handle_json() that repeats a redraw that raises, if it is called in a subshell.

    The main thread's cell may be in the middle of a change of the figure.
    """

    @wraps(original)
    def handle_json(self: Any, content: Any) -> None:
        can_repeat = get_ident() != State.main_thread and content.get("type") in REDRAW_MESSAGES
        for left in reversed(range(TRIES if can_repeat else 1)):
            try:
                with Drawing.lock:
                    original(self, content)
                return
            except Exception:
                if not left:
                    raise
            time.sleep(PAUSE_SECONDS)

    return handle_json
