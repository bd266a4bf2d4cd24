"""%history, %recall, %rerun, %macro.

Source: IPython's documentation, IPython.core.magics.history.
"""

import os
import sys

import _carme
from _carme.errors.usage import UsageError
from _carme.magics import options, user_code
from _carme.magics.function import show
from _carme.session import current, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple


def inputs() -> List[Tuple[int, str]]:
    """(execution count, code) of this session's cells, the running one included."""
    return [each for each in state.history.items() if each[0]]


def chosen(ranges: str) -> List[Tuple[int, str]]:
    """The cells of ranges `3 5-8 10`, ends included; all cells without ranges."""
    found = inputs()
    if not ranges.strip():
        return found
    made: List[Tuple[int, str]] = []
    for word in ranges.split():
        first, dash, last = word.partition("-")
        try:
            begin = int(first or 1)
            end = int(last or state.cell.count - 1) if dash else begin
        except ValueError:
            raise UsageError(f"{word!r} is no range of this session's cells") from None
        made += [each for each in found if begin <= each[0] <= end]
    return made


def history(line: str) -> None:
    """Prints cells: %history [-n] [-f FILE] [-l COUNT] [-g PATTERN] [-u] [RANGES].

    -n: with numbers. -f: to a file. -l: the last ones. -g: those with the pattern; both of all
    sessions. -u: equal cells once.
    """
    found, words = options.gather(line, "nuf:l:g")
    rest = " ".join(words)
    if "g" in found or "l" in found:
        rows = of_all_sessions(found, rest)
    else:
        rows = [(str(count), text) for count, text in chosen(rest)]
    if "u" in found:
        rows = list({text: (number, text) for number, text in rows}.values())
    if "n" in found or "g" in found:
        lines = [f"{number:>4}:{separator(text)}{text}" for number, text in rows]
    else:
        lines = [text for _, text in rows]
    if "f" not in found:
        show("\n".join(lines))
        return
    with open(os.path.expanduser(found["f"]), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def separator(text: str) -> str:
    """The text between a cell's number and its code."""
    return "\n" if "\n" in text else " "


def of_all_sessions(found: Dict[str, str], pattern: str) -> List[Tuple[str, str]]:
    """Cells of all sessions with their numbers: those that match, or the last ones."""
    own = query({"hist_access_type": "tail", "n": 1})
    if "g" in found:
        question: Dict[str, Any] = {"hist_access_type": "search", "pattern": f"*{pattern}*"}
        if "l" in found:
            question["n"] = options.number(found, "l", 10)
        rows = query(question)
    else:
        rows = query({"hist_access_type": "tail", "n": options.number(found, "l", 10) + 1})[:-1]
    return [
        (str(line) if own and session == own[0][0] else f"{session}/{line}", code)
        for session, line, code in rows
    ]


def query(question: Dict[str, Any]) -> List[List[Any]]:
    """Session, line and code of cells in the kernel's history."""
    return _carme.history(question)["history"]


def recall(line: str) -> None:
    """Puts text into the next cell: the last result, or cells by number or range."""
    text = line.strip()
    if not text:
        made = str(state.namespace.get("_", ""))
    else:
        made = "\n".join(each for _, each in chosen(text))
    current.get_ipython().set_next_input(made)


def rerun(line: str) -> None:
    """Runs cells again: a range, the last COUNT (-l), or the last one."""
    found, rest = options.take(line, "l:")
    cells = chosen(rest) if rest else chosen("")[-1 - options.number(found, "l", 1) : -1]
    text = "\n".join(each for _, each in cells)
    show(f"=== Executing: ===\n{text}\n=== Output: ===")
    value = user_code.run_text(text)
    if value is not None:
        sys.displayhook(value)


class Macro:
    """Code that runs when its name is a cell's last expression."""

    def __init__(self, text: str) -> None:
        """The code."""
        self.value = text

    def _ipython_display_(self) -> None:
        user_code.run_text(self.value)

    def __repr__(self) -> str:
        return f"<Macro {self.value!r}>"


def macro(line: str) -> None:
    """Names cells as a macro: `%macro name 3 5-8`. -q: prints nothing. -r: as typed."""
    found, rest = options.take(line, "qr")
    name, _, ranges = rest.partition(" ")
    if not name.isidentifier() or not ranges.strip():
        raise UsageError("usage: %macro NAME CELLS, as in %macro again 3 5-8")
    text = "\n".join(each for _, each in chosen(ranges))
    state.namespace[name] = Macro(text)
    if "q" not in found:
        show(
            f"Macro `{name}` created. To execute, type its name (without quotes).\n"
            f"=== Macro contents: ===\n{text}"
        )
