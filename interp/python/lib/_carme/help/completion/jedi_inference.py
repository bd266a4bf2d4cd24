"""Completions that jedi infers from the code, where the user's environment has jedi.

jedi runs in a thread of its own. An answer after the deadline is dropped, usually the first one,
which waits for the import of jedi; the next request finds jedi imported.
Source: jedi's documentation, "API Overview", Interpreter.
"""

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union

    Found = tuple[str, str, str]  # name, jedi's type, signature

_MOST_SIGNATURES = 50
_MOST_FOUND = 1000
_RESERVE = 0.03  # seconds before the deadline; in them no signatures are computed
_requests: Any = None  # the queue of the thread, once it is started


class Request:
    """A request to the thread, and the queue for its answer.

    Attributes:
        before: the code up to the cursor.
        names: the namespace of the cells.
        deadline: a time.monotonic(); after it nobody waits for the answer.
        answer: a queue of one list of Found.
    """

    __slots__ = ("answer", "before", "deadline", "names")

    def __init__(self, before: str, names: dict[str, Any], deadline: float) -> None:
        from _queue import SimpleQueue

        self.before = before
        self.names = names
        self.deadline = deadline
        self.answer: SimpleQueue[list[Found]] = SimpleQueue()


def infer(before: str, namespace: Mapping[str, Any], deadline: float) -> list[Found]:
    """Return what jedi completes at the end of `before`; nothing without jedi, or when it is late.

    `deadline` is a time.monotonic(). No property and no ``__getitem__`` of the user's is run.
    """
    if not _is_installed():
        return []
    from _queue import Empty

    request = Request(before, dict(namespace), deadline)
    try:
        _thread_queue().put(request)
        return request.answer.get(timeout=max(0.0, deadline - time.monotonic()))
    except (Empty, RuntimeError):  # late; a system without threads
        return []


def _is_installed() -> bool:
    if "jedi" in sys.modules:
        return True
    from _frozen_importlib_external import PathFinder

    return sys.platform != "emscripten" and PathFinder.find_spec("jedi") is not None


def _thread_queue() -> Any:
    global _requests
    if _requests is None:
        from _queue import SimpleQueue
        from _thread import start_new_thread

        queue: Any = SimpleQueue()
        start_new_thread(_work, (queue,))
        _requests = queue
    return _requests


def _work(queue: Any) -> None:
    """Answer requests in an endless loop; skip those whose deadline has passed."""
    while True:
        request = queue.get()
        try:
            jedi = __import__("jedi")
            if time.monotonic() < request.deadline:
                request.answer.put(_completions(jedi, request))
        except BaseException:
            request.answer.put([])
        del request


def _completions(jedi: Any, request: Request) -> list[Found]:
    lines = request.before.split("\n")
    found = _interpreter(jedi, request).complete(len(lines), len(lines[-1]))
    named = [each for each in found[:_MOST_FOUND] if _is_visible(each.name, lines[-1])]
    return [
        (each.name, each.type, _signature(each) if _has_time(index, request) else "")
        for index, each in enumerate(named)
    ]


def _interpreter(jedi: Any, request: Request) -> Any:
    """Return jedi's Interpreter, made with a setting that is restored afterwards."""
    settings: Any = jedi.settings
    name = "allow_unsafe_interpreter_executions"
    before: Union[bool, None] = getattr(settings, name, None)
    setattr(settings, name, False)
    try:
        return jedi.Interpreter(request.before, [request.names])
    finally:
        setattr(settings, name, before)


def _is_visible(name: str, line: str) -> bool:
    """Whether the name has no underscore at its start, or the user has typed one."""
    return not name.startswith("_") or line.rpartition(".")[2].startswith("_")


def _has_time(index: int, request: Request) -> bool:
    return index < _MOST_SIGNATURES and time.monotonic() < request.deadline - _RESERVE


def _signature(completion: Any) -> str:
    try:
        _, opening, rest = str(completion.get_signatures()[0].to_string()).partition("(")
        return opening + rest
    except Exception:
        return ""
