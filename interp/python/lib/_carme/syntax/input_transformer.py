"""Cells with IPython's syntax as Python: cell magics, escaped commands, help, prompts.

Loaded only for a cell that is not plain Python; token_transformers and prompt_stripper only for
one that may need them. Source: IPython's documentation, "IPython reference" and
"Custom input transformation"; the texts are those of its TransformerManager.transform_cell.
"""

from _carme.session import lines
from _carme.syntax import shell_calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Tuple

PROMPTS = (">>>", "...:", "In [")


def transform_cell(code: str) -> str:
    """The cell as Python; it ends in a newline."""
    return "".join(transform_statements(cell_magic(cleanup(split_lines(code))), False))


def transform_in_place(code: str) -> Tuple[str, str]:
    """The cell without common indentation and prompts, and as Python; rows stay the same."""
    typed = split_lines(code)
    bare = cleanup(typed)
    above = ["\n"] * (len(typed) - len(bare))
    plain = code if bare == typed else "".join(above + bare)
    return plain, "".join(above + transform_statements(cell_magic(bare), True))


def split_lines(code: str) -> List[str]:
    """The lines of a cell, each with its end."""
    return lines.split(code if code.endswith("\n") else code + "\n")


def cleanup(typed: List[str]) -> List[str]:
    """The lines without empty ones at the start, common indentation and prompts."""
    first = next((row for row, line in enumerate(typed) if not line.isspace()), 0)
    bare = lines.dedent(typed[first:])
    if not any(prompt in line for line in bare for prompt in PROMPTS):
        return bare
    from _carme.syntax import prompt_stripper

    return prompt_stripper.strip(bare)


def cell_magic(bare: List[str]) -> List[str]:
    """The call of a cell magic; the lines themselves if none is at their start."""
    if not bare or not bare[0].startswith("%%") or asks_help(bare[0]):
        return bare
    name, _, line = bare[0][2:].rstrip().partition(" ")
    return [shell_calls.call("run_cell_magic", name, line, "".join(bare[1:])) + "\n"]


def asks_help(line: str) -> bool:
    """Whether a line is `%%name?`."""
    name, mark, _ = line[2:].partition("?")
    return bool(mark) and name.replace("_", "a").isalnum()


def transform_statements(bare: List[str], keeps_rows: bool) -> List[str]:
    """The lines with each statement of IPython's replaced by a call.

    keeps_rows: whether empty lines keep the row of every statement.
    """
    made: List[str] = []
    row = 0
    has_help = any("?" in line for line in bare)
    while row < len(bare) and is_one_line(bare[row]) and not has_help:
        last, text = row, ""
        if bare[row][0] in "%!":
            last, text = shell_calls.statement_at(bare, (row, 0, -1))
        made.append(f"{shell_calls.escaped_command(text)}\n" if text else bare[row])
        made += ["\n"] * (last - row) if keeps_rows else []
        row = last + 1
    rest = bare[row:]
    if not has_help and not any(map(may_have_escape, rest)):
        return made + rest
    from _carme.syntax import token_transformers

    return made + token_transformers.transform(rest, keeps_rows)


def is_one_line(line: str) -> bool:
    """Whether a line is a whole statement of IPython's, a comment or empty."""
    return line[:1] in ("%", "!", "#", "\n") and line[1:2] != "="


def may_have_escape(line: str) -> bool:
    """Whether a line may have an escape character apart from `?`; it may be part of a string."""
    return "%" in line or "!" in line or line.lstrip()[:1] in tuple(",;/")
