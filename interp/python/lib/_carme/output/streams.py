"""sys.stdin, sys.stdout and sys.stderr of a cell.

Source: the io module's documentation (TextIOBase); "Messaging in Jupyter", "Messages on the stdin
channel".
"""

import builtins
import errno
import sys
from _thread import RLock
from io import BufferedIOBase, BufferedWriter, FileIO, TextIOBase, TextIOWrapper
from posix import getpid

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional


PID = getpid()


class StdinNotImplementedError(NotImplementedError):
    """The client that sent this cell does not support input(): allow_stdin is false."""


class BytesOutput(BufferedWriter):
    """The `buffer` of a stream: bytes stay in order with what is written as text."""

    def write(self, data: Any) -> int:
        """Writes and flushes."""
        count = super().write(data)
        self.flush()
        return count

    def close(self) -> None:
        """Flushes only. A wrapper closes it when it is finalized; later cells need it."""
        self.flush()


class OutStream(TextIOBase):
    """sys.stdout or sys.stderr. Libraries recognize a notebook by this name of the class.

    `write` is the native function: print() runs no Python frame.
    """

    __module__ = "ipykernel.iostream"
    encoding = "UTF-8"
    errors = "backslashreplace"  # of lone surrogates
    line_buffering = True
    write_through = False
    flush_interval = 0.02  # seconds

    def __init__(self, fd: int, name: str, write: Callable[[str], int]) -> None:
        """fd: 1 or 2; what is written to the descriptor is output of the cell, too."""
        self.fd = fd
        self.name = name
        self.mode = "w"
        self.write = write  # type: ignore[method-assign]
        self.bytes: Optional[BytesOutput] = None

    @property
    def buffer(self) -> BytesOutput:
        """The binary stream."""
        if self.bytes is None:
            self.bytes = BytesOutput(FileIO(self.fd, "w", closefd=False))
        return self.bytes

    def reconfigure(
        self,
        *,
        encoding: Optional[str] = None,
        errors: Optional[str] = None,
        newline: Optional[str] = None,
        line_buffering: Optional[bool] = None,
        write_through: Optional[bool] = None,
    ) -> None:
        """As TextIOWrapper.reconfigure(); has no effect, since messages carry text."""
        if encoding is not None:
            self.encoding = encoding
        if errors is not None:
            self.errors = errors
        if line_buffering is not None:
            self.line_buffering = bool(line_buffering)
        if write_through is not None:
            self.write_through = bool(write_through)

    def fileno(self) -> int:
        """The descriptor, so that subprocess can write to it."""
        return self.fd

    def isatty(self) -> bool:
        """False: it is no terminal."""
        return False

    def writable(self) -> bool:
        """True."""
        return True

    def flush(self) -> None:
        """Writes the unfinished line; the kernel sends what is written within 20 ms."""
        _carme.flush(self.fd)
        if getpid() != PID:
            original = sys.__stdout__ if self.fd == 1 else sys.__stderr__
            if original is not None:
                original.flush()

    def close(self) -> None:
        """Has no effect: later cells need the stream."""

    def _is_master_process(self) -> bool:
        """As in ipykernel: whether this process is the kernel and not a child of it."""
        return getpid() == PID

    @property
    def parent_header(self) -> Any:
        """The header of the request that what is written belongs to."""
        request = _carme.current_request()
        return {} if request is None else _carme.message(request)["header"]

    def set_parent(self, parent: Any) -> None:
        """Output of this context belongs to the request of `parent`, a get_parent()."""
        self.set_thread_parent(parent)

    def set_thread_parent(self, parent: Any) -> Any:
        """As set_parent; returns the token for reset_thread_parent."""
        from _carme.output import parent_request

        return parent_request.current.set(getattr(parent, "request", None))

    def reset_thread_parent(self, token: Any) -> None:
        """Undoes set_thread_parent()."""
        from _carme.output import parent_request

        parent_request.current.reset(token)


