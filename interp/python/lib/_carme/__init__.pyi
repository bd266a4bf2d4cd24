"""What the native half of the kernel offers to the Python half: interp/python/module.c."""

from typing import Any, Callable, Mapping, Protocol, Sequence

class _Watcher(Protocol):
    def after(self, name: str, call: Callable[[], object], /) -> None:
        """Calls once the module `name` has been imported; at once where it is."""

watcher: _Watcher

def main() -> None:
    """Runs what sys.argv asks for, from its third item on, and removes that from sys.argv."""

def write_stdout(text: str, /) -> int:
    """Appends to the current request's stdout; returns the number of characters. Any thread."""

def write_stderr(text: str, /) -> int:
    """As write_stdout, for stderr."""

def publish(
    type: str,
    content: Mapping[str, Any],
    metadata: Mapping[str, Any],
    buffers: Sequence[Any] | None = None,
    /,
) -> None:
    """Sends a message on iopub for the current request; buffers are bytes-like, not copied."""

def ask(prompt: str, password: bool, /) -> str | int:
    """Asks the client for one line; the errno when it can not be had. KeyboardInterrupt ends it."""

def set_wait(wait: Callable[[int], object], /) -> None:
    """Waits with `wait(fd)` instead of poll(2) between requests: until fd is readable."""

def source(module: str, /) -> bytes | None:
    """The source of the embedded module `_carme.MODULE`."""

def resource(name: str, /) -> bytes | None:
    """An embedded file of the kernelspec."""
