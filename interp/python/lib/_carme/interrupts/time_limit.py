"""A time limit for user code that the kernel runs unasked, such as a __dir__ for completion.

After the limit a thread sends SIGINT to the main thread, where the handler raises
TimeLimitExceeded, also while the code sleeps. In other threads, or without threads, there is none.
Source: The Python Standard Library, "signal", pthread_kill.
"""

from _thread import get_ident

from _carme.session.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_REPEAT_SECONDS = 0.2  # until it is raised again in code that goes on


class TimeLimitExceeded(BaseException):
    """Raised in code that has reached its time limit."""


class TimeLimit:
    """A block in which TimeLimitExceeded is raised after some seconds, and again until it ends."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.main = 0  # the main thread's identifier, once the limit is set
        self.handler: Any = None

    def __enter__(self) -> None:
        import _signal
        import _thread

        if get_ident() != State.main_thread:
            return
        if not hasattr(_signal, "pthread_kill"):
            return
        self.over, self.ended = _thread.allocate_lock(), _thread.allocate_lock()
        self.over.acquire()
        self.ended.acquire()
        try:
            _thread.start_new_thread(self._count, ())
        except RuntimeError:
            return
        self.main = get_ident()
        self.handler = _signal.signal(_signal.SIGINT, self._raise)

    def __exit__(self, *error: object) -> None:
        if not self.main:
            return
        import _signal

        self.over.release()
        self.ended.acquire()
        # pending signals are handled before the handler is changed
        _signal.signal(_signal.SIGINT, self.handler)

    def _count(self) -> None:
        import _signal

        wait = self.seconds
        while not self.over.acquire(timeout=wait):
            wait = _REPEAT_SECONDS
            if self.handler is not None:
                _signal.pthread_kill(self.main, _signal.SIGINT)
        self.ended.release()

    def _raise(self, number: int, frame: Any) -> None:
        while frame is not None:
            if frame.f_code in _OWN_CODE:
                return
            frame = frame.f_back
        raise TimeLimitExceeded


_OWN_CODE = frozenset((TimeLimit.__enter__.__code__, TimeLimit.__exit__.__code__))
