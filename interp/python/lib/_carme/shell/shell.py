"""The shell: one cell after the other in `__main__`.

The native half calls start, execute, complete, inspect, is_complete and comm; everything that not
each cell needs is imported on first use.
Source: Messaging in Jupyter, sections "Execute" and "Execution results".
"""

import builtins
import sys
from _signal import SIGINT, default_int_handler
from _signal import getsignal as get_signal
from _signal import signal as set_signal
from _thread import _local as ThreadLocal
from _thread import get_ident
from posix import getpid

import _carme
from _carme.output import streams
from _carme.shell import hooks
from _carme.syntax import compiling
from _carme.syntax.compiling import Flags, awaits, compile_cell, publish_sources, set_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType
    from typing import Any, Dict, List, NoReturn, Optional, Set, Tuple

    Content = Dict[str, Any]

# types whose text/plain is their repr and which have no other representation
PLAIN = frozenset({int, float, bool, complex, type(Ellipsis)})

UNSTORED_MAX = 1000
# the modules of the errors that magics raise for a wrong call: ours, IPython's
USAGE = ("_carme.magics.usage", "IPython.core.error")

NOTHING: Content = {}
namespace = compiling.namespace
cells = compiling.cells
history: Dict[int, str] = {}  # the code of cells that are in the history, by execution count
subshells: Set[int] = set()  # threads that run what an interrupt may end


class State:
    """What outlives a cell."""

    default_handler: Any = default_int_handler  # of SIGINT, while a cell runs
    user_handler: Any = default_int_handler  # or one that a cell has set
    pid = getpid()  # of the kernel
    main = get_ident()  # the thread that has the signals; others are subshells'
    interrupted = False  # before the request that is about to run took over
    folder = ""  # in which cells seem to be files, with a slash at its end
    named = 0  # how many cells have been
    unstored: Dict[str, None] = {}  # the names of cells that are in no history
    failed = False  # and the last error may keep large variables
    last_failure: List[str] = []  # the lines of the last error's traceback
    ipython: Any = None  # IPython's shell, once something has needed it
    awaiter: Any = None  # %autoawait's, in the place of asyncio's loop
    before_cell: Any = None  # %autoreload's calls
    after_cell: Any = None
    events: Any = None  # get_ipython().events, once a function is registered there
    hidden: Content = {}  # what %who does not list, as long as it has these values
    after_error: Any = None  # %pdb's, with the error


class Cell(ThreadLocal):
    """The cell that runs in this thread, or the last one that did."""

    count = 0
    shown_count = 0  # with its result
    leaves = False  # the kernel ends with it
    payload: List[Content] = []
    display_error: Optional[Content] = None  # of the last object's own way to show itself
    failure: Optional[Content] = None  # the same, of the cell's result: the cell has failed
    subshell = ""  # what the module threading calls this thread, if it is a subshell's


cell = Cell()


class Leaving(BaseException):
    """Ends a cell that ends the kernel, or the client: it has not failed."""

    def __init__(self, code: object) -> None:
        """The status of a forked child, as SystemExit's."""
        super().__init__(code)
        self.code = code


def idle_handler(number: int, frame: Any) -> None:
    """Keeps an interrupt for the request that is about to run, if there is one."""
    State.interrupted = True
    interrupt_subshells()


def interrupt_subshells() -> None:
    """The main shell rests: an interrupt is for what runs in the others."""
    if subshells:
        from _carme.interrupts import interrupts

        interrupts.interrupt(subshells)


def forget_interrupts() -> None:
    """Called when a request is about to be answered: what came before belongs to none."""
    State.interrupted = False


class Interruptible:
    """In its block SIGINT is the user's, by default a KeyboardInterrupt; for the main shell.

    Within a cell that awaits it is what it was: the cell's own. A subshell's thread can be
    interrupted while it is in such a block.
    """

    opens = False  # a subshell's

    def __enter__(self) -> None:
        ident = get_ident()
        if ident != State.main and ident not in subshells:
            self.opens = True
            subshells.add(ident)
            if cell.subshell:
                from _carme.interrupts import subshell

                subshell.show()
        self.takes = get_ident() == State.main and get_signal(SIGINT) is idle_handler
        if not self.takes:
            return
        try:
            set_signal(SIGINT, State.user_handler)
            if State.interrupted and callable(State.user_handler):
                State.user_handler(SIGINT, None)
        except BaseException:
            set_signal(SIGINT, idle_handler)
            raise
        finally:
            State.interrupted = False

    def __exit__(self, *error: object) -> None:
        if self.opens:
            _carme.spare_thread(subshells, get_ident())
        if self.takes:
            State.user_handler = kept_handler(set_signal(SIGINT, idle_handler))


