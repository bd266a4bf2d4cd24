"""The user's variables: %who, %who_ls, %whos, %reset, %reset_selective, %xdel.

Source: IPython's documentation, IPython.core.magics.namespace.
"""

import sys

from _carme.magics import options
from _carme.magics.function import show
from _carme.session import initial_names, results, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

# names that the kernel binds
GIVEN = frozenset(("In", "Out"))
WIDTH = 50  # of a text, in characters, from which on it is shortened
SHELL_NAMES = frozenset(("In", "Out", "_ih", "_oh", "_dh"))
UNDERSCORES = ("_", "__", "___", "_i", "_ii", "_iii")
IN_A_ROW = 9  # names
GAP = 3


def own_names(line: str) -> List[str]:
    """The user's names, sorted; only of the types that the line names, if any."""
    kinds = line.split()
    found = [
        name
        for name, value in list(state.namespace.items())
        if not name.startswith("_")
        and name not in GIVEN
        and not initial_names.is_initial(name, value)
        if not kinds or type(value).__name__ in kinds
    ]
    return sorted(found)


def who_ls(line: str) -> List[str]:
    """Returns a list of the user's names."""
    return own_names(line)


def who(line: str) -> None:
    """Prints the user's names."""
    names = own_names(line)
    if not names:
        show(
            "Interactive namespace is empty."
            if not line
            else "No variables match your requested type."
        )
        return
    rows = [names[place : place + IN_A_ROW] for place in range(0, len(names), IN_A_ROW)]
    text = "\n".join("".join(name + "\t " for name in row) for row in rows)
    show(text if len(rows[-1]) < IN_A_ROW else text + "\n")


def whos(line: str) -> None:
    """Prints the user's names with types and short descriptions."""
    names = own_names(line)
    if not names:
        who(line)
        return
    rows = [(name, *described(state.namespace[name])) for name in names]
    name_width = max(len("Variable"), *(len(row[0]) for row in rows)) + GAP
    type_width = max(len("Type"), *(len(row[1]) for row in rows)) + GAP
    show(f"{'Variable':{name_width}}{'Type':{type_width}} Data/Info")
    show("-" * (name_width + type_width + len(" Data/Info")))
    for name, kind, text in rows:
        show(f"{name:{name_width}}{kind:{type_width}} {text}")


def described(value: Any) -> Any:
    """A value's type and a short description."""
    kind = type(value).__name__
    if kind in ("list", "dict", "tuple"):
        return kind, f"n={len(value)}"
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind == "ndarray":
        shape = "x".join(map(str, value.shape))
        size = value.size * value.itemsize
        text = f"{shape}: {value.size} elems, type `{value.dtype}`, {size} bytes{larger(size)}"
        return kind, text
    if kind in ("DataFrame", "Series"):
        return kind, f"Shape: {value.shape}"
    return kind, shortened(value)


def larger(size: int) -> str:
    """A size in kb or Mb, in parentheses; "" for a small one."""
    if size < 100000:
        return ""
    return f" ({size / 2**10} kb)" if size < 2**20 else f" ({size / 2**20} Mb)"


def shortened(value: Any) -> str:
    """str() on one line; the middle of a long text is left out."""
    try:
        text = str(value).replace("\n", "\\n")
    except Exception:
        return f"<object with id {id(value)} (str() failed)>"
    return text if len(text) < WIDTH else f"{text[:25]}<...>{text[-25:]}"


def reset(line: str) -> None:
    """Deletes the user's names, or only `out`, `in`, `dhist` or `array`. -f: does not ask.

    -s: keeps In, Out and names with a leading underscore.
    """
    found, rest = options.take(line, "fs")
    parts = rest.split()
    if "f" not in found and not confirmed("Once deleted, variables cannot be recovered."):
        show("Nothing done.")
        return
    if "s" in found:
        for name in own_names(""):
            del state.namespace[name]
        initial_names.restore(state.namespace)
    elif not parts:
        forget_all()
    for part in parts:
        forget(part.lower())
    import gc

    gc.collect()


def forget_all() -> None:
    """Deletes all names that cells can have bound, and empties In and Out."""
    results.clear()
    for name in [*state.namespace]:
        if name not in SHELL_NAMES and not (name.startswith("__") and name.endswith("__")):
            del state.namespace[name]
    state.namespace.update(dict.fromkeys(UNDERSCORES, ""))
    forget_inputs()
    initial_names.restore(state.namespace)


def forget(part: str) -> None:
    """Deletes one of the parts of %reset."""
    if part == "out":
        show(f"Flushing output cache ({len(state.namespace['Out'])} entries)")
        results.clear()
    elif part == "in":
        show("Flushing input history")
        forget_inputs()
    elif part == "array":
        for name in own_names("ndarray"):
            del state.namespace[name]
    elif part == "dhist":
        show("Flushing directory history")
        del state.namespace.setdefault("_dh", [])[:]
    else:
        show(f"Don't know how to reset  {part}, please run `%reset?` for details")


def forget_inputs() -> None:
    """Empties In, and deletes `_i`, `_ii`, `_iii` and `_in`."""
    inputs = state.namespace["In"]
    for count in range(1, state.cell.count + 1):
        state.namespace.pop(f"_i{count}", None)
    state.namespace.update(_i="", _ii="", _iii="")
    inputs[:] = [""] * len(inputs)


def confirmed(text: str) -> bool:
    """Whether the user confirms, or can not be asked."""
    from _carme.output.streams import StdinNotImplementedError

    try:
        return input(f"{text} Proceed (y/[n])? ").strip().lower() in ("y", "yes")
    except StdinNotImplementedError:
        return True


def reset_selective(line: str) -> None:
    """Deletes the names that match a regular expression. -f: does not ask."""
    import re

    found, pattern = options.take(line, "f")
    if not pattern:
        show("No regex pattern specified. Nothing done.")
        return
    names = [name for name in own_names("") if re.search(pattern, name)]
    if "f" not in found and not confirmed(f"{', '.join(names)} cannot be recovered."):
        show("Nothing done.")
        return
    for name in names:
        del state.namespace[name]


def xdel(line: str) -> None:
    """Deletes a name, and all references to its value in the shell. -n: only the name."""
    found, name = options.take(line, "n")
    if name not in state.namespace:
        show(f"NameError: name {name!r} is not defined")
    elif "n" in found:
        del state.namespace[name]
    else:
        value = state.namespace[name]
        results.forget_value(value)
        for other in [other for other, each in state.namespace.items() if each is value]:
            del state.namespace[other]
