"""Child processes: their standard streams, and how an interrupt ends them.

A command writes to a pseudo-terminal, as in a shell: ls makes columns, git has colours, pip a
progress bar, and nothing waits in a buffer. Its output is written to sys.stdout while it runs.
Other children write to the kernel's descriptors if the stream is the kernel's own, and else through
a pipe to that stream.
Source: the modules subprocess and selectors; pty(7), termios(3).
"""

import os
import sys
from _thread import get_ident
from errno import EIO

from _carme.output.streams import OutStream
from _carme.session.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple

    Transfer = Callable[[Any], bool]  # reads or writes what is ready; True: at the end
    Sink = Tuple[Any, Callable[[str], Any]]  # a pipe, and the function to call with its text

TERMINATE_SECONDS = 2.0  # from SIGTERM to SIGKILL
READ_SIZE = 1 << 16  # bytes
# struct winsize of ioctl_tty(2) for 24 rows of 80 columns, as pexpect has it, which IPython uses
WINDOW_SIZE = b"".join(number.to_bytes(2, sys.byteorder) for number in (24, 80, 0, 0))
SILENCE_SECONDS = 0.1  # without output, after which an ended child's pipes are left


def start(command: Any, **given: Any) -> Any:
    """Start a child, by default without stdin. command: a str for $SHELL, or words as for Popen."""
    import subprocess

    for stream in (sys.stdout, sys.stderr):
        flush(stream)
    given.setdefault("stdin", subprocess.DEVNULL)
    if isinstance(command, str):
        command = [os.environ.get("SHELL") or "/bin/sh", "-c", command]
    return subprocess.Popen(command, **given)


def descriptor(stream: Any, inherited: int) -> Optional[int]:
    """The descriptor that a child writes to for a stream; `inherited` for no stream. None: a pipe.

    A child of another thread needs a pipe: output to the descriptors belongs to the main thread's
    cell.
    """
    if isinstance(stream, OutStream) and get_ident() == State.main_thread:
        return stream.fileno()
    return inherited if stream is None else None


def flush(stream: Any) -> None:
    """Flushes a stream if it can be."""
    method = getattr(stream, "flush", None)
    if method is not None and not getattr(stream, "closed", False):
        method()


def writer(stream: Any) -> Callable[[str], None]:
    """Return a function that writes to a stream and flushes it."""

    def write(text: str) -> None:
        stream.write(text)
        flush(stream)

    return write


def run(command: Any) -> int:
    """Runs a command on a terminal whose output is written to sys.stdout.

    Returns its exit status; -N for signal N, also where a shell returns 128 + N.
    """
    terminal, written = open_terminal()
    try:
        child = start(command, stdout=written, stderr=written)
    except BaseException:
        terminal.close()
        raise
    finally:
        os.close(written)
    communicate(child, [(terminal, writer(sys.stdout or sys.__stdout__))])
    status: int = child.returncode
    return 128 - status if status > 128 else status


def open_terminal() -> Tuple[Any, int]:
    """Open a pseudo-terminal without output processing: (its master as a file, the slave).

    A pipe where there are no terminals.
    """
    try:
        read, written = os.openpty()
    except (AttributeError, OSError):  # a browser's Python has none
        read, written = os.pipe()
        return open(read, "rb", 0), written
    import fcntl
    import termios

    modes = termios.tcgetattr(written)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(written, termios.TCSANOW, modes)
    fcntl.ioctl(written, termios.TIOCSWINSZ, WINDOW_SIZE)
    return open(read, "rb", 0), written


def output(command: Any) -> str:
    """Run a command, and return its stdout and stderr."""
    import subprocess

    parts: List[str] = []
    child = start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    communicate(child, [(child.stdout, parts.append)])
    return "".join(parts)


def communicate(child: Any, sinks: List[Sink], text: Optional[bytes] = None) -> None:
    """Writes a child's input and reads its output until it ends; an interrupt terminates it."""
    try:
        if sinks or text is not None:
            exchange(child, sinks, text or b"")
        child.wait()
    except BaseException:
        terminate(child)
        raise


def exchange(child: Any, sinks: List[Sink], text: bytes) -> None:
    """Writes and reads until the pipes are at their end or only held by background processes."""
    from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector

    with DefaultSelector() as selector:
        if child.stdin is not None:
            selector.register(child.stdin, EVENT_WRITE, feeder(text))
        for pipe, use in sinks:
            selector.register(pipe, EVENT_READ, reader(use))
        while selector.get_map():
            ready = selector.select(SILENCE_SECONDS)
            for key, _ in ready:
                if key.data(key.fileobj):
                    selector.unregister(key.fileobj)
                    close(key.fileobj)
            if not ready and child.poll() is not None:
                break
        left = [(key.fileobj, key.data) for key in selector.get_map().values()]
    for pipe, take in left:
        read_in_thread(pipe, take)


def feeder(text: bytes) -> Transfer:
    """Return a Transfer that writes the text to a pipe without blocking."""
    from select import PIPE_BUF

    rest = [memoryview(text)]

    def take(pipe: Any) -> bool:
        try:
            count = os.write(pipe.fileno(), rest[0][:PIPE_BUF]) if rest[0] else 0
        except BrokenPipeError:
            return True
        rest[0] = rest[0][count:]
        return not rest[0]

    return take


def reader(use: Callable[[str], Any]) -> Transfer:
    """Return a Transfer that reads from a pipe and calls `use` with the text."""
    from codecs import getincrementaldecoder

    decoder = getincrementaldecoder("utf-8")("replace")

    def take(pipe: Any) -> bool:
        try:
            data = os.read(pipe.fileno(), READ_SIZE)
        except OSError as error:
            if error.errno != EIO:
                raise
            data = b""  # the last process has closed the terminal
        text = decoder.decode(data, not data)
        if text:
            use(text)
        return not data

    return take


def close(pipe: Any) -> None:
    """Closes a pipe, also one without a reader."""
    try:
        pipe.close()
    except BrokenPipeError:
        pass


def read_in_thread(pipe: Any, take: Transfer) -> None:
    """Reads in a thread from a pipe that a background process still holds."""
    from threading import Thread

    def go_on() -> None:
        while not take(pipe):
            pass
        close(pipe)

    Thread(target=go_on, daemon=True).start()


def terminate(child: Any) -> None:
    """Terminates a child; kills it after TERMINATE_SECONDS."""
    import subprocess

    child.terminate()
    try:
        child.wait(TERMINATE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            close(pipe)
