"""What notebooks may hold that Python does not: indented cells, magics, commands, `name?`.

Loaded for a cell that is no plain Python, or that is a name which nothing has.
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
    """Whether `cd x` may stand for `%cd x`."""

    on = True


def as_python(code: str, namespace: Dict[str, Any]) -> Tuple[str, str]:
    """The code without margin and prompts, and as Python; the lines stay where they are."""
    from _carme.syntax import input_transformer

    plain, made = input_transformer.transform_in_place(code)
    return plain, automagic(made, namespace)


def as_input(code: str, namespace: Dict[str, Any]) -> str:
    """The code as Python, as In has it: the lines are IPython's."""
    from _carme.syntax import input_transformer

    return automagic(input_transformer.transform(code), namespace).rstrip("\n")


def automagic(code: str, namespace: Dict[str, Any]) -> str:
    """A line that begins with a magic's name as a call, if nothing else has that name."""
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
    """The text of the last token that is no space, newline or comment, or ""."""
    from _carme.syntax.lexer import tokens

    found = [text for kind, text, _ in tokens(code) if kind not in ("space", "newline", "comment")]
    return found[-1] if found else ""
