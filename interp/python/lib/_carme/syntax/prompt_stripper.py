"""Cells that were pasted with the prompts of Python's or IPython's console.

Source: IPython's documentation, "IPython reference"; the doctest module's, "How are Docstring
Examples Recognized?".
"""

import re

from _carme.session.lines import dedent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

_PS1 = re.compile(r"\s*>>>[ \t]?")
_PS2 = re.compile(r"\s*\.\.\.[ \t]?")
_TRIPLE_QUOTE = re.compile(r"(?<!\\)(?:\"{3}|'{3})")
_STRING_PREFIX = re.compile(r"[rubfRUBF]*")
_IPYTHON = re.compile(r"(?:(?:(?:\[nav\]|\[ins\])? )?In \[\d+\]: |\s*\.{3,}: ?)")


def strip(lines: List[str]) -> List[str]:
    """The lines, each with its end, without prompts."""
    return without_ipythons(without_classic(lines))


def without_ipythons(lines: List[str]) -> List[str]:
    """Without `In [1]: ` and `...: `, if one of the first two lines has one."""
    if any(map(_IPYTHON.match, lines[:2])):
        return [_IPYTHON.sub("", line, count=1) if _IPYTHON.match(line) else line for line in lines]
    return lines


def without_classic(lines: List[str]) -> List[str]:
    """Without `>>> ` and `... `, if a line outside of docstrings has the first of them."""
    quoted = Docstrings().of(lines)
    if not any(_PS1.match(line) for line, inside in zip(lines, quoted) if not inside):
        return lines
    made: List[str] = []
    segment: List[str] = []
    for index, line in enumerate(lines):
        if index and quoted[index] != quoted[index - 1]:
            made += segment if quoted[index - 1] else stripped(segment)
            segment = []
        segment.append(line)
    return made + (segment if quoted and quoted[-1] else stripped(segment))


def stripped(lines: List[str]) -> List[str]:
    """Lines without prompts, and without the margin that is left if there was one."""
    made = [without_prompt(line) for line in lines]
    return lines if made == lines else dedent(made)


def without_prompt(line: str) -> str:
    """A line without a prompt of Python's."""
    found = _PS1.match(line) or _PS2.match(line)
    return line[found.end() :] if found else line


class Docstrings:
    """Which lines are in a string with three quotes that is a statement: there prompts stay."""

    def __init__(self) -> None:
        """In none, and no prompt yet."""
        self.quote = ""
        self.keeps = False
        self.prompted = False

    def of(self, lines: List[str]) -> List[bool]:
        """Whether each line is to be left as it is."""
        return [self.feed(line) for line in lines]

    def feed(self, line: str) -> bool:
        """Takes one line; whether it is to be left as it is."""
        inside = bool(self.quote) and self.keeps
        for found in _TRIPLE_QUOTE.finditer(line):
            if not self.quote:
                self.quote = found[0]
                inside = self.keeps = self.is_statement(line[: found.start()])
            elif self.quote == found[0]:
                self.quote = ""
                self.keeps = False
        self.prompted = self.prompted or bool(_PS1.match(line))
        return inside

    def is_statement(self, before: str) -> bool:
        """Whether a string behind this text is one; not if the text is a later line's prompt."""
        code = _PS2.sub("", _PS1.sub("", before, count=1), count=1) if before.strip() else before
        if self.prompted and code != before:
            return False
        return _STRING_PREFIX.fullmatch(code.strip()) is not None
