"""Removes the prompts of Python's or IPython's console from a pasted cell.

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
    return strip_ipython(strip_classic(lines))


def strip_ipython(lines: List[str]) -> List[str]:
    """The lines without `In [1]: ` and `...: `, if one of the first two has such a prompt."""
    if any(map(_IPYTHON.match, lines[:2])):
        return [_IPYTHON.sub("", line, count=1) if _IPYTHON.match(line) else line for line in lines]
    return lines


def strip_classic(lines: List[str]) -> List[str]:
    """The lines without `>>> ` and `... `, if a line outside of docstrings begins with `>>>`."""
    quoted = Docstrings().of(lines)
    if not any(_PS1.match(line) for line, inside in zip(lines, quoted) if not inside):
        return lines
    made: List[str] = []
    segment: List[str] = []
    for index, line in enumerate(lines):
        if index and quoted[index] != quoted[index - 1]:
            made += segment if quoted[index - 1] else strip_segment(segment)
            segment = []
        segment.append(line)
    return made + (segment if quoted and quoted[-1] else strip_segment(segment))


def strip_segment(lines: List[str]) -> List[str]:
    """Lines without prompts, and without common indentation if any had a prompt."""
    made = [strip_line(line) for line in lines]
    return lines if made == lines else dedent(made)


def strip_line(line: str) -> str:
    """A line without a prompt of Python's console."""
    found = _PS1.match(line) or _PS2.match(line)
    return line[found.end() :] if found else line


class Docstrings:
    """Finds lines in a triple-quoted string that is a statement: prompts stay there."""

    def __init__(self) -> None:
        """Outside of strings."""
        self.quote = ""
        self.is_docstring = False
        self.had_prompt = False

    def of(self, lines: List[str]) -> List[bool]:
        """For each line, whether it is in a docstring."""
        return [self.feed(line) for line in lines]

    def feed(self, line: str) -> bool:
        """Reads the next line; whether it is in a docstring."""
        inside = bool(self.quote) and self.is_docstring
        for found in _TRIPLE_QUOTE.finditer(line):
            if not self.quote:
                self.quote = found[0]
                inside = self.is_docstring = self.is_statement(line[: found.start()])
            elif self.quote == found[0]:
                self.quote = ""
                self.is_docstring = False
        self.had_prompt = self.had_prompt or bool(_PS1.match(line))
        return inside

    def is_statement(self, before: str) -> bool:
        """Whether a string behind this text is a statement; not behind a second prompt."""
        code = _PS2.sub("", _PS1.sub("", before, count=1), count=1) if before.strip() else before
        if self.had_prompt and code != before:
            return False
        return _STRING_PREFIX.fullmatch(code.strip()) is not None
