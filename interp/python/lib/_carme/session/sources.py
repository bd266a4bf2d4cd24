"""The sources of cells, and the file names by which tracebacks, debuggers and linecache find them.

Source: The Python Standard Library, linecache; ipykernel's compiler.py for the shape of the names.
"""

import sys

import _carme
from _carme.session.state import State, cells, history, namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict

UNSTORED_MAX = 1000


class CellNames:
    """The file names of cells."""

    folder = ""  # the directory part, with a slash at its end
    count = 0  # of cells named so far
    unstored: Dict[str, None] = {}  # cells that are not in the history, the oldest first


def name_cell(code: str, count: int, stored: bool) -> str:
    """Return a cell's co_filename: equal code has an equal name, so that caches on disk work.

    It has the form of ipykernel's, by which debuggers, profilers and caches recognize cells.
    """
    if stored:
        add_input(count, code)
    return add_source(code, count, stored)


def add_source(code: str, count: int, stored: bool) -> str:
    """Stores a cell's source under its co_filename, and returns that."""
    CellNames.count += 1
    name = f"{CellNames.folder or find_folder()}{_carme.hash_code(code)}.py"
    if stored:
        CellNames.unstored.pop(name, None)
    elif CellNames.unstored.pop(name, 0) is None or name not in cells:
        forget_unstored()
        CellNames.unstored[name] = None
    cells.pop(name, None)
    set_source(name, count, code)
    return name


def find_folder() -> str:
    """Sets and returns CellNames.folder: ipykernel_<pid>/ in tempfile.gettempdir()."""
    import os

    found = getattr(sys.modules.get("tempfile"), "tempdir", None)
    if not isinstance(found, str):
        places = [os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
        places += ["/tmp", "/var/tmp", "/usr/tmp"]
        writable = os.W_OK | os.X_OK
        found = next((each for each in places if each and os.access(each, writable)), ".")
    CellNames.folder = os.path.join(os.path.abspath(found), f"ipykernel_{State.pid}", "")
    return CellNames.folder


def forget_unstored() -> None:
    """Removes the oldest source of a cell that is not in the history: their number is limited."""
    if len(CellNames.unstored) < UNSTORED_MAX:
        return
    oldest = next(iter(CellNames.unstored))
    del CellNames.unstored[oldest]
    cells.pop(oldest, None)
    linecache = sys.modules.get("linecache")
    if linecache is not None and hasattr(linecache, "cache"):
        linecache.cache.pop(oldest, None)


def add_input(count: int, code: str) -> None:
    """Sets In[count], `_i`, `_ii`, `_iii` and `_icount`."""
    inputs = namespace.get("In")
    if type(inputs) is list and len(inputs) <= count:
        inputs += [""] * (count - len(inputs))
        inputs.append(code)
    namespace["_iii"] = namespace.get("_ii", "")
    namespace["_ii"] = namespace.get("_i", "")
    namespace["_i"] = next(reversed(history.values()), "")
    namespace[f"_i{count}"] = code
    history[count] = code.rstrip("\n")


def publish_sources() -> None:
    """Puts the sources of all cells into linecache, where tracebacks, pdb and inspect read them.

    The "<string>" that Python 3.13 and later put there is the launcher's `python -c`.
    """
    sys.modules["linecache"].cache.pop("<string>", None)
    for name in cells:
        publish_source(name)


def publish_source(name: str) -> None:
    """Puts one cell's source into linecache, if that is imported."""
    linecache = sys.modules.get("linecache")
    if linecache is not None and hasattr(linecache, "cache"):
        from _carme.session import lines

        source = cells[name][1]
        linecache.cache[name] = (len(source), None, lines.universal_newlines(source), name)


def set_source(name: str, count: int, code: str) -> None:
    """Stores the lines that tracebacks show of a cell."""
    cells[name] = (count, code.rstrip())
    publish_source(name)
