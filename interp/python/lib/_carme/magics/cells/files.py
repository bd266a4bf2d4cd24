"""%%writefile, %load, %save, %pycat.

Source: IPython's documentation, IPython.core.magics.osm and .code.
"""

import os

from _carme.errors.usage import UsageError
from _carme.magics import options
from _carme.magics.function import show
from _carme.magics.settings import client
from _carme.session import current, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Tuple


def writefile(line: str, cell: str) -> None:
    """Writes the rest of the cell to a file; -a appends."""
    path, adds = named(line)
    exists = os.path.exists(path)
    said = "Writing" if not exists else "Appending to" if adds else "Overwriting"
    show(f"{said} {path}")
    with open(path, "a" if adds else "w", encoding="utf-8") as file:
        file.write(cell)


def named(line: str) -> Tuple[str, bool]:
    """The file that the line of %%writefile names, and whether to append. UsageError: no file."""
    words = options.words(line)
    flags = [word for word in words if word in ("-a", "--append")]
    names = [word for word in words if word not in flags]
    if len(names) != 1 or names[0].startswith("-"):
        raise UsageError("%%writefile [-a] FILE: one file is wanted")
    return os.path.expanduser(names[0]), bool(flags)


def load(line: str) -> None:
    """Replaces this cell by a file, a URL or an object's source; -r 5-10: only these lines."""
    found, name = options.take(line, "r:yn")
    lines = source_of(name.strip("\"'")).splitlines()
    chosen = lines if "r" not in found else select_lines(lines, found["r"])
    text = f"# %load {line}\n" + "\n".join(chosen)
    current.get_ipython().set_next_input(text, replace=True)


def select_lines(lines: List[str], text: str) -> List[str]:
    """Lines by ranges, counted from 1, ends included, separated by commas: `3`, `5-10`, `-7`."""
    chosen: List[str] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        try:
            begin = int(first or 1)
            end = int(last or len(lines)) if dash else begin
        except ValueError:
            raise UsageError(f"{part!r} is no range of lines") from None
        chosen += lines[begin - 1 : end]
    return chosen


def source_of(name: str) -> str:
    """The text of a file or URL, or an object's source."""
    path = os.path.expanduser(name)
    for each in (path, path + ".py"):
        if os.path.isfile(each):
            with open(each, encoding="utf-8") as file:
                return file.read()
    if name.startswith(("http://", "https://")):
        from urllib.request import urlopen

        with urlopen(name) as answer:
            text: str = answer.read().decode()
            return text
    if name in state.namespace:
        import inspect

        return inspect.getsource(state.namespace[name])
    raise UsageError(f"{name!r} is no file, address or name with a source")


def save(line: str) -> None:
    """Writes cells to a file: %save [-f -a -r] FILE 1-3 5.

    -f: overwrites without asking. -a: appends. -r: the cells as typed.
    """
    found, rest = options.take(line, "far")
    if not rest:
        raise UsageError("Missing filename.")
    name, _, ranges = rest.partition(" ")
    path = os.path.expanduser(name)
    if not path.endswith((".py", ".ipy")):
        path += ".ipy" if "r" in found else ".py"
    exists = os.path.isfile(path)
    if exists and not {"f", "a"} & set(found) and not confirmed(path, line):
        return
    text = cells_of(ranges, "r" in found)
    if not text:
        show(f"{ranges!r} was not found in history, as a file, url, nor in the user namespace.")
        return
    with open(path, "a" if "a" in found else "w", encoding="utf-8") as file:
        file.write("" if exists and "a" in found else "# coding: utf-8\n")
        file.write(text + "\n")
    show(f"The following commands were written to file `{path}`:\n{text}")


def cells_of(ranges: str, raw: bool) -> str:
    """The text of cells, as Python or, if raw, as typed."""
    from _carme.magics.cells import history
    from _carme.syntax import notebook_syntax

    cells = [code for _, code in history.chosen(ranges)] if ranges.strip() else []
    made = cells if raw else [notebook_syntax.as_python(code, {})[1].rstrip("\n") for code in cells]
    return "\n".join(made)


def confirmed(path: str, line: str) -> bool:
    """Asks whether to overwrite a file; prints what happens if not."""
    from _carme.output.streams import StdinNotImplementedError

    try:
        answer = input(f"File `{path}` exists. Overwrite (y/[N])? ").strip().lower()
    except StdinNotImplementedError:
        show(f"File `{path}` exists. Use `%save -f {line}` to force overwrite")
        return False
    if answer not in ("y", "yes"):
        show("Operation cancelled.")
    return answer in ("y", "yes")


def pycat(line: str) -> None:
    """Shows a file in the pager."""
    client.page(client.coloured(source_of(line.strip().strip("\"'"))))
