"""%load_ext, %reload_ext, %unload_ext, %autoreload, %aimport.

Source: IPython's documentation, "IPython extensions" and "autoreload".
"""

import sys

from _carme import shell
from _carme.magics.table import UsageError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# extensions that this shell has itself
OWN = frozenset(("autoreload", "storemagic"))
loaded: Any = set()


def load_ext(line: str) -> None:
    """Imports a module and calls its load_ipython_extension()."""
    name = named(line, "load_ext")
    if name in OWN or name in loaded:
        if name in loaded:
            show(
                f"The {name} extension is already loaded. To reload it, use:\n  %reload_ext {name}"
            )
        loaded.add(name)
        return
    module = imported(name)
    call(module, "load_ipython_extension", name)
    loaded.add(name)


def reload_ext(line: str) -> None:
    """Loads a changed extension anew."""
    from importlib import reload

    name = named(line, "reload_ext")
    if name in OWN:
        return
    if name in loaded:
        unload_ext(name)
        reload(sys.modules[name])
    load_ext(name)


def unload_ext(line: str) -> None:
    """Calls the extension's unload_ipython_extension()."""
    name = named(line, "unload_ext")
    if name not in loaded:
        raise UsageError(f"The {name} extension is not loaded.")
    loaded.discard(name)
    unload = getattr(sys.modules.get(name), "unload_ipython_extension", None)
    if unload is not None:
        unload(shell.get_ipython())


def named(line: str, magic: str) -> str:
    """The extension's name."""
    if not line.strip():
        raise UsageError(f"%{magic}: which extension?")
    return line.strip()


def imported(name: str) -> Any:
    """The extension's module."""
    from importlib import import_module

    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            raise UsageError(f"%load_ext: there is no module {name!r}") from None
        raise


def call(module: Any, function: str, name: str) -> None:
    """What an extension does at its load."""
    load = getattr(module, function, None)
    if load is None:
        raise UsageError(f"The {name} module is not an IPython extension: it has no {function}().")
    load(shell.get_ipython())


def autoreload(line: str) -> None:
    """Reloads changed modules before each cell: 0 or off, 1 (those of %aimport), 2 (all), now."""
    from _carme import reloading

    word = line.split()[0].lower() if line.split() else "now"
    modes = {"0": 0, "off": 0, "1": 1, "explicit": 1, "2": 2, "all": 2, "3": 2, "complete": 2}
    if word == "now":
        reloading.check(force=True)
    elif word in modes:
        reloading.set_mode(modes[word])
    else:
        raise UsageError(f"%autoreload: {word!r} is none of now, off, explicit, all, complete")


def aimport(line: str) -> None:
    """Modules for `%autoreload 1`: imports them; `-name` leaves one alone in the other modes."""
    from _carme import reloading

    names = [name.strip() for name in line.replace(",", " ").split()]
    if not names:
        show("Modules to reload:\n" + " ".join(sorted(reloading.Chosen.wanted) or ["all"]))
        show("\nModules to skip:\n" + " ".join(sorted(reloading.Chosen.left)))
        return
    for name in names:
        if name.startswith("-"):
            reloading.Chosen.left.add(name[1:])
        else:
            reloading.Chosen.wanted.add(name)
            module = imported(name)
            shell.namespace[name.partition(".")[0]] = sys.modules[name.partition(".")[0]]
            reloading.note(module)
