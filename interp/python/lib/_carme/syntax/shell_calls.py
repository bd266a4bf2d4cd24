"""IPython's escaped commands as calls of get_ipython(): magics, shell commands, help, autocalls.

Source: IPython's documentation, "IPython reference".
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple

    # row (from 0) and column of the first character; last row, or -1: as far as backslashes join
    Position = Tuple[int, int, int]

SHELL = "get_ipython()"


def call(method: str, *values: str) -> str:
    """A call of a method of the shell with string arguments."""
    return f"{SHELL}.{method}({', '.join(map(repr, values))})"


def statement_at(lines: List[str], position: Position) -> Tuple[int, str]:
    """The last row and the text of a statement; lines that end in backslashes are joined."""
    row, column, last = position
    if last >= 0:
        return last, "".join(lines[row : last + 1])[column:]
    last = row
    while last + 1 < len(lines) and lines[last].endswith("\\\n"):
        last += 1
    parts = [lines[row][column:], *lines[row + 1 : last + 1]]
    joined = [part.rstrip()[:-1] for part in parts[:-1]]
    return last, " ".join([*joined, parts[-1].rstrip()])


def help_call(name: str, marks: str) -> str:
    """The call of `name?` and `name??`, or, for a name with `*`, of the search for names."""
    method = "pinfo2" if marks == "??" else "psearch" if "*" in name else "pinfo"
    return call("run_line_magic", method, name)


def magic(text: str) -> str:
    """The call of `%name line`."""
    name, _, line = text[1:].partition(" ")
    return call("run_line_magic", name, line)


def command(text: str) -> str:
    """The call whose value is that of `x = !command`."""
    return call("getoutput", text[1:])


def escaped_command(text: str) -> Optional[str]:
    """The call of `%name line`, `!command`, `!!command`, `?name`, `,f a`, `;f a` or `/f a`."""
    if text[:1] == "%":
        return magic(text)
    if text[:1] == "!":
        return call("getoutput", text[2:]) if text[:2] == "!!" else call("system", text[1:])
    if text[:1] == "?":
        marks = text[:2] if text[:2] == "??" else "?"
        name = text[len(marks) :]
        return help_call(name, marks) if name else f"{SHELL}.show_usage()"
    return autocall(text)


def autocall(text: str) -> Optional[str]:
    """`,f a b`: f("a", "b"); `;f a b`: f("a b"); `/f a b`: f(a, b)."""
    name, _, line = text[1:].partition(" ")
    if text[0] == "/":
        return f"{name}({', '.join(line.split())})" if name else None
    separator = '", "'
    return f'{name}("{separator.join(line.split()) if text[0] == "," else line}")'
