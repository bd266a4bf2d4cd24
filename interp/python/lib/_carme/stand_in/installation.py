"""The directories of the installed IPython and of the user's profile.

Source: IPython's documentation, "IPython options".
"""

import sys
from posix import environ, getcwd, stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def find_package() -> str:
    """The directory of the package IPython; "" if it is not installed."""
    for entry in sys.path:
        place = f"{entry}/IPython" if entry else "IPython"
        if exists(place + "/__init__.py"):
            return place if place.startswith("/") else f"{getcwd()}/{place}"
    return ""


def exists(path: str) -> bool:
    """Whether a file or directory exists."""
    try:
        stat(path)
    except (OSError, ValueError):
        return False
    return True


def profile_directories() -> List[str]:
    """The directories where IPython looks for settings and startup files."""
    home = environ.get(b"IPYTHONDIR", environ.get(b"HOME", b"") + b"/.ipython")
    roots = ("/usr/local/etc/ipython", "/etc/ipython", sys.prefix + "/etc/ipython")
    return [home.decode(errors="surrogateescape") + "/profile_default", *roots]