class BytesInput(BufferedIOBase):
    """sys.stdin.buffer: lines from the client's user, as bytes.

    Not a BufferedReader: a thread that waits for its lock cannot be interrupted.
    """

    name = "<stdin>"
    mode = "r"

    def __init__(self) -> None:
        """No line has been read."""
        self.rest = b""

    def readable(self) -> bool:
        """True."""
        return True

    def isatty(self) -> bool:
        """False: it is no terminal."""
        return False

    def fileno(self) -> int:
        """Descriptor 0, which child processes inherit."""
        return 0

    def peek(self, size: int = 0, /) -> bytes:
        """The bytes that are not read yet; if none, of a new line. b"" at end of file (Ctrl-D)."""
        if not self.rest:
            try:
                self.rest = (ask("") + "\n").encode("utf-8", "surrogatepass")
            except EOFError:
                pass
        return self.rest

    def read1(self, size: int = -1, /) -> bytes:
        """At most `size` bytes of the current line."""
        found = self.peek()
        count = len(found) if size < 0 else size
        self.rest = found[count:]
        return found[:count]

    def read(self, size: Optional[int] = -1, /) -> bytes:
        """All bytes up to end of file, or `size` bytes."""
        parts, left = [], -1 if size is None else size
        while left:
            part = self.read1(left)
            if not part:
                break
            parts.append(part)
            left -= len(part) if left > 0 else 0
        return b"".join(parts)

    def readline(self, size: Optional[int] = -1, /) -> bytes:
        """One line with its newline."""
        end = self.peek().find(b"\n") + 1
        return self.read1(end if size is None or size < 0 else min(size, end))

    def close(self) -> None:
        """Has no effect: later cells need it."""


class InputStream(TextIOWrapper):
    """sys.stdin: lines from the user of the client that sent the cell."""

    mode = "r"

    def close(self) -> None:
        """Has no effect: later cells need the stream."""


input_lock = RLock()


def ask(prompt: str, password: bool = False) -> str:
    r"""A line from the client's user, without newline. EOFError for the answer ^D (\x04)."""
    with input_lock:
        answer = _carme.ask(prompt, password)
    if isinstance(answer, int):
        raise input_error(answer)
    if answer == "\x04":
        raise EOFError("EOF when reading a line")
    return answer


def stdin_not_implemented(text: str) -> BaseException:
    """The StdinNotImplementedError; of IPython's class if that is imported."""
    module = sys.modules.get("IPython.core.error")
    kind: Any = getattr(module, "StdinNotImplementedError", StdinNotImplementedError)
    error: BaseException = kind(text)
    return error


def input_error(number: int) -> BaseException:
    """The exception for an errno that _carme.ask has returned."""
    if getpid() != PID:
        return EOFError("this is a child process of the kernel: it has nobody to ask")
    if number == errno.ENOTSUP:
        return stdin_not_implemented(
            "raw_input was called, but this frontend does not support input requests."
        )
    if number == errno.EBADMSG:
        return EOFError("the client's answer has no text")
    if number == errno.ENOMEM:
        return MemoryError()
    return EOFError("the kernel is shutting down")


def flush() -> None:
    """Flushes sys.stdout and sys.stderr, which may be None, closed, or the user's own objects."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def flush_foreign_streams() -> None:
    """Flushes streams that are not the kernel's: their text belongs to the cell that has ended."""
    if type(sys.stdout) is not OutStream or type(sys.stderr) is not OutStream:
        flush()
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass


def input(prompt: object = "", /) -> str:  # noqa: A001
    """Reads a line from the notebook's user and returns it without newline."""
    flush()
    if not isinstance(sys.stdin, InputStream):
        return builtin_input(prompt)
    return ask(str(prompt))


def getpass(prompt: str = "Password: ", stream: Any = None, **options: Any) -> str:
    """As getpass.getpass: the client does not show what is typed."""
    return ask(str(prompt), password=True)


def patch_getpass() -> None:
    """Called when getpass has been imported: the client prompts, not a terminal."""
    sys.modules["getpass"].getpass = getpass  # type: ignore[attr-defined]


def start() -> None:
    """Replaces the three streams, input() and getpass.getpass()."""
    typed: Any = BytesInput()
    sys.stdin = InputStream(typed, "utf-8", "surrogateescape")
    sys.stdout = OutStream(1, "stdout", _carme.write_stdout)
    sys.stderr = OutStream(2, "stderr", _carme.write_stderr)
    builtins.input = input
    _carme.watcher.after("getpass", patch_getpass)


builtin_input = builtins.input
