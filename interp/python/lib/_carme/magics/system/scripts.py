"""Magics that run the cell in another program: %%script, %%bash, %%python and others.

Source: IPython's documentation, IPython.core.magics.script.
"""

import sys

from _carme.errors.usage import UsageError
from _carme.magics import arguments
from _carme.magics.function import show, takes_name
from _carme.magics.system import child_processes
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Any, Callable, Dict, List

FLAGS = ("bg", "no-raise-error")
VALUED = ("out", "err", "proc")
STREAMS = (("out", "stdout", 1), ("err", "stderr", 2))
BLOCKING = frozenset(("read", "readline", "readlines", "wait", "communicate"))
running: List[Any] = []  # background processes


@takes_name
def named(line: str, cell: str, name: str) -> None:
    """Runs the cell in the program of this name, with the options of %%script."""
    run(f"{name} {line}", cell)


def python(line: str, cell: str) -> None:
    """Runs the cell in another process of this Python."""
    import shlex

    run(f"{shlex.quote(sys.executable)} {line}", cell)


def script(line: str, cell: str) -> None:
    """Runs a program with the cell as its input: `%%script program arguments`.

    --out NAME, --err NAME: bind names to its output. --no-raise-error: an exit status other than 0
    is no error. --bg: runs in the background; the names are its streams then, and --proc NAME is
    the process.
    """
    run(line, cell)


def run(line: str, cell: str) -> None:
    """Runs the program that the line names. CalledProcessError: its exit status is not 0."""
    found, words = arguments.read_known(line, FLAGS, VALUED)
    if not words:
        raise UsageError("%%script: which program?")
    text = (cell if cell.endswith("\n") else cell + "\n").encode("utf-8", "replace")
    try:
        (run_in_background if found["bg"] else run_and_wait)(words, text, found)
    except FileNotFoundError:
        show(f"Couldn't find program: {words[0]!r}")


def run_and_wait(words: List[str], text: bytes, found: Dict[str, Any]) -> None:
    """Runs a program to its end; its output is shown, or bound to names."""
    import subprocess

    kept: Dict[str, List[str]] = {found[name]: [] for name, _, _ in STREAMS if found[name]}
    given: Dict[str, Any] = {}
    sinks: Dict[str, Callable[[str], Any]] = {}
    for name, stream, number in STREAMS:
        place = child_processes.descriptor(getattr(sys, stream), number)
        if found[name]:
            sinks[stream] = kept[found[name]].append
        elif place is None:
            sinks[stream] = child_processes.writer(getattr(sys, stream))
        given[stream] = subprocess.PIPE if stream in sinks else place
    child = child_processes.start(words, stdin=subprocess.PIPE, **given)
    try:
        pipes = [(getattr(child, stream), use) for stream, use in sinks.items()]
        child_processes.communicate(child, pipes, text)
    finally:
        state.namespace.update({name: "".join(parts) for name, parts in kept.items()})
    if child.returncode and not found["no_raise_error"]:
        raise subprocess.CalledProcessError(child.returncode, text)


def run_in_background(words: List[str], text: bytes, found: Dict[str, Any]) -> None:
    """Starts a program; its output goes to --out and --err only."""
    import atexit
    import subprocess

    nowhere, pipe = subprocess.DEVNULL, subprocess.PIPE
    given = {stream: pipe if found[name] else nowhere for name, stream, _ in STREAMS}
    child = child_processes.start(words, stdin=pipe, **given)
    if not running:
        atexit.register(kill_all)
    running[:] = [each for each in running if each.poll() is None] + [child]
    run_in_thread(feed, child, text)
    seen = BackgroundProcess(child)
    for name, stream, _ in STREAMS:
        if found[name]:
            state.namespace[found[name]] = getattr(seen, stream)
    if found["proc"]:
        state.namespace[found["proc"]] = seen


def feed(child: Any, text: bytes) -> None:
    """Writes a child's input and waits for its end."""
    try:
        child.stdin.write(text)
        child.stdin.close()
    except BrokenPipeError:
        pass
    child.wait()


class BackgroundProcess:
    """A background process, or its stream: methods that block return an awaitable future."""

    def __init__(self, value: Any) -> None:
        """A Popen, or one of its pipes."""
        self._value = value
        if hasattr(value, "stdout"):
            from io import BytesIO

            self.stdout = BackgroundProcess(value.stdout or BytesIO())
            self.stderr = BackgroundProcess(value.stderr or BytesIO())

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._value, name)
        return value if name not in BLOCKING else lambda *values: run_in_thread(value, *values)

    def at_eof(self) -> bool:
        """Whether the stream is at its end."""
        from select import select

        if not hasattr(self._value, "peek"):
            return True
        return bool(select([self._value], [], [], 0)[0]) and not self._value.peek(1)


def run_in_thread(function: Callable[..., Any], *values: Any) -> Future[Any]:
    """Calls a function in a thread, and returns an awaitable future."""
    import asyncio
    from concurrent.futures import Future
    from threading import Thread

    class Awaitable(Future):  # type: ignore[type-arg]
        def __await__(self) -> Any:
            return asyncio.wrap_future(self).__await__()

    made: Future[Any] = Awaitable()

    def call() -> None:
        try:
            made.set_result(function(*values))
        except BaseException as error:
            made.set_exception(error)

    Thread(target=call, daemon=True).start()
    return made


def killbgscripts(line: str) -> None:
    """Kills all processes of %%script --bg."""
    kill_all()
    show("All background processes were killed.")


def kill_all() -> None:
    """Terminates the background processes."""
    for child in running:
        if child.poll() is None:
            child_processes.terminate(child)
    running.clear()
