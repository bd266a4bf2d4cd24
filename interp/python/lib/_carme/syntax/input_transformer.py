"""A notebook's own syntax as Python: magics, commands, help, prompts.

Loaded only for a cell that is no plain Python. What needs the tokens of a cell, or knows prompts,
is loaded for a cell that may have such. Source: IPython's documentation, "IPython reference" and
"Custom input transformation"; the texts are those of its TransformerManager.transform_cell.
"""

from _carme.session import lines
from _carme.syntax import shell_calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Tuple

PROMPTS = (">>>", "...:", "In [")


def transform(code: str) -> str:
    """The code as Python; it ends in a newline."""
    return "".join(rewritten(cell_magic(cleaned(cut(code))), False))


def transform_in_place(code: str) -> Tuple[str, str]:
    """The code without margin and prompts, and as Python; both have the lines where they were."""
    typed = cut(code)
    bare = cleaned(typed)
    above = ["\n"] * (len(typed) - len(bare))
    plain = code if bare == typed else "".join(above + bare)
    return plain, "".join(above + rewritten(cell_magic(bare), True))


def cut(code: str) -> List[str]:
    """The lines, each with its end."""
    return lines.cut(code if code.endswith("\n") else code + "\n")


def cleaned(typed: List[str]) -> List[str]:
    """Lines without the empty ones at the start, the margin that all have, and prompts."""
    first = next((row for row, line in enumerate(typed) if not line.isspace()), 0)
    bare = lines.dedent(typed[first:])
    if not any(prompt in line for line in bare for prompt in PROMPTS):
        return bare
    from _carme.syntax import prompt_stripper

    return prompt_stripper.strip(bare)


def cell_magic(bare: List[str]) -> List[str]:
    """The call for a cell that begins with `%%name`; other lines as they are."""
    if not bare or not bare[0].startswith("%%") or asks_help(bare[0]):
        return bare
    name, _, line = bare[0][2:].rstrip().partition(" ")
    return [shell_calls.call("run_cell_magic", name, line, "".join(bare[1:])) + "\n"]


def asks_help(line: str) -> bool:
    """Whether a line is `%%name?`."""
    name, mark, _ = line[2:].partition("?")
    return bool(mark) and name.replace("_", "a").isalnum()


def rewritten(bare: List[str], keeps_rows: bool) -> List[str]:
    """The lines with each statement that is not Python's as a call.

    keeps_rows: whether empty lines follow a statement that is shorter as a call.
    """
    made: List[str] = []
    row = 0
    has_help = any("?" in line for line in bare)
    while row < len(bare) and is_single(bare[row]) and not has_help:
        last, text = shell_calls.whole(bare, (row, 0, -1)) if bare[row][0] in "%!" else (row, "")
        made.append(f"{shell_calls.escaped(text)}\n" if text else bare[row])
        made += ["\n"] * (last - row) if keeps_rows else []
        row = last + 1
    rest = bare[row:]
    if not has_help and not any(map(may_be_own, rest)):
        return made + rest
    from _carme.syntax import token_transformers

    return made + token_transformers.rewritten(rest, keeps_rows)


def is_single(line: str) -> bool:
    """Whether a statement begins and ends with a line, or nothing but a comment is in it."""
    return line[:1] in ("%", "!", "#", "\n") and line[1:2] != "="


def may_be_own(line: str) -> bool:
    """Whether a line may have a sign of IPython's, apart from `?`; strings have such as well."""
    return "%" in line or "!" in line or line.lstrip()[:1] in tuple(",;/")
