"""Child processes: where they write, what they read, and how an interrupt ends them.

A command writes to a terminal, as in a shell: ls makes columns, git has colours, pip a bar of its
progress, and nothing waits in a buffer. What it writes there goes through sys.stdout while it runs.
Other children write to the cell by themselves where the stream is the kernel's own, and else
through that stream.
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

    Transfer = Callable[[Any], bool]  # takes what a pipe has; True: that was all of it
    Sink = Tuple[Any, Callable[[str], Any]]  # a pipe, and what is called with its text

TERMINATE_SECONDS = 2.0  # seconds that an interrupted child has to end
READ_SIZE = 1 << 16  # bytes that are read from a pipe at once
# struct winsize of ioctl_tty(2) for 24 rows of 80 columns, as pexpect has it, which IPython uses
WINDOW_SIZE = b"".join(number.to_bytes(2, sys.byteorder) for number in (24, 80, 0, 0))
SILENCE_SECONDS = 0.1  # seconds of silence after which a child that has ended is done with


def start(command: Any, **given: Any) -> Any:
    """A child that reads nothing; `command` for $SHELL, or words. As subprocess.Popen."""
    import subprocess

    for stream in (sys.stdout, sys.stderr):
        flush(stream)
    given.setdefault("stdin", subprocess.DEVNULL)
    if isinstance(command, str):
        command = [os.environ.get("SHELL") or "/bin/sh", "-c", command]
    return subprocess.Popen(command, **given)


def descriptor(stream: Any, inherited: int) -> Optional[int]:
    """What a child writes to for a stream; `inherited` for None. None: a pipe is needed.

    The descriptors are the main thread's: what a child of another writes goes to that one's cell.
    """
    if isinstance(stream, OutStream) and get_ident() == State.main_thread:
        return stream.fileno()
    return inherited if stream is None else None


def flush(stream: Any) -> None:
    """As far as it can."""
    method = getattr(stream, "flush", None)
    if method is not None and not getattr(stream, "closed", False):
        method()


def writer(stream: Any) -> Callable[[str], None]:
    """What writes text to a stream at once."""

    def write(text: str) -> None:
        stream.write(text)
        flush(stream)

    return write


def run(command: Any) -> int:
    """Runs a command to its end; both its streams are a terminal, which writes to sys.stdout.

    Returns its status; -N for signal N, also where a shell tells of that by 128 + N.
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
    """A file to read what is written to a terminal, and its descriptor; a pipe where there is none.

    Lines end as they are written: no carriage return is added.
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
    """What a command writes, to both streams."""
    import subprocess

    parts: List[str] = []
    child = start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    communicate(child, [(child.stdout, parts.append)])
    return "".join(parts)


def communicate(child: Any, sinks: List[Sink], text: Optional[bytes] = None) -> None:
    """Gives a child its input and hands on what it writes, until its end, or an interrupt."""
    try:
        if sinks or text is not None:
            exchange(child, sinks, text or b"")
        child.wait()
    except BaseException:
        terminate(child)
        raise


def exchange(child: Any, sinks: List[Sink], text: bytes) -> None:
    """Writes and reads what is ready, until all is, or the child has left its pipes to others."""
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
    """Writes to a pipe as much as it takes without waiting."""
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
    """Hands on what a pipe has, as text."""
    from codecs import getincrementaldecoder

    decoder = getincrementaldecoder("utf-8")("replace")

    def take(pipe: Any) -> bool:
        try:
            data = os.read(pipe.fileno(), READ_SIZE)
        except OSError as error:
            if error.errno != EIO:
                raise
            data = b""  # the last process has left the terminal
        text = decoder.decode(data, not data)
        if text:
            use(text)
        return not data

    return take


def close(pipe: Any) -> None:
    """Also one whose reader is gone."""
    try:
        pipe.close()
    except BrokenPipeError:
        pass


def read_in_thread(pipe: Any, take: Transfer) -> None:
    """A pipe that a background process has still: what it writes there is handed on by a thread."""
    from threading import Thread

    def go_on() -> None:
        while not take(pipe):
            pass
        close(pipe)

    Thread(target=go_on, daemon=True).start()


def terminate(child: Any) -> None:
    """Ends it, by force after GRACE seconds."""
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
