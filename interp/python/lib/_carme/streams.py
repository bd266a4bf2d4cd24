"""sys.stdin, sys.stdout and sys.stderr of a cell.

Source: the io module's documentation (TextIOBase); "Messaging in Jupyter", "Messages on the stdin
channel".
"""

import builtins
import errno
import sys
from _thread import RLock
from io import FileIO, TextIOBase
from posix import getpid

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional


PID = getpid()


class StdinNotImplementedError(NotImplementedError):
    """The client that sent this cell can not be asked: its request says allow_stdin=false."""


class OutputStream(TextIOBase):
    """Text for the cell. `write` is the native function itself: no Python frame for each print."""

    encoding = "utf-8"
    errors = "backslashreplace"
    line_buffering = True

    def __init__(self, fd: int, name: str, write: Callable[[str], int]) -> None:
        """For descriptor 1 or 2, which leads to the cell as well."""
        self.fd = fd
        self.name = name
        self.mode = "w"
        self.write = write  # type: ignore[method-assign]

    @property
    def buffer(self) -> FileIO:
        """Bytes for the descriptor: they keep their place among the texts."""
        return FileIO(self.fd, "w", closefd=False)

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


class InputStream(TextIOBase):
    """Lines from the client that sent the cell."""

    encoding = "utf-8"
    errors = "strict"
    name = "<stdin>"
    mode = "r"

    def __init__(self) -> None:
        """Nothing has been typed yet."""
        self.rest = ""

    def readable(self) -> bool:
        """Always."""
        return True

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def fileno(self) -> int:
        """Standard input of the process, which children inherit."""
        return 0

    def readline(self, size: Optional[int] = -1) -> str:  # type: ignore[override]
        """One line with its newline; "" at the end of input (Ctrl-D)."""
        if not self.rest:
            try:
                self.rest = ask("") + "\n"
            except EOFError:
                return ""
        end = self.rest.index("\n") + 1
        if size is not None and 0 <= size < end:
            end = size
        line, self.rest = self.rest[:end], self.rest[end:]
        return line

    def read(self, size: Optional[int] = -1) -> str:
        """Everything up to the end of input, or `size` characters."""
        text = ""
        while size is None or size < 0 or len(text) < size:
            line = self.readline()
            if not line:
                return text
            text += line
        text, self.rest = text[:size], text[size:] + self.rest
        return text

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


def input(prompt: object = "", /) -> str:  # noqa: A001
    """Asks the notebook's user for a line and returns it without newline."""
    sys.stdout.flush()
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
    sys.stdin = InputStream()
    sys.stdout = OutputStream(1, "<stdout>", _carme.write_stdout)
    sys.stderr = OutputStream(2, "<stderr>", _carme.write_stderr)
    builtins.input = input
    _carme.watcher.after("getpass", patch_getpass)


builtin_input = builtins.input
