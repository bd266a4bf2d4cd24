"""Cells that are not plain Python: with indentation, magics, shell commands, `name?`, automagic.

Loaded for a cell that Python cannot compile, or that is one undefined name.
Source: IPython's documentation, "Input transformation".
"""

import builtins
import re
from keyword import iskeyword

from _carme.session.current import Current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple

COMMAND = re.compile(r"(?P<margin>\s*)(?P<name>[\w.*]+)[^\S\n]*(?P<rest>[^\n]*)\n")


class Automagic:
    """Whether `cd x` is run as `%cd x`."""

    on = True


def as_python(code: str, namespace: Dict[str, Any]) -> Tuple[str, str]:
    """The cell without common indentation and prompts, and as Python; rows stay the same."""
    from _carme.syntax import input_transformer

    plain, made = input_transformer.transform_in_place(code)
    return plain, automagic(made, namespace)


def as_input(code: str, namespace: Dict[str, Any]) -> str:
    """The cell as Python as In keeps it; its rows are those of IPython's transformation."""
    from _carme.syntax import input_transformer

    return automagic(input_transformer.transform_cell(code), namespace).rstrip("\n")


def automagic(code: str, namespace: Dict[str, Any]) -> str:
    """The call of a line magic without `%`, if no variable has the magic's name; else the code."""
    found = COMMAND.fullmatch(code)
    if not Automagic.on or found is None or found["rest"].startswith(("=", ",")):
        return code
    name = found["name"]
    head = name.partition(".")[0]
    if head in namespace or hasattr(builtins, head) or iskeyword(head):
        return code
    from _carme.syntax import shell_calls

    if not Current.shell.is_line_magic(name):
        return code
    return found["margin"] + shell_calls.call("run_line_magic", name, found["rest"]) + "\n"


def last_token(code: str) -> str:
    """The text of the last token other than spaces, newlines and comments, or ""."""
    from _carme.syntax.lexer import tokens

    found = [text for kind, text, _ in tokens(code) if kind not in ("space", "newline", "comment")]
    return found[-1] if found else ""
