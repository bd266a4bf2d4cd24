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
    """The client that sent this cell can not be asked: its request says allow_stdin=false."""


class BytesOutput(BufferedWriter):
    """Bytes for a descriptor: they keep their place among the texts."""

    def write(self, data: Any) -> int:
        """Writes all of it at once."""
        count = super().write(data)
        self.flush()
        return count

    def close(self) -> None:
        """A wrapper of it that ends closes it: cells after that need it."""
        self.flush()


class OutStream(TextIOBase):
    """Text for the cell, by the name by which libraries know a notebook's stream.

    `write` is the native function itself: no Python frame for each print.
    """

    __module__ = "ipykernel.iostream"
    encoding = "UTF-8"
    errors = "backslashreplace"  # of lone surrogates
    line_buffering = True
    write_through = False
    flush_interval = 0.02  # seconds

    def __init__(self, fd: int, name: str, write: Callable[[str], int]) -> None:
        """For descriptor 1 or 2, which leads to the cell as well."""
        self.fd = fd
        self.name = name
        self.mode = "w"
        self.write = write  # type: ignore[method-assign]
        self.bytes: Optional[BytesOutput] = None

    @property
    def buffer(self) -> BytesOutput:
        """Bytes for the descriptor."""
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
        """As TextIOWrapper.reconfigure(); nothing changes, since text goes to the cell as text."""
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
        """Never a terminal."""
        return False

    def writable(self) -> bool:
        """Always."""
        return True

    def flush(self) -> None:
        """Writes what a forked child keeps back; the kernel sends all it has within 20 ms."""
        _carme.flush(self.fd)
        if getpid() != PID:
            original = sys.__stdout__ if self.fd == 1 else sys.__stderr__
            if original is not None:
                original.flush()

    def close(self) -> None:
        """Cells after this one need the stream."""

    def _is_master_process(self) -> bool:
        """Whether this is the kernel and not a child of it; ipykernel's stream has it too."""
        return getpid() == PID

    @property
    def parent_header(self) -> Any:
        """The header of the request that what is written belongs to."""
        request = _carme.hold()
        return {} if request is None else _carme.message(request)["header"]

    def set_parent(self, parent: Any) -> None:
        """What is written from here belongs to the cell whose get_parent() is given."""
        self.set_thread_parent(parent)

    def set_thread_parent(self, parent: Any) -> Any:
        """As set_parent; for reset_thread_parent."""
        from _carme.output import parent_request

        return parent_request.current.set(getattr(parent, "request", None))

    def reset_thread_parent(self, token: Any) -> None:
        """As it was before set_thread_parent()."""
        from _carme.output import parent_request

        parent_request.current.reset(token)


class BytesInput(BufferedIOBase):
    """The lines that the client is asked for, as bytes.

    No BufferedReader: who waits for its lock, since another thread reads, can not be interrupted.
    """

    name = "<stdin>"
    mode = "r"

    def __init__(self) -> None:
        """Nothing has been typed yet."""
        self.rest = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def fileno(self) -> int:
        """Standard input of the process, which children inherit."""
        return 0

    def peek(self, size: int = 0, /) -> bytes:
        """What has been typed, a line at the least; b"" at the end of input (Ctrl-D)."""
        if not self.rest:
            try:
                self.rest = (ask("") + "\n").encode("utf-8", "surrogatepass")
            except EOFError:
                pass
        return self.rest

    def read1(self, size: int = -1, /) -> bytes:
        """What has been typed, `size` bytes of it at the most."""
        found = self.peek()
        count = len(found) if size < 0 else size
        self.rest = found[count:]
        return found[:count]

    def read(self, size: Optional[int] = -1, /) -> bytes:
        """Everything up to the end of input, or `size` bytes."""
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
        """Cells after this one need it."""


class InputStream(TextIOWrapper):
    """Lines from the client that sent the cell."""

    mode = "r"

    def close(self) -> None:
        """Cells after this one need the stream."""


asking = RLock()


def ask(prompt: str, password: bool = False) -> str:
    r"""One line from the client, without newline. EOFError for an answer of ^D (\\x04)."""
    with asking:
        answer = _carme.ask(prompt, password)
    if isinstance(answer, int):
        raise refusal(answer)
    if answer == "\x04":
        raise EOFError("EOF when reading a line")
    return answer


def not_implemented(text: str) -> BaseException:
    """The error of a client that can not be asked; IPython's own where that runs."""
    module = sys.modules.get("IPython.core.error")
    kind: Any = getattr(module, "StdinNotImplementedError", StdinNotImplementedError)
    made: BaseException = kind(text)
    return made


def refusal(number: int) -> BaseException:
    """What an errno of _carme.ask means."""
    if getpid() != PID:
        return EOFError("this is a child process of the kernel: it has nobody to ask")
    if number == errno.ENOTSUP:
        return not_implemented(
            "raw_input was called, but this frontend does not support input requests."
        )
    if number == errno.EBADMSG:
        return EOFError("the client's answer has no text")
    if number == errno.ENOMEM:
        return MemoryError()
    return EOFError("the kernel is shutting down")


def flush() -> None:
    """What the output streams keep; they may be the user's own: closed, without a flush, None."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def flush_others() -> None:
    """Texts that wait in streams which are not the kernel's belong to the cell that has ended."""
    if type(sys.stdout) is not OutStream or type(sys.stderr) is not OutStream:
        flush()
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass


def input(prompt: object = "", /) -> str:  # noqa: A001
    """Asks the notebook's user for a line and returns it without newline."""
    flush()
    if not isinstance(sys.stdin, InputStream):
        return builtin_input(prompt)
    return ask(str(prompt))


def getpass(prompt: str = "Password: ", stream: Any = None, **options: Any) -> str:
    """As getpass.getpass: asks without showing what is typed."""
    return ask(str(prompt), password=True)


def patch_getpass() -> None:
    """The client asks, not the terminal."""
    sys.modules["getpass"].getpass = getpass  # type: ignore[attr-defined]


def start() -> None:
    """Takes over the three streams, input and getpass."""
    typed: Any = BytesInput()
    sys.stdin = InputStream(typed, "utf-8", "surrogateescape")
    sys.stdout = OutStream(1, "stdout", _carme.write_stdout)
    sys.stderr = OutStream(2, "stderr", _carme.write_stderr)
    builtins.input = input
    _carme.watcher.after("getpass", patch_getpass)


builtin_input = builtins.input
