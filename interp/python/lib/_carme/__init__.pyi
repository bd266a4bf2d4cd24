"""What the native half of the kernel offers to the Python half: interp/python/module.c."""

from contextvars import ContextVar
from importlib.machinery import ModuleSpec
from typing import Any, Callable, Mapping, Protocol, Sequence

class _Watcher(Protocol):
    def after(self, name: str, call: Callable[[], object], /) -> None:
        """Calls once the module `name` has been imported; at once where it is."""

watcher: _Watcher
stand_ins: dict[str, Callable[[str], ModuleSpec | None]]  # of packages: see the importer

def hide_frames(function: Any, original: Any) -> None:
    """Lets tracebacks pass over a function in the place of one of importlib's."""
    ...

def main() -> None:
    """Runs what the launcher's part of sys.argv asks for, and removes that from sys.argv."""

def interrupted(number: int, frame: object, /) -> None:
    """signal.default_int_handler of the desktop: raises KeyboardInterrupt."""

def write_stdout(text: str, /) -> int:
    """Appends to the current request's stdout; returns the number of characters. Any thread."""

def write_stderr(text: str, /) -> int:
    """As write_stdout, for stderr."""

def flush(fd: int, /) -> None:
    """Writes the unfinished line of this thread's stdout (1) or stderr (2), where there is one.

    In a child that was forked, what C has not written of its stdout yet, too.
    """

def buffer_lines(on: bool, /) -> None:
    """Whether this thread's lines are written whole; False writes the unfinished one.

    A forked child's are anyway.
    """

def write_to_running_cell(on: bool, /) -> None:
    """Whether threads with buffered lines write to the cell that runs, not to their own."""

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

def current_request() -> object:
    """The request that the current context belongs to, for set_request_variable(); or None."""

def control_request() -> object:
    """The last request on the control channel, or None."""

def message(request: object, /) -> dict[str, Any]:
    """What the client sent as a request of current_request(): interp/python/message_dict.h."""

def message_fd() -> int:
    """A descriptor that is readable when a message has come for this thread's shell."""

def serve_comms() -> None:
    """Answers comm messages that have come while this thread's cell awaits, by shell.comm()."""

def history(request: Mapping[str, Any], /) -> dict[str, list[list[Any]]]:
    """The "history" of history_reply for this content of a history_request. OSError."""

def hash_code(code: str, /) -> int:
    """The hash by which Jupyter's debugger names a cell: protocol/murmur2.h."""

def share_output() -> None:
    """This cell has started processes that work for later cells: their output is those cells'."""

def flush_before_exit() -> None:
    """The process is about to end by _exit(): sends what was written; nothing can be sent after."""

def shut_down() -> None:
    """Ends the kernel once the request that is being answered has its reply; not a browser's."""

def interrupt_thread(threads: set[int], ident: int, /) -> bool:
    """Raises KeyboardInterrupt in the thread, if the set has it; what it returns."""

def exclude_thread(threads: set[int], ident: int, /) -> None:
    """Takes the calling thread out of the set; an exception that waits for it is dropped."""

def set_wait(wait: Callable[[int], object], /) -> None:
    """wait(fd) takes the place of poll(2) between requests: it returns when fd is readable."""

def set_request_variable(variable: ContextVar[object], /) -> None:
    """What is written, published or asked belongs to the request that the variable holds.

    In a context where it is None, that is the request that the thread's shell answers.
    """

def source(module: str, /) -> bytes | None:
    """The source of the embedded module `_carme.MODULE`."""

def resource(name: str, /) -> bytes | None:
    """An embedded file of the kernelspec."""

# In a browser's worker only, in the place of main: interp/python/browser/bridge.c.

def start(host: object, /) -> None:
    """Starts the kernel; its messages go to the host, a _carme.browser.worker_api.Host."""

def push(
    channel: str, header: str, parent: str, metadata: str, content: str, buffers: list[bytes], /
) -> None:
    """Takes a message of the client and answers what can be answered."""

def done(result: tuple[bool, Mapping[str, Any]], /) -> None:
    """Ends the execution for which _carme.shell.entry_points.execute has returned None."""

def resume() -> None:
    """Answers what has waited for done()."""

def tick() -> None:
    """Posts the text that waits for more."""
