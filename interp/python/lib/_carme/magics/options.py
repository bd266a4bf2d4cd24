"""The options of magics: `-n 3 -q rest`.

Source: getopt's conventions, as IPython's documentation describes each magic's options.
"""

import re

from _carme.errors.usage import Unknown, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Tuple

WORD = re.compile(r"\s*(\S+)")


def take(line: str, letters: str, long: Tuple[str, ...] = ()) -> Tuple[Dict[str, str], str]:
    """Parse the options at the start of a line; return them and the rest, as it is written.

    letters: as getopt's, "n:q" is -n with a value and -q without. long: names of options with two
    dashes. UsageError: an unknown option, or a missing value.
    """
    found, rest = take_all(line, letters, long)
    return {name: values[-1] for name, values in found.items()}, rest


def take_all(
    line: str, letters: str, long: Tuple[str, ...] = ()
) -> Tuple[Dict[str, List[str]], str]:
    """As take(), with a list of the values of each option."""
    found: Dict[str, List[str]] = {}
    place = 0
    while True:
        word = WORD.match(line, place)
        if word is None or not word[1].startswith("-") or word[1] == "-":
            return found, line[place:].strip()
        place = word.end()
        if word[1] == "--":
            return found, line[place:].strip()
        if word[1].startswith("--"):
            add_long(word[1][2:], long, found)
        else:
            place = add_short(line, word, letters, found)


def gather(line: str, letters: str) -> Tuple[Dict[str, str], List[str]]:
    """Parse options anywhere in the line; return them and the other words. Errors as take()."""
    found: Dict[str, str] = {}
    rest: List[str] = []
    while line:
        more, line = take(line, letters)
        found.update(more)
        word, _, line = line.partition(" ")
        rest += [word] if word else []
    return found, rest


def add_long(name: str, long: Tuple[str, ...], found: Dict[str, List[str]]) -> None:
    """`--name` or `--name=value`."""
    name, _, value = name.partition("=")
    if name not in long:
        raise Unknown(f"option --{name} not recognized")
    found.setdefault(name, []).append(value)


def add_short(line: str, word: "re.Match[str]", letters: str, found: Dict[str, List[str]]) -> int:
    """`-n3`, `-n 3`, `-qo`. Returns the end of what was parsed."""
    text = word[1][1:]
    for index, letter in enumerate(text):
        where = letters.find(letter)
        if where < 0 or letter == ":":
            raise Unknown(f"option -{letter} not recognized")
        values = found.setdefault(letter, [])
        if letters[where + 1 : where + 2] != ":":
            values.append("")
            continue
        if text[index + 1 :]:
            values.append(text[index + 1 :])
            return word.end()
        value = WORD.match(line, word.end())
        if value is None:
            raise UsageError(f"option -{letter} requires an argument")
        values.append(value[1])
        return value.end()
    return word.end()


def number(options: Dict[str, str], letter: str, otherwise: int) -> int:
    """An option's value as an int."""
    try:
        return int(options.get(letter, otherwise))
    except ValueError:
        raise UsageError(f"option -{letter} needs a whole number") from None


def words(line: str) -> List[str]:
    """Split a line into words as a shell does."""
    import shlex

    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{line!r}: {error}") from None
