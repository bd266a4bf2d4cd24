"""`IPython.paths` where no IPython is installed: the directories of a user's, for caches.

numba keeps there what it has compiled of a notebook's cells.
Source: IPython's documentation, "IPython.paths"; the XDG Base Directory Specification.
"""

import os

__all__ = ["get_ipython_cache_dir", "get_ipython_dir"]


def get_ipython_dir() -> str:
    """Return the directory of IPython's files: $IPYTHONDIR or ~/.ipython, which is made."""
    place = os.environ.get("IPYTHONDIR") or os.path.join("~", ".ipython")
    return make_directory(os.path.expanduser(place))


def get_ipython_cache_dir() -> str:
    """Return the directory for caches: ipython/ in $XDG_CACHE_HOME or ~/.cache, where these are."""
    root = os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache"))
    if os.path.isdir(root) and os.access(root, os.W_OK):
        return make_directory(os.path.join(root, "ipython"))
    return get_ipython_dir()


def make_directory(place: str) -> str:
    """The directory, which is there from here on. OSError: it can not be."""
    os.makedirs(place, exist_ok=True)
    return place
