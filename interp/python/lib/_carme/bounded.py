"""A limit for the time that code of the user's may take where nobody has asked to run it.

A thread counts; when the time is over, it sends the main thread SIGINT, which is raised there as
TooSlow: also where the code sleeps. Elsewhere (another thread, no threads) there is no limit.
Source: The Python Standard Library, "signal", pthread_kill.
"""

from _thread import get_ident

from _carme.shell import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_AGAIN = 0.2  # seconds after which code that has gone on is told once more


class TooSlow(BaseException):
    """The time is over."""


class Bounded:
    """A block in which TooSlow is raised after some seconds, and again and again from then on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False
        self.counting: Any = None
        self.handler: Any = None

    def __enter__(self) -> None:
        import _signal
        import _thread

        if get_ident() != State.main or not hasattr(_signal, "pthread_kill"):
            return
        self.guard, self.counting = _thread.allocate_lock(), _thread.allocate_lock()
        self.counting.acquire()
        try:
            self.handler = _signal.signal(_signal.SIGINT, self._raise)
            _thread.start_new_thread(self._count, ())
        except (RuntimeError, ValueError):
            self.counting = None

    def __exit__(self, *error: object) -> None:
        if self.counting is None:
            return
        import _signal

        while not self.over:
            try:
                with self.guard:
                    self.over = True
            except TooSlow:
                continue
        self.counting.release()
        _signal.signal(_signal.SIGINT, self.handler)

    def _count(self) -> None:
        import _signal

        wait = self.seconds
        while not self.counting.acquire(timeout=wait):
            wait = _AGAIN
            with self.guard:
                if not self.over:
                    _signal.pthread_kill(State.main, _signal.SIGINT)

    def _raise(self, number: int, frame: Any) -> None:
        if not self.over:
            raise TooSlow
