"""The user's variables: %who, %whos, %reset, %xdel.

Source: IPython's documentation, IPython.core.magics.namespace.
"""

import sys

from _carme import results, shell
from _carme.magics import options
from _carme.magics.table import UsageError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

# what is in the namespace without the user's doing
GIVEN = frozenset(
    ("In", "Out", "exit", "quit", "get_ipython", "display", "clear_output", "open", "_exit_code")
)
WIDTH = 80


def own_names(line: str) -> List[str]:
    """The user's names in order; the line may name types, by which they are chosen."""
    kinds = line.split()
    found = [
        name
        for name, value in list(shell.namespace.items())
        if not name.startswith("_") and name not in GIVEN
        if not kinds or type(value).__name__ in kinds
    ]
    return sorted(found)


def who_ls(line: str) -> List[str]:
    """The user's names, as a list."""
    return own_names(line)


def who(line: str) -> None:
    """The user's names."""
    names = own_names(line)
    if not names:
        show(
            "Interactive namespace is empty."
            if not line
            else "No variables match your requested type."
        )
        return
    show("\t ".join(names))


def whos(line: str) -> None:
    """The user's names with types and what they are."""
    names = own_names(line)
    if not names:
        who(line)
        return
    rows = [(name, *described(shell.namespace[name])) for name in names]
    name_width = max(len("Variable"), *(len(row[0]) for row in rows))
    type_width = max(len("Type"), *(len(row[1]) for row in rows))
    show(f"{'Variable':{name_width}}   {'Type':{type_width}}   Data/Info")
    show("-" * (name_width + type_width + len("   " * 2 + "Data/Info")))
    for name, kind, text in rows:
        show(f"{name:{name_width}}   {kind:{type_width}}   {text}")


def described(value: Any) -> Any:
    """A value's type and a short text."""
    kind = type(value).__name__
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        shape = "x".join(map(str, value.shape))
        return kind, f"{shape}: {value.size} elems, type `{value.dtype}`, {value.nbytes} bytes"
    if isinstance(value, (list, dict, set, frozenset, tuple)):
        return kind, f"n={len(value)}"
    frame = sys.modules.get("pandas")
    if frame is not None and isinstance(value, (frame.DataFrame, frame.Series)):
        return kind, f"shape: {value.shape}"
    return kind, shortened(value)


def shortened(value: Any) -> str:
    """Its text on one line of WIDTH characters at the most."""
    try:
        text = " ".join(str(value).split())
    except Exception as error:
        return f"(its text can not be had: {type(error).__name__})"
    half = WIDTH // 2 - 3
    return text if len(text) <= WIDTH else f"{text[:half]}<...>{text[-half:]}"


def reset(line: str) -> None:
    """Forgets the user's names, or one of `out`, `in`, `array`. -f does not ask, -s keeps Out."""
    found, rest = options.take(line, "fs", ("aggressive",))
    parts = rest.split()
    if "f" not in found and not parts and not asked("Once deleted, variables cannot be recovered."):
        show("Nothing done.")
        return
    if not parts:
        for name in own_names(""):
            del shell.namespace[name]
        parts = [] if "s" in found else ["out"]
    for part in parts:
        forget(part)
    if "gc" in sys.modules:
        import gc

        gc.collect()


def forget(part: str) -> None:
    """One of the parts of %reset."""
    if part == "out":
        results.clear()
    elif part == "array":
        for name in own_names("ndarray"):
            del shell.namespace[name]
    elif part == "in":
        shell.namespace["In"][:] = [""] * len(shell.namespace["In"])
    elif part != "dhist":
        raise UsageError(f"%reset: {part!r} is none of out, in, dhist, array")


def asked(text: str) -> bool:
    """Whether the user says yes."""
    return input(f"{text} Proceed (y/[n])? ").strip().lower() in ("y", "yes")


def reset_selective(line: str) -> None:
    """Forgets the names that match a regular expression. -f does not ask."""
    import re

    found, pattern = options.take(line, "f")
    if not pattern:
        raise UsageError("%reset_selective: a regular expression is wanted")
    names = [name for name in own_names("") if re.search(pattern, name)]
    if "f" not in found and not asked(f"{', '.join(names)} cannot be recovered."):
        show("Nothing done.")
        return
    for name in names:
        del shell.namespace[name]


def xdel(line: str) -> None:
    """Forgets a name, and the value where the shell keeps it. -n: by name only."""
    found, name = options.take(line, "n")
    if name not in shell.namespace:
        raise UsageError(f"%xdel: name {name!r} is not defined")
    value = shell.namespace.pop(name)
    if "n" not in found:
        for other in ("_", "__", "___"):
            if shell.namespace.get(other) is value:
                del shell.namespace[other]
