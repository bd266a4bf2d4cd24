"""%load_ext, %reload_ext, %unload_ext, %autoreload, %aimport.

Source: IPython's documentation, "IPython extensions" and "autoreload".
"""

import sys

from _carme.errors.usage import UsageError
from _carme.magics import options
from _carme.magics.function import show
from _carme.session import current, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Set, Tuple

OWN = frozenset(("autoreload",))  # extensions that this package has
loaded: Any = set()


def load_ext(line: str) -> None:
    """Imports a module and calls its load_ipython_extension()."""
    name = named(line)
    if name in OWN or name in loaded:
        if name in loaded:
            show(
                f"The {name} extension is already loaded. To reload it, use:\n  %reload_ext {name}"
            )
        loaded.add(name)
        if name == "autoreload":
            from _carme.reload import autoreload

            autoreload.start()
        return
    load = getattr(imported(name), "load_ipython_extension", None)
    if load is None:
        show(f"The {name} module is not an IPython extension.")
        return
    load(current.get_ipython())
    loaded.add(name)


def reload_ext(line: str) -> None:
    """Reloads an extension."""
    from importlib import reload

    name = named(line)
    if name in OWN:
        return
    if name in loaded:
        unload_ext(name)
        loaded.discard(name)
        reload(sys.modules[name])
    load_ext(name)


def unload_ext(line: str) -> None:
    """Calls the extension's unload_ipython_extension()."""
    name = named(line)
    unload = getattr(sys.modules.get(name), "unload_ipython_extension", None)
    if name not in loaded:
        show(f"The {name} extension is not loaded.")
    elif unload is None:
        show(f"The {name} extension doesn't define how to unload it.")
    else:
        unload(current.get_ipython())
        loaded.discard(name)


def named(line: str) -> str:
    """The extension's name."""
    if not line.strip():
        raise UsageError("Missing module name.")
    return line.strip()


def imported(name: str) -> Any:
    """The extension's module."""
    from importlib import import_module

    return import_module(name)


def autoreload(line: str) -> None:
    """Reloads changed modules, now or before each cell."""
    from _carme.reload import autoreload

    given, mode = autoreload_options(line)
    whole = "full" in given or mode.endswith("-")
    mode = mode[:-1] if mode.endswith("-") else mode
    chosen = autoreload.Options
    chosen.full, chosen.hides_errors = whole, "hide-errors" in given
    chosen.is_printed, chosen.is_logged = "print" in given, "log" in given
    if mode in ("", "now"):
        autoreload.start()
        autoreload.check(force=True)
    elif mode in MODES:
        autoreload.set_mode(MODES[mode])
    else:
        raise ValueError(f'Unrecognized autoreload mode "{mode}".')


MODES = {
    "0": 0,
    "off": 0,
    "1": 1,
    "explicit": 1,
    "2": 2,
    "all": 2,
    "3": 3,
    "complete": 3,
}
OPTIONS = ("print", "log", "hide-errors", "full")


def autoreload_options(line: str) -> Tuple[Set[str], str]:
    """Parse the options, anywhere in the line, and the mode."""
    given: Set[str] = set()
    modes = []
    for word in options.words(line):
        if word.startswith("--"):
            found = [name for name in OPTIONS if name.startswith(word[2:])]
            if len(found) != 1:
                raise UsageError(f"unrecognized arguments: {word}")
            given.add(found[0])
        elif word.startswith("-") and word != "-":
            if word.strip("-pl"):
                raise UsageError(f"unrecognized arguments: {word}")
            given.update("print" if letter == "p" else "log" for letter in word[1:])
        else:
            modes.append(word)
    if len(modes) > 1:
        raise UsageError(f"unrecognized arguments: {' '.join(modes[1:])}")
    return given, modes[0].lower() if modes else "now"


def aimport(line: str) -> None:
    """Imports modules to reload with `%autoreload 1`; `-name` excludes one from the other modes."""
    from importlib import import_module

    from _carme.reload import autoreload

    chosen = autoreload.Options
    if not line:
        wanted = "all-except-skipped" if chosen.mode >= 2 else " ".join(sorted(chosen.included))
        show(f"Modules to reload:\n{wanted}")
        show(f"\nModules to skip:\n{' '.join(sorted(chosen.excluded))}")
        return
    for word in (each.strip() for each in line.split(",")):
        if word.startswith("-"):
            chosen.included.discard(word[1:].strip())
            chosen.excluded.add(word[1:].strip())
            continue
        name, _, alias = (each.strip() for each in word.partition(" as "))
        chosen.excluded.discard(name)
        chosen.included.add(name)
        import_module(name)
        top = name.partition(".")[0]
        state.namespace[alias or top] = sys.modules[top]
    autoreload.start()
