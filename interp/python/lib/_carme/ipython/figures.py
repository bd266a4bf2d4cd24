"""matplotlib's backend after the takeover: matplotlib_inline.

Source: matplotlib_inline's backend_inline.py and config.py.
"""

import sys

from _carme.display.figures import selection
from _carme.session import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def adopt_figures(shell: Any) -> None:
    """Switches to matplotlib_inline, which IPython's magics and widgets expect."""
    from importlib.util import find_spec

    if not selection.is_inline() or find_spec("matplotlib_inline") is None:
        return
    from matplotlib_inline.config import InlineBackend

    inline = InlineBackend.instance(parent=shell)
    for name, value in vars(settings.inline).items():
        setattr(inline, name, value)
    if "matplotlib.pyplot" not in sys.modules:
        sys.modules["matplotlib"].use(selection.IPYTHON_INLINE)
    elif not is_partially_initialized(sys.modules.get("matplotlib_inline.backend_inline")):
        from IPython.core.pylabtools import activate_matplotlib
        from matplotlib_inline.backend_inline import configure_inline_support

        activate_matplotlib(selection.IPYTHON_INLINE)
        configure_inline_support(shell, selection.IPYTHON_INLINE)


def is_partially_initialized(module: Any) -> bool:
    """Whether it is being imported: selection.follow_takeover() is called once it is complete."""
    return module is not None and not hasattr(module, "configure_inline_support")
