"""%matplotlib, %gui.

Source: IPython's documentation, IPython.core.magics.pylab; matplotlib's, "Backends".
"""

from _carme import shell
from _carme.figures import INLINE
from _carme.magics import options
from _carme.magics.table import UsageError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WIDGET = "module://ipympl.backend_nbagg"
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
    """Where figures are shown: inline, widget, agg, or any backend's name; --list tells them."""
    found, name = options.take(line, "l", ("list",))
    if found:
        show("Available matplotlib backends: " + ", ".join(sorted(BACKENDS)))
        return
    name = name.strip("\"'") or "inline"
    is_ipythons = BACKENDS.get(name.lower()) == WIDGET or has_windows(name)
    made = ipython() if is_ipythons else None
    if made is not None:
        made.run_line_magic("matplotlib", name)
    else:
        use(name)


def has_windows(name: str) -> bool:
    """Whether it is a toolkit's name."""
    from _carme.gui import choice

    return name.lower() in choice.TOOLKITS


def gui(line: str) -> None:
    """`%gui NAME`: the toolkit whose windows live between cells; `%gui`: none."""
    from _carme.gui import choice

    try:
        choice.enable(line.strip() or None)
    except (ImportError, RuntimeError, ValueError) as error:
        raise UsageError(str(error)) from None


def ipython() -> Any:
    """IPython's shell, without whose events and magic ipympl shows nothing; None: there is none."""
    from _carme.ipython import adoption

    return adoption.adopt()


def use(name: str) -> None:
    """Chooses the backend, now and for figures to come."""
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
        from _carme import settings

        library.interactive(True)
        library.rcParams.update(settings.inline.rc)


def pylab(line: str) -> None:
    """%matplotlib, and numpy and pyplot under the names that they have in tutorials."""
    matplotlib(line)
    import matplotlib.pyplot as plt
    import numpy

    shell.namespace.update(np=numpy, numpy=numpy, plt=plt, pyplot=plt)
    show("Populating the interactive namespace from numpy and matplotlib")
