"""Where in a cell a notebook's own statements are.

The statements are those that tokenize finds, so that strings, comments and brackets are Python's;
unfinished input has the statements before its end. Loaded for what can not be told without tokens.
Source: IPython's documentation, "Custom input transformation".
"""

import re
import tokenize

from _carme.syntax.shell_calls import command, escaped, help_call, magic, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenize import TokenInfo
    from typing import Callable, Iterator, List, Optional, Set, Tuple

    from _carme.syntax.shell_calls import Place

    Statement = List[TokenInfo]

MARGINS = (tokenize.INDENT, tokenize.DEDENT)
EMPTY = (tokenize.COMMENT, tokenize.NL)
UNFINISHED = re.compile("(?<!unexpected )EOF|triple-quoted")
HELP = re.compile(r"(?P<name>%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?[0-9]+\])*)(?P<marks>\?\??)$")


def rewritten(lines: List[str], keeps_rows: bool) -> List[str]:
    """The lines with each statement that is not Python's as a call.

    keeps_rows: whether empty lines follow a statement that is shorter as a call.
    """
    made: List[str] = []
    failed: Set[int] = set()
    while True:
        found = next_rewrite(lines, failed)
        if found is None:
            return made + lines
        (row, column, last), text, settled = found
        filled = ["\n"] * (last - row) if keeps_rows else []
        lines[row : last + 1] = [lines[row][:column] + text + "\n", *filled]
        made += lines[:settled]
        del lines[:settled]


def next_rewrite(lines: List[str], failed: Set[int]) -> Optional[Tuple[Place, str, int]]:
    """The first statement that can be rewritten: its place, its text, the rows that are settled.

    A row is settled if a statement without a margin follows: there tokens can be read anew.
    failed: ranks of KINDS; as in IPython, behind one without a meaning no other is looked at.
    """
    settled = 0
    for statement in split(lines):
        first = first_of(statement)
        if first is not None and first.type not in EMPTY and not first.start[1]:
            settled = first.start[0] - 1
        vain = set()
        for place, rank in candidates(statement, failed):
            last, text = whole(lines, place)
            call_text = KINDS[rank][1](text)
            if call_text is not None:
                return (*place[:2], last), call_text, settled
            vain.add(rank)
        failed |= vain
    return None


def candidates(statement: Statement, failed: Set[int]) -> List[Tuple[Place, int]]:
    """What a statement may be: where, and its rank in KINDS; the first one first."""
    found = []
    for rank, (find, _) in enumerate(KINDS):
        place = None if rank in failed else find(statement)
        if place is not None:
            found.append((place, rank))
    return sorted(found, key=lambda each: (each[0][:2], each[1]))


def split(lines: List[str]) -> Iterator[Statement]:
    """The tokens of each logical line; of unfinished input those before its end."""
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
    """The tokens up to what is unfinished; an ERRORTOKEN is the last one at what is wrong."""
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


def first_of(statement: Statement) -> Optional[TokenInfo]:
    """The first token that is no margin."""
    return next((token for token in statement if token.type not in MARGINS), None)


def find_help(statement: Statement) -> Optional[Place]:
    """Where a statement begins that ends in `?`, and its last row."""
    if len(statement) < 3 or statement[-2].string != "?":
        return None
    first = first_of(statement)
    return (*at(first), statement[-2].start[0] - 1) if first is not None else None


def at(token: TokenInfo) -> Tuple[int, int]:
    """Where a token begins."""
    return token.start[0] - 1, token.start[1]


def find_escaped(statement: Statement) -> Optional[Place]:
    """Where a statement begins with one of IPython's signs."""
    first = first_of(statement)
    return (*at(first), -1) if first is not None and first.string in tuple("!?%,;/") else None


def find_assigned(statement: Statement, mark: str) -> Optional[Place]:
    """Where `mark` follows the first `=` outside of brackets."""
    depth = 0
    for index, token in enumerate(statement):
        depth = max(0, depth + depth_change(token))
        if token.type == tokenize.OP and token.string == "=" and not depth:
            following = [each for each in statement[index + 1 :] if each.string.strip(" ")]
            is_own = bool(following) and following[0].string == mark
            is_own = is_own and not (mark == "!" and token.line.lstrip().startswith("="))
            return (*at(following[0]), -1) if is_own else None
    return None


def find_magic(statement: Statement) -> Optional[Place]:
    """Where the value of `x = %name line` is."""
    place = find_assigned(statement, "%")
    behind = [token for token in statement if place and at(token) > place[:2]]
    return place if behind and behind[0].type == tokenize.NAME else None


def find_command(statement: Statement) -> Optional[Place]:
    """Where the value of `x = !command` is."""
    return find_assigned(statement, "!")


def asks_help(text: str) -> Optional[str]:
    """`name?`, `name??`; None: what stands before the `?` is no name."""
    found = HELP.search(text)
    return help_call(found["name"], found["marks"]) if found else None


# by rank, where two of them begin at the same place
KINDS: Tuple[Tuple[Callable[[Statement], Optional[Place]], Callable[[str], Optional[str]]], ...] = (
    (find_help, asks_help),
    (find_magic, magic),
    (find_command, command),
    (find_escaped, escaped),
)
