"""%matplotlib.

Source: IPython's documentation, IPython.core.magics.pylab; matplotlib's, "Backends".
"""

from _carme import shell
from _carme.figures import INLINE
from _carme.magics import options
from _carme.magics.table import UsageError, show

BACKENDS = {
    "inline": INLINE,
    "widget": "module://ipympl.backend_nbagg",
    "ipympl": "module://ipympl.backend_nbagg",
    "notebook": "nbagg",
    "nbagg": "nbagg",
    "agg": "agg",
    "svg": "svg",
    "pdf": "pdf",
    "ps": "ps",
    "cairo": "cairo",
}


def matplotlib(line: str) -> None:
    """Where figures are shown: inline, widget, agg, or any backend's name; --list tells them."""
    found, name = options.take(line, "l", ("list",))
    if found:
        show("Available matplotlib backends: " + ", ".join(sorted(BACKENDS)))
        return
    use(name.strip("\"'") or "inline")


def use(name: str) -> None:
    """Chooses the backend, now and for figures to come."""
    import matplotlib as library

    backend = BACKENDS.get(name.lower(), name)
    try:
        library.use(backend, force=True)
    except (ImportError, ValueError) as error:
        raise UsageError(f"%matplotlib {name}: {error}") from None
    if backend == INLINE:
        from _carme import settings

        library.rcParams.update(settings.inline.rc)


def pylab(line: str) -> None:
    """%matplotlib, and numpy and pyplot under the names that they have in tutorials."""
    matplotlib(line)
    import matplotlib.pyplot as plt
    import numpy

    shell.namespace.update(np=numpy, numpy=numpy, plt=plt, pyplot=plt)
    show("Populating the interactive namespace from numpy and matplotlib")
