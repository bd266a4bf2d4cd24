"""IPython's HistoryManager on the kernel's own history.

Source: IPython's documentation, IPython.core.history.
"""

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Tuple

    Entry = Tuple[int, int, Any]


class OutputReprs(dict):  # type: ignore[type-arg]
    """output_hist_reprs; the texts of results from before the takeover are made on demand."""

    def __init__(self, history: Any) -> None:
        """history: the HistoryManager."""
        super().__init__()
        self.history = history

    def get(self, count: int, otherwise: Any = None) -> Any:
        """The text of a cell's result."""
        results = self.history.output_hist
        if count not in self and count in results:
            formatter = self.history.shell.display_formatter
            data, _ = formatter.format(results[count], include=["text/plain"])
            self[count] = data.get("text/plain", "")
        return super().get(count, otherwise)


def install(history: Any) -> None:
    """Replaces the methods that read of a HistoryManager without a file."""
    of_memory: Callable[..., Any] = history.get_range

    def get_range(
        session: int = 0, start: int = 1, stop: Any = None, raw: bool = True, output: bool = False
    ) -> Any:
        """The cells of a session; this session's are in memory."""
        if session in (0, history.session_number):
            return of_memory(0, start, stop, raw, output)
        question = {"session": session, "start": start, "stop": stop or 0}
        return query("range", question, raw, output)

    history.output_hist_reprs = OutputReprs(history)
    history.get_range = get_range
    history.get_tail = get_tail
    history.search = search
    last = get_tail(1, include_latest=True)
    history.session_number = last[-1][0] if last else 1


def get_tail(
    n: Any = 10, raw: bool = True, output: bool = False, include_latest: bool = False
) -> List[Entry]:
    """The last cells of all sessions, by default without the running one."""
    wanted = 10 if n is None else n
    if include_latest:
        return query("tail", {"n": wanted}, raw, output)
    return query("tail", {"n": wanted + 1}, raw, output)[:-1]


def search(
    pattern: str = "*",
    raw: bool = True,
    search_raw: bool = True,
    output: bool = False,
    n: Any = None,
    unique: bool = False,
) -> Iterator[Entry]:
    """The last `n` cells that match a glob pattern."""
    question = {"pattern": pattern, "unique": unique, **({} if n is None else {"n": n})}
    return iter(query("search", question, raw, output))


def query(kind: str, question: Dict[str, Any], raw: bool, output: bool) -> List[Entry]:
    """Query the history: (session, line, code) or (session, line, (code, output)) each."""
    whole = {"hist_access_type": kind, "raw": raw, "output": output, **question}
    found = _carme.history(whole)["history"]
    return [(one, line, tuple(code) if output else code) for one, line, code in found]