def kept_handler(handler: Any) -> Any:
    """The user's own handler stays for later cells; the one of pdb's `continue` ends with it."""
    bdb = sys.modules.get("bdb")
    if bdb is not None and isinstance(getattr(handler, "__self__", None), bdb.Bdb):
        return State.default_handler
    return handler


def start(signal_fd: int, stacks_signal: int) -> None:
    """Prepares `__main__`, the streams and the hooks.

    signal_fd: where the numbers of signals are to be written, or -1; stacks_signal: at which the
    stacks of all threads are written to descriptor 2, or 0.
    """
    set_signal(SIGINT, idle_handler)
    if signal_fd >= 0:
        from _carme.interrupts import signals
        from _carme.output import crash

        crash.watch()
        signals.watch(signal_fd, stacks_signal)
        State.default_handler = State.user_handler = _carme.interrupted
    streams.start()
    sys.displayhook = displayhook
    from _carme.ipython import notebook
    from _carme.session import given

    given.fill(namespace)
    builtins.display = display  # type: ignore[attr-defined]
    builtins.clear_output = clear_output  # type: ignore[attr-defined]
    _carme.watcher.after("linecache", publish_sources)
    hooks.install()
    notebook.begin()


def handles_interrupts() -> bool:
    """Whether the handler of SIGINT is one that tells when it has run; else it is the user's."""
    handler = get_signal(SIGINT)
    return handler is State.default_handler or handler is getattr(
        sys.modules.get("_carme.concurrency.loop"), "on_interrupt", None
    )


def name_cell(code: str, count: int, stored: bool) -> str:
    """The co_filename of a cell: the same for the same code, so that caches on disk find it.

    Debuggers, profilers and caches know the shape as ipykernel's, by which a notebook's cells are
    told from files.
    """
    if stored:
        note_input(count, code)
    return keep_cell(code, count, stored)


def keep_cell(code: str, count: int, stored: bool) -> str:
    """Keeps a cell's source under its name, which is returned."""
    State.named += 1
    name = f"{State.folder or find_folder()}{_carme.hash_code(code)}.py"
    if stored:
        State.unstored.pop(name, None)
    elif State.unstored.pop(name, 0) is None or name not in cells:
        forget_unstored()
        State.unstored[name] = None
    cells.pop(name, None)
    set_source(name, count, code)
    return name


