"""By what libraries know a notebook, where IPython is installed; and what a user's profile starts.

Source: IPython's documentation, "IPython options"; ipykernel's.
"""

import builtins
import sys
from posix import environ, getcwd, stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def begin() -> None:
    """Called once everything else of the kernel is ready for cells."""
    place = "" if "IPython" in sys.modules else installed()
    if place:
        from _carme.ipython import lazy

        lazy.add_package(place)
        vars(builtins)["__IPYTHON__"] = True
        vars(sys).update(ps1="In : ", ps2="...: ", ps3="Out: ")
    if environ.get(b"PYTHONSTARTUP") or (place and any(map(exists, profiles()))):
        from _carme.ipython import startup

        startup.run(bool(place))


def installed() -> str:
    """The directory of IPython's package; "" where there is none."""
    for entry in sys.path:
        place = f"{entry}/IPython" if entry else "IPython"
        if exists(place + "/__init__.py"):
            return place if place.startswith("/") else f"{getcwd()}/{place}"
    return ""


def exists(path: str) -> bool:
    """Whether there is a file or a directory."""
    try:
        stat(path)
    except (OSError, ValueError):
        return False
    return True


def profiles() -> List[str]:
    """The directories that may have IPython's settings and startup files."""
    home = environ.get(b"IPYTHONDIR", environ.get(b"HOME", b"") + b"/.ipython")
    roots = ("/usr/local/etc/ipython", "/etc/ipython", sys.prefix + "/etc/ipython")
    return [home.decode(errors="surrogateescape") + "/profile_default", *roots]
