"""The arguments of magics that IPython parses with argparse: options anywhere in the line.

Source: IPython's documentation, IPython.core.magic_arguments; the module argparse.
"""

from _carme.errors.usage import UsageError
from _carme.magics import options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, NoReturn, Tuple

    Names = Tuple[str, ...]


def read(line: str, flags: Names, valued: Names = (), positional: str = "") -> Dict[str, Any]:
    """Parse a line: by name True or False for flags, a str or None for the others.

    flags and valued: long options without dashes. positional: the name of an optional positional
    argument. UsageError: the line has other arguments.
    """
    words = options.words(line)
    if positional and len(words) < 2 and not "".join(words).startswith("-"):
        return {**nothing(flags, valued), positional: "".join(words) or None}
    made = parser(flags, valued)
    if positional:
        made.add_argument(positional, nargs="?")
    found: Dict[str, Any] = vars(made.parse_args(words))
    return found


def read_known(line: str, flags: Names, valued: Names) -> Tuple[Dict[str, Any], List[str]]:
    """As read(); also returns the words that are no options."""
    words = options.words(line)
    if not any(word.startswith("--") for word in words):
        return nothing(flags, valued), words
    found, rest = parser(flags, valued).parse_known_args(words)
    return vars(found), rest


def nothing(flags: Names, valued: Names) -> Dict[str, Any]:
    """The result for a line without options."""
    found = {**dict.fromkeys(flags, False), **dict.fromkeys(valued)}
    return {name.replace("-", "_"): value for name, value in found.items()}


def parser(flags: Names, valued: Names) -> Any:
    """An argparse.ArgumentParser that raises UsageError."""
    from argparse import ArgumentParser

    class Parser(ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise UsageError(message)

    made = Parser(add_help=False)
    for name in flags:
        made.add_argument("--" + name, action="store_true")
    for name in valued:
        made.add_argument("--" + name)
    return made
