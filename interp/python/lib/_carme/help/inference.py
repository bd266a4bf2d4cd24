"""Completions that jedi infers from the code, where the user's environment has jedi.

It works in a thread of its own: an answer that is not there in time, such as one that waits for
jedi's first import, is given up, and the next question finds jedi warm.
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
_WAY_BACK = 0.03  # seconds before the deadline at which no more signatures are looked up
_questions: Any = None  # the thread's queue, once it runs


class Question:
    """What jedi is asked, and where it answers.

    Attributes:
        before: the code up to the cursor.
        names: the values of the cells' names.
        deadline: the time.monotonic() at which nobody waits any more.
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

    question = Question(before, dict(namespace), deadline)
    try:
        _thread_queue().put(question)
        return question.answer.get(timeout=max(0.0, deadline - time.monotonic()))
    except (Empty, RuntimeError):  # late; a system without threads
        return []


def _is_installed() -> bool:
    if "jedi" in sys.modules:
        return True
    from _frozen_importlib_external import PathFinder

    return sys.platform != "emscripten" and PathFinder.find_spec("jedi") is not None


def _thread_queue() -> Any:
    global _questions
    if _questions is None:
        from _queue import SimpleQueue
        from _thread import start_new_thread

        queue: Any = SimpleQueue()
        start_new_thread(_work, (queue,))
        _questions = queue
    return _questions


def _work(queue: Any) -> None:
    """Answer questions for ever; those that nobody waits for are passed over."""
    while True:
        question = queue.get()
        try:
            jedi = __import__("jedi")
            if time.monotonic() < question.deadline:
                question.answer.put(_completions(jedi, question))
        except BaseException:
            question.answer.put([])
        del question


def _completions(jedi: Any, question: Question) -> list[Found]:
    lines = question.before.split("\n")
    found = _interpreter(jedi, question).complete(len(lines), len(lines[-1]))
    named = [each for each in found[:_MOST_FOUND] if _is_visible(each.name, lines[-1])]
    return [
        (each.name, each.type, _signature(each) if _has_time(index, question) else "")
        for index, each in enumerate(named)
    ]


def _interpreter(jedi: Any, question: Question) -> Any:
    """Return jedi's Interpreter; its setting is the user's again when it is made."""
    settings: Any = jedi.settings
    name = "allow_unsafe_interpreter_executions"
    before: Union[bool, None] = getattr(settings, name, None)
    setattr(settings, name, False)
    try:
        return jedi.Interpreter(question.before, [question.names])
    finally:
        setattr(settings, name, before)


def _is_visible(name: str, line: str) -> bool:
    """Names with underscores are for who has begun one."""
    return not name.startswith("_") or line.rpartition(".")[2].startswith("_")


def _has_time(index: int, question: Question) -> bool:
    return index < _MOST_SIGNATURES and time.monotonic() < question.deadline - _WAY_BACK


def _signature(completion: Any) -> str:
    try:
        _, opening, rest = str(completion.get_signatures()[0].to_string()).partition("(")
        return opening + rest
    except Exception:
        return ""