def find_folder() -> str:
    """State.folder: ipykernel_<pid>/ in what tempfile.gettempdir() is, or will be."""
    import os

    found = getattr(sys.modules.get("tempfile"), "tempdir", None)
    if not isinstance(found, str):
        places = [os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
        places += ["/tmp", "/var/tmp", "/usr/tmp"]
        writable = os.W_OK | os.X_OK
        found = next((each for each in places if each and os.access(each, writable)), ".")
    State.folder = os.path.join(os.path.abspath(found), f"ipykernel_{State.pid}", "")
    return State.folder


def forget_unstored() -> None:
    """Of the cells that nobody stored, only the latest keep their source: they may be endless."""
    if len(State.unstored) < UNSTORED_MAX:
        return
    oldest = next(iter(State.unstored))
    del State.unstored[oldest]
    cells.pop(oldest, None)
    linecache = sys.modules.get("linecache")
    if linecache is not None and hasattr(linecache, "cache"):
        linecache.cache.pop(oldest, None)


def note_input(count: int, code: str) -> None:
    """In[count], `_i`, `_ii`, `_iii` and `_icount`."""
    inputs = namespace.get("In")
    if type(inputs) is list and len(inputs) <= count:
        inputs += [""] * (count - len(inputs))
        inputs.append(code)
    namespace["_iii"] = namespace.get("_ii", "")
    namespace["_ii"] = namespace.get("_i", "")
    namespace["_i"] = next(reversed(history.values()), "")
    namespace[f"_i{count}"] = code
    history[count] = code.rstrip("\n")


def execute(
    code: str, count: int, silent: int, stored: int, expressions: Content
) -> Tuple[bool, Content]:
    """Runs one cell. Returns whether it ended well, and the reply's content less status and count.

    Whatever the cell raises is published and becomes part of the reply: nothing leaves here but
    what a broken interpreter raises.
    """
    if State.ipython is not None and get_ident() == State.main:
        from _carme.ipython import interactive

        return interactive.execute(code, count, bool(silent), bool(stored), expressions)
    begin(count, bool(stored))
    if "_dh" in code:
        from _carme.session import given

        given.name_directories(namespace)
    failure: Optional[BaseException] = None
    results: Content = {}
    try:
        with Interruptible():
            name = name_cell(code, count, bool(stored))
            pieces, text = compile_cell(code, name, bool(silent))
            if stored and text is not code:
                compiling.note_python(count, code)
            run_pieces(pieces)
            results = evaluate_all(expressions)
    except BaseException as error:
        failure = error
    return conclude(failure, results, bool(silent), State.ipython)


def begin(count: int, stored: bool) -> None:
    """The cell that runs has this number; one that is not stored leaves it for the next one."""
    cell.count = count
    cell.shown_count = count if stored else count - 1
    cell.payload = []
    cell.failure = None
    cell.leaves = False
    namespace.pop("__warningregistry__", None)
    if "_carme.output.parents" in sys.modules:
        from _carme.output import parents  # waits for a subshell that is importing it

        parents.adopt()
    if "_carme.concurrency.loop" in sys.modules:
        from _carme.concurrency import loop

        loop.prepare()
    if State.before_cell is not None:
        State.before_cell()
    if State.events is not None:
        State.events.trigger("pre_execute")


def conclude(
    failure: Optional[BaseException], results: Content, silent: bool, ipython: Any = None
) -> Tuple[bool, Content]:
    """What execute() returns, when the cell has ended or `failure` has ended it.

    ipython: its shell, where that has come while the cell ran and has yet to hear of its end.
    """
    reply: Content = {}
    if failure is not None:
        leave_child(failure)
    if isinstance(failure, Leaving):
        results = {}
    elif failure is not None:
        reply = report(failure, silent)
        results = {}
    elif cell.failure is not None:
        reply, results = cell.failure, {}
    elif State.failed and not silent:
        from _carme.errors import postmortem

        State.failed = postmortem.let_go()
    if ipython is not None:
        from _carme.ipython import interactive

        interactive.take_payloads(ipython)
        ipython.events.trigger("post_execute")
    end_cell()
    return not reply, {**reply, "user_expressions": results, "payload": cell.payload}


def end_cell() -> None:
    """A forked child ends; what the cell has drawn and written reaches it."""
    leave_child()
    if "_carme.session.results" in sys.modules:
        from _carme.session import results  # waits for a subshell that imports it

        results.end_cell(cell.count)
    flush_figures()
    if State.after_cell is not None:
        State.after_cell()
    if State.events is not None:
        State.events.trigger("post_execute")
    streams.flush_others()
    if cell.leaves:
        _carme.leave()


def flush_figures() -> None:
    """Shows what was drawn by matplotlib, if anything was."""
    if "_carme.display.inline" in sys.modules:
        from _carme.display import inline

        inline.flush()


def leave_child(error: Optional[BaseException] = None) -> None:
    """Ends a process that the cell has forked: it has no kernel."""
    if getpid() != State.pid:
        from _carme.processes import forked

        forked.end(error)


def run_pieces(pieces: List[CodeType]) -> None:
    """Runs a compiled cell to its end."""
    if awaits(pieces):
        if State.awaiter is not None:
            State.awaiter(pieces, namespace)
            return
        from _carme.concurrency import loop

        loop.run(pieces, namespace)
    else:
        for piece in pieces:
            exec(piece, namespace)


def displayhook(value: object) -> None:
    """Publishes the value of a cell's last expression, and keeps it as `_`."""
    if value is None:
        return
    if type(value) in PLAIN:
        data, metadata = {"text/plain": repr(value)}, NOTHING
    elif value is State.hidden.get("exit"):
        leave()
    else:
        from _carme.display import display as formatters

        cell.display_error = None
        shows_itself = formatters.displays_itself(value, cells)
        if not shows_itself:
            data, metadata = formatters.bundle(value, cells)
        cell.failure = cell.display_error
        if shows_itself or not data:
            keep(value)
            return
    keep(value)
    content = {"data": data, "metadata": metadata, "execution_count": cell.shown_count}
    _carme.publish("execute_result", content, {})


def report_display(error: BaseException) -> None:
    """A method by which an object shows itself has raised: its other forms are shown still."""
    cell.display_error = describe(error)
    _carme.publish("error", cell.display_error, {})


def keep(value: object) -> None:
    """Out[n], `_n`, `_`, `__` and `___`."""
    from _carme.session import results

    results.keep(cell.count, value)


def display(*objects: object, **options: Any) -> Any:
    """Shows objects in the cell's output: see _carme.display.show.display."""
    from _carme.display import show

    return show.display(*objects, **options)


def clear_output(wait: bool = False) -> None:
    """Clears the cell's output; `wait`: when the next output comes."""
    _carme.publish("clear_output", {"wait": bool(wait)}, {})


def evaluate_all(expressions: Content) -> Content:
    """The reply's user_expressions."""
    return {key: evaluate(text) for key, text in expressions.items()}


def evaluate(text: object) -> Content:
    """One of user_expressions: its value's representations, or its error."""
    try:
        value = eval(compile(str(text), "<user expression>", "eval", Flags.value, True), namespace)
        from _carme.display import display as formatters

        data, metadata = formatters.bundle(value, cells)
        return {"status": "ok", "data": data, "metadata": metadata}
    except Exception as error:
        return {"status": "error", **describe(error)}


def report(error: BaseException, silent: bool) -> Content:
    """Publishes an error and returns its ename, evalue and traceback."""
    if isinstance(error, KeyboardInterrupt):
        from _carme.interrupts import imports

        imports.forget_halves(error.__traceback__)
    error.__traceback__ = own_part(error.__traceback__)
    content = describe(error)
    State.failed = True
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    sys.last_exc = error  # type: ignore[attr-defined,unused-ignore]
    State.last_failure = content["traceback"]
    if not silent:
        show_error(error, content)
        if State.after_error is not None:
            State.after_error(error)
    return content


def show_error(error: BaseException, content: Content) -> None:
    """As IPython shows it: a magic that was called in a wrong way has its line on stderr."""
    if type(error).__name__ == "UsageError" and type(error).__module__ in USAGE:
        sys.stderr.write(f"UsageError: {content['evalue']}\n")
    else:
        _carme.publish("error", content, {})


def own_part(traceback: Optional[TracebackType]) -> Optional[TracebackType]:
    """The traceback from the cell's first frame on to the last one that is not the kernel's."""
    first = last = None
    entry = traceback
    while entry is not None:
        name = entry.tb_frame.f_code.co_filename
        if first is None and name in cells:
            first = entry
        if first is not None and not name.startswith("<carme"):
            last = entry
        entry = entry.tb_next
    if last is not None:
        last.tb_next = None
    return traceback if first is None else first


def describe(error: BaseException) -> Content:
    """ename, evalue and traceback of an error, however broken it is."""
    try:
        with Interruptible():
            from _carme.errors import errors

            name, value, lines = errors.format(type(error), error, error.__traceback__, cells)
    except BaseException as second:
        name = type(error).__name__
        value = f"(its text can not be had: {type(second).__name__})"
        lines = [f"{name}: {value}"]
    return {"ename": name, "evalue": value, "traceback": lines}


def get_ipython() -> Any:
    """IPython's name for the shell: see _carme.ipython.facade."""
    if State.ipython is not None:
        return State.ipython
    from _carme.ipython import facade

    return facade.shell


def leave(keep_kernel: object = False) -> NoReturn:
    """`exit` and `quit`: nothing more of the cell runs, consoles leave, the kernel ends.

    For code that is no cell's (a program of %run, a module) they are what they are in Python:
    SystemExit with the argument as its code.
    """
    from _carme.magics import scope

    frame = scope.caller()
    if frame is not None and frame.f_globals is not namespace:
        raise SystemExit(keep_kernel or None)
    ask_exit(keep_kernel)
    runs_cells = get_ident() == State.main or get_ident() in subshells
    raise (Leaving if runs_cells else SystemExit)(keep_kernel or None)


def ask_exit(keep_kernel: object = None) -> None:
    """Asks the client to leave; the kernel ends with the cell, unless it is to be kept."""
    cell.payload.append({"source": "ask_exit", "keepkernel": keep_kernel})
    cell.leaves = not keep_kernel


def complete(code: str, cursor: int, aside: int = 0) -> Content:
    """The content of complete_reply; cursor in code points.

    aside: from a thread beside a running cell; none of the user's code is run.
    """
    from _carme.help import complete as completer

    if aside:
        from _carme.help import lookup

        with lookup.caution:
            return completer.complete(code, cursor, namespace)

    with Interruptible():
        if State.ipython is not None and get_ident() == State.main:
            from _carme.ipython import completing

            found = completing.complete(State.ipython, code, cursor)
            if found is not None:
                return found
        return completer.complete(code, cursor, namespace)


def inspect(code: str, cursor: int, detail: int, aside: int = 0) -> Content:
    """The content of inspect_reply; cursor in code points. aside: as for complete()."""
    if aside:
        from _carme.help import glimpse

        return glimpse.inspect(code, cursor, detail, namespace)
    from _carme.help import inspection

    with Interruptible():
        if State.ipython is not None and get_ident() == State.main:
            from _carme.ipython import completing

            found = completing.inspect(State.ipython, code, cursor, detail)
            if found is not None:
                return found
        return inspection.inspect(code, cursor, detail, namespace)


def is_complete(code: str) -> Content:
    """The content of is_complete_reply."""
    if State.ipython is not None:
        from _carme.ipython import interactive

        return interactive.is_complete(code)
    from _carme.syntax import completeness

    return completeness.is_complete(code)


def comm(message: Content) -> bool:
    """Hands a comm message to the package `comm`, if a cell has imported it; False: nobody has."""
    if "comm" not in sys.modules:
        return False
    from _carme.display import comms
    from _carme.output import parents

    token = parents.adopt()
    try:
        with Interruptible():
            return comms.deliver(message)
    finally:
        leave_child()
        flush_figures()
        parents.current.reset(token)
