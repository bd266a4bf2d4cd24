"""Statements of a cell that are IPython's and can only be found by tokens, as calls of the shell.

tokenize finds the statements, so strings, comments and brackets are Python's. Of unfinished input
the statements before its end are found.
Source: IPython's documentation, "Custom input transformation".
"""

import re
import tokenize

from _carme.syntax.shell_calls import command, escaped_command, help_call, magic, statement_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenize import TokenInfo
    from typing import Callable, Iterator, List, Optional, Set, Tuple

    from _carme.syntax.shell_calls import Position

    Statement = List[TokenInfo]
    Find = Callable[[Statement], Optional[Position]]
    Call = Callable[[str], Optional[str]]

INDENTATION = (tokenize.INDENT, tokenize.DEDENT)
EMPTY = (tokenize.COMMENT, tokenize.NL)
UNFINISHED = re.compile("(?<!unexpected )EOF|triple-quoted")
HELP = re.compile(r"(?P<name>%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?[0-9]+\])*)(?P<marks>\?\??)$")


def transform(lines: List[str], keeps_rows: bool) -> List[str]:
    """The lines with each statement of IPython's replaced by a call.

    keeps_rows: whether empty lines keep the row of every statement.
    """
    made: List[str] = []
    failed: Set[int] = set()
    while True:
        found = next_replacement(lines, failed)
        if found is None:
            return made + lines
        (row, column, last), text, done = found
        filled = ["\n"] * (last - row) if keeps_rows else []
        lines[row : last + 1] = [lines[row][:column] + text + "\n", *filled]
        made += lines[:done]
        del lines[:done]


def next_replacement(lines: List[str], failed: Set[int]) -> Optional[Tuple[Position, str, int]]:
    """The first statement to replace: its position, the call, the number of rows that are done.

    Rows are done if a statement without indentation follows, where tokenize can begin again.
    failed: ranks of KINDS that had no call for an earlier statement; as in IPython, these are not
    tried again.
    """
    done = 0
    for statement in split(lines):
        first = first_token(statement)
        if first is not None and first.type not in EMPTY and not first.start[1]:
            done = first.start[0] - 1
        without_call = set()
        for position, rank in candidates(statement, failed):
            last, text = statement_at(lines, position)
            call_text = KINDS[rank][1](text)
            if call_text is not None:
                return (*position[:2], last), call_text, done
            without_call.add(rank)
        failed |= without_call
    return None


def candidates(statement: Statement, failed: Set[int]) -> List[Tuple[Position, int]]:
    """The positions and ranks in KINDS of what a statement may be, in order of position."""
    found = []
    for rank, (find, _) in enumerate(KINDS):
        position = None if rank in failed else find(statement)
        if position is not None:
            found.append((position, rank))
    return sorted(found, key=lambda each: (each[0][:2], each[1]))


def split(lines: List[str]) -> Iterator[Statement]:
    """The tokens of each logical line; of an unfinished one, those before its end."""
    statement: Statement = []
    depth = 0
    for token in read(lines):
        statement.append(token)
        depth = max(0, depth + depth_change(token))
        if token.type == tokenize.NEWLINE or token.type == tokenize.NL and not depth:
            yield statement
            statement = []
    if statement:
        yield statement


def read(lines: List[str]) -> Iterator[TokenInfo]:
    """The tokens before unfinished input, or before an error and an ERRORTOKEN there."""
    row = 0, 0
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            yield token
            row = token.end
    except tokenize.TokenError as error:
        if not UNFINISHED.search(str(error)):
            yield tokenize.TokenInfo(tokenize.ERRORTOKEN, "", row, row, "")
    except SyntaxError:
        yield tokenize.TokenInfo(tokenize.ERRORTOKEN, "", row, row, "")


def depth_change(token: TokenInfo) -> int:
    """1 for an opening bracket, -1 for a closing one, 0 for others."""
    if token.type != tokenize.OP:
        return 0
    return (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))


def first_token(statement: Statement) -> Optional[TokenInfo]:
    """The first token that is not indentation."""
    return next((token for token in statement if token.type not in INDENTATION), None)


def find_help(statement: Statement) -> Optional[Position]:
    """The position of a statement that ends in `?`."""
    if len(statement) < 3 or statement[-2].string != "?":
        return None
    first = first_token(statement)
    return (*start_of(first), statement[-2].start[0] - 1) if first is not None else None


def start_of(token: TokenInfo) -> Tuple[int, int]:
    """The row and column of a token."""
    return token.start[0] - 1, token.start[1]


def find_escaped(statement: Statement) -> Optional[Position]:
    """The position of a statement that begins with one of IPython's escape characters."""
    first = first_token(statement)
    return (*start_of(first), -1) if first is not None and first.string in tuple("!?%,;/") else None


def find_assigned(statement: Statement, mark: str) -> Optional[Position]:
    """The position of `mark` behind the first `=` outside of brackets."""
    depth = 0
    for index, token in enumerate(statement):
        depth = max(0, depth + depth_change(token))
        if token.type == tokenize.OP and token.string == "=" and not depth:
            following = [each for each in statement[index + 1 :] if each.string.strip(" ")]
            is_own = bool(following) and following[0].string == mark
            is_own = is_own and not (mark == "!" and token.line.lstrip().startswith("="))
            return (*start_of(following[0]), -1) if is_own else None
    return None


def find_magic(statement: Statement) -> Optional[Position]:
    """The position of the value of `x = %name line`."""
    position = find_assigned(statement, "%")
    behind = [token for token in statement if position and start_of(token) > position[:2]]
    return position if behind and behind[0].type == tokenize.NAME else None


def find_command(statement: Statement) -> Optional[Position]:
    """The position of the value of `x = !command`."""
    return find_assigned(statement, "!")


def help_end(text: str) -> Optional[str]:
    """The call of `name?` and `name??`, or None if no name precedes the `?`."""
    found = HELP.search(text)
    return help_call(found["name"], found["marks"]) if found else None


# the functions that find a statement and write its call; of two at one position the first wins
KINDS: Tuple[Tuple[Find, Call], ...] = (
    (find_help, help_end),
    (find_magic, magic),
    (find_command, command),
    (find_escaped, escaped_command),
)
