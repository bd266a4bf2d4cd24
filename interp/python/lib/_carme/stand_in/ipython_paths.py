"""The stand-in for `IPython.paths`: the user's directories.

numba caches compiled functions of cells there.
Source: IPython's documentation, "IPython.paths"; the XDG Base Directory Specification.
"""

import os

__all__ = ["get_ipython_cache_dir", "get_ipython_dir"]


def get_ipython_dir() -> str:
    """Return the directory of IPython's files, $IPYTHONDIR or ~/.ipython; it is created."""
    place = os.environ.get("IPYTHONDIR") or os.path.join("~", ".ipython")
    return make_directory(os.path.expanduser(place))


def get_ipython_cache_dir() -> str:
    """Return the cache directory: ipython/ in $XDG_CACHE_HOME or ~/.cache if that exists."""
    root = os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache"))
    if os.path.isdir(root) and os.access(root, os.W_OK):
        return make_directory(os.path.join(root, "ipython"))
    return get_ipython_dir()


def make_directory(place: str) -> str:
    """Create a directory and return it. OSError: it can not be created."""
    os.makedirs(place, exist_ok=True)
    return place
