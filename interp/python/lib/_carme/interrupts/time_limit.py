"""A limit for the time that code of the user's may take where nobody has asked to run it.

A thread counts; when the time is over, it sends the main thread SIGINT, which is raised there as
TooSlow: also where the code sleeps. Elsewhere (another thread, no threads) there is no limit.
Source: The Python Standard Library, "signal", pthread_kill.
"""

from _thread import get_ident

from _carme.session.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_REPEAT_SECONDS = 0.2  # seconds after which code that has gone on is told once more


class TimeLimitExceeded(BaseException):
    """The time is over."""


class TimeLimit:
    """A block in which TooSlow is raised after some seconds, and again and again from then on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.main = 0  # the thread's identifier, once there is a limit
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
        # handles what has come so far before it changes the handler
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
