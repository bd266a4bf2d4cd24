"""%lsmagic, %pinfo, %psearch, %config, %precision, %automagic, %colors.

Source: IPython's documentation, IPython.core.magics.basic, .config and .namespace.
"""

import sys

from _carme.errors.usage import INSTALL, Unknown, UsageError, final
from _carme.magics import table
from _carme.magics.function import show
from _carme.magics.settings import client
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List


ON, OFF = ("1", "on", "true"), ("0", "off", "false")


def lsmagic(line: str) -> None:
    """Lists the magics."""
    names = table.names()
    show("Available line magics:\n" + "  ".join("%" + name for name in names["line"]))
    show("\nAvailable cell magics:\n" + "  ".join("%%" + name for name in names["cell"]))


def pinfo(line: str, detail: int = 0) -> None:
    """Opens the pager on an object: `name?`."""
    from _carme.help.inspection import inspector

    name = line.strip()
    if name.startswith("%") and magic_page(name):
        client.page(magic_page(name))
        return
    found = inspector.inspect(name, len(name), detail, state.namespace, is_name=True)
    if not found["found"]:
        show(f"Object `{name}` not found.")
        return
    client.show_page(found["data"])


def pinfo2(line: str) -> None:
    """As pinfo, with the source: `name??`."""
    pinfo(line, 1)


def magic_page(name: str) -> str:
    """The docstring of a magic; "" if there is no such magic."""
    import inspect

    bare = name.lstrip("%")
    function = table.find("cell" if name.startswith("%%") else "line", bare)
    function = function or table.find("cell", bare) or table.find("line", bare)
    if function is None:
        return ""
    return f"{name}\n\n{inspect.getdoc(function) or ''}"


def psearch(line: str) -> None:
    """Lists names, also of attributes, that match a pattern: `np.*load*?`."""
    import builtins

    words = line.split()
    if len(words) != 1 or line.startswith("-"):
        raise final(f"%psearch with options or a type is IPython's: {INSTALL}")
    parts = words[0].split(".")
    found = {*matching(dict(state.namespace), parts), *matching(dict(vars(builtins)), parts)}
    client.page("\n".join(sorted(found)))


def matching(names: Dict[str, Any], parts: List[str]) -> List[str]:
    """The names that match the first part, with attributes that match the other parts.

    As in IPython, names with one leading underscore do not match.
    """
    import re

    pattern = re.compile(parts[0].replace("*", ".*").replace("?", ".") + "$")
    found = [name for name in names if pattern.match(name)]
    found = [name for name in found if name.startswith("__") or not name.startswith("_")]
    if len(parts) == 1:
        return found
    return [
        f"{name}.{inner}"
        for name in found
        for inner in matching(attributes(names[name]), parts[1:])
    ]


def attributes(value: Any) -> Dict[str, Any]:
    """The attributes of an object whose reading raises nothing."""
    found = {}
    for name in dir(value):
        try:
            found[name] = getattr(value, name)
        except Exception:  # noqa: S112  (whatever a property of the user's raises)
            continue
    return found


def config(line: str) -> Any:
    """Shows or sets settings: `%config Class`, `%config Class.name [= value]`."""
    from _carme.session import settings

    left, equals, right = line.partition("=")
    owner, _, name = left.strip().partition(".")
    if not owner:
        show("Available objects for config:\n    " + "\n    ".join(settings.names()))
        return None
    found = settings.find(owner)
    if found is None:
        raise Unknown(f"Invalid config statement: {line!r}: there is no `{owner}` here")
    if not name:
        for key, value in sorted(vars(found).items()):
            show(f"{owner}.{key} = {value!r}")
    elif not hasattr(found, name):
        raise Unknown(f"Invalid config statement: `{owner}` has no `{name}`")
    elif not equals:
        return getattr(found, name)
    else:
        value = eval(right, state.namespace)
        try:
            settings.assign(owner, name, value)
        except ValueError as error:
            raise UsageError(str(error)) from None
    return None


def precision(line: str) -> Any:
    """Sets how floats are shown: a number of digits, a format such as %.5f, or nothing for repr."""
    from _carme.display import formatters

    text = line.strip()
    form = f"%.{text}f" if text.isdigit() else text or "%r"
    try:
        form % 3.14159
    except (TypeError, ValueError):
        raise ValueError(f"Precision must be int or format string, not {text!r}") from None
    formatters.set_float_format(form)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.set_printoptions(precision=int(text) if text.isdigit() else 8)
    return form


def automagic(line: str) -> None:
    """Whether `cd x` may stand for `%cd x`: on, off; without an argument, toggles it."""
    from _carme.syntax import notebook_syntax

    text = line.strip().lower()
    on = text in ON or (text not in OFF and not notebook_syntax.Automagic.on)
    notebook_syntax.Automagic.on = on
    state = "ON, % prefix IS NOT" if on else "OFF, % prefix IS"
    show(f"\nAutomagic is {state} needed for line magics.")


def colors(line: str) -> None:
    """Sets the colours of tracebacks: nocolor, or another name for colours."""
    from _carme.session import settings

    text = line.strip().lower()
    if not text:
        raise UsageError("%colors: nocolor, neutral, linux or lightbg")
    settings.shell.colors = text
