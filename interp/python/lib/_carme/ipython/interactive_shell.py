"""IPython's InteractiveShell on this kernel: its cells, results, errors and payloads.

Source: IPython's documentation, IPython.core.interactiveshell; ipykernel's, ipykernel.zmqshell.
"""

import sys
from contextlib import nullcontext

from IPython.core.autocall import ExitAutocall, ZMQExitAutocall
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any as AnyTrait
from traitlets import Instance, Type, default

import _carme
from _carme.errors import report
from _carme.output import parent_request, streams
from _carme.run import execution
from _carme.session import initial_names, results, sources, state
from _carme.stand_in import interactive_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, NoReturn, Tuple


class MessageHooks:
    """Hooks that get a message before it is sent, and return it, another message, or None."""

    def __init__(self) -> None:
        """Starts without hooks."""
        self.hooks: List[Callable[[Any], Any]] = []

    def pass_on(self, kind: str, content: Dict[str, Any]) -> bool:
        """Calls the hooks; False: the message is not to be sent."""
        message: Any = {"header": {"msg_type": kind}, "msg_type": kind, "content": content}
        for hook in self.hooks:
            message = hook(message)
            if message is None:
                return False
        return True


class ResultHook(DisplayHook):
    """sys.displayhook: publishes results, and stores them in the output cache."""

    def __init__(self, *values: Any, **options: Any) -> None:
        """As IPython makes it."""
        super().__init__(*values, **options)
        self.filter = MessageHooks()

    def compute_format_data(self, result: Any) -> Any:
        """The result's mime bundle; a representation that raises is left out and fails the cell."""
        ours: Any = self.shell
        before, ours.failure = ours.failure, None
        try:
            return super().compute_format_data(result)
        finally:
            state.cell.failure = ours.failure or state.cell.failure
            ours.failure = ours.failure or before

    def write_output_prompt(self) -> None:
        """Nothing: the client shows the prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Publishes the result's mime bundle."""
        content = {
            "data": format_dict,
            "metadata": md_dict or {},
            "execution_count": state.cell.shown_count,
        }
        if self.filter.pass_on("execute_result", content):
            _carme.publish("execute_result", content, {})

    def finish_displayhook(self) -> None:
        """Nothing: the result is published as a whole."""

    def update_user_ns(self, result: Any) -> None:
        """Stores the result: Out, `_` and `_N`."""
        if result is not state.namespace.get("_oh"):
            results.keep(state.cell.count, result)

    def flush(self) -> None:
        """Empties the output cache."""
        results.clear()
        super().flush()

    def register_hook(self, hook: Any) -> None:
        """Registers a hook for results."""
        self.filter.hooks.append(hook)

    def unregister_hook(self, hook: Any) -> bool:
        """Whether it was registered."""
        return forget(self.filter.hooks, hook)


class Publisher(DisplayPublisher):
    """Publishes what display() and clear_output() show."""

    def __init__(self, *values: Any, **options: Any) -> None:
        """As IPython makes it."""
        super().__init__(*values, **options)
        self.filter = MessageHooks()

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: bool = False,
        **options: Any,
    ) -> None:
        """Publishes a mime bundle; update: replaces the display with its display_id."""
        kind = "update_display_data" if update else "display_data"
        content = {"data": data, "metadata": metadata or {}, "transient": transient or {}}
        if not self.shell.display_pub.filter.pass_on(kind, content):
            return
        outputs = getattr(self, "outputs", None)
        if getattr(self, "_is_publishing", False) and outputs is not None:
            outputs.append(content)
        _carme.publish(kind, content, {})

    def clear_output(self, wait: bool = False) -> None:
        """Clears the cell's output."""
        content = {"wait": bool(wait)}
        if self.filter.pass_on("clear_output", content):
            _carme.publish("clear_output", content, {})

    def register_hook(self, hook: Any) -> None:
        """Registers a hook for displays."""
        self.filter.hooks.append(hook)

    def unregister_hook(self, hook: Any) -> bool:
        """Whether it was registered."""
        return forget(self.filter.hooks, hook)


class Exit(ZMQExitAutocall):
    """`exit` and `quit`, with and without parentheses."""

    def __call__(self, keep_kernel: object = False) -> NoReturn:
        """As IPython's; also ends the cell."""
        state.State.ipython.keepkernel_on_exit = keep_kernel
        execution.exit_kernel(keep_kernel)

    def __reduce__(self) -> Tuple[Any, ...]:
        return eval, (initial_names.ANY_EXIT,)


class Compiler(CachingCompiler):
    """Gives cells the file names that the small shell gives them."""

    def __init__(self) -> None:
        """Starts with the file names of the cells so far."""
        super().__init__()
        self._filename_map.update({name: count for name, (count, _) in state.cells.items()})

    def cache(self, transformed_code: str, number: int = 0, raw_code: Any = None) -> str:
        """Stores a cell's source in linecache, and returns its file name."""
        code = transformed_code if raw_code is None else raw_code
        name = sources.add_source(code, number, True)
        self._filename_map[name] = number
        sources.set_source(name, number, transformed_code)
        return name


def forget(hooks: List[Any], hook: Any) -> bool:
    """Removes a hook; False: it is not registered."""
    if hook not in hooks:
        return False
    hooks.remove(hook)
    return True


class ZMQInteractiveShell(InteractiveShell):
    """The shell. Libraries detect a notebook by the name of its class."""

    __module__ = "ipykernel.zmqshell"
    displayhook_class = Type(ResultHook)
    display_pub_class = Type(Publisher)
    compiler_class = Type(Compiler)
    exiter = Instance(ExitAutocall)
    keepkernel_on_exit: Any = None  # set by exit(keep_kernel)
    kernel = AnyTrait()
    failure: Any = None  # the content of the last error that was shown

    @default("exiter")
    def _exiter_default(self) -> Any:
        return Exit(self)

    @default("kernel")
    def _default_kernel(self) -> Any:
        return interactive_shell.kernel

    def __reduce__(self) -> Tuple[Any, ...]:
        """Pickled as get_ipython(): the shell of the kernel that reads it."""
        return get_ipython, ()

    def init_virtualenv(self) -> None:
        """Nothing: the interpreter is already the environment's."""

    def init_sys_modules(self) -> None:
        """__main__ is already the namespace's module."""
        self._main_mod_cache: Dict[str, Any] = {}

    def init_hooks(self) -> None:
        """Sets the client's pager."""
        super().init_hooks()
        from IPython.core import page, payloadpage

        self.set_hook("show_in_pager", page.as_hook(payloadpage.page), 99)

    def init_io(self) -> None:
        """Nothing: the streams are already the kernel's."""

    def _tee(self, channel: Any) -> Any:
        """IPython's record of a cell's output; nothing if the stream is None."""
        return nullcontext() if getattr(sys, channel) is None else super()._tee(channel)

    def adopt_figures(self) -> None:
        """Switches to matplotlib_inline."""
        from _carme.ipython import figures

        figures.adopt_figures(self)

    def take_payloads(self) -> None:
        """Moves the payloads of IPython's magics to the cell's."""
        payloads: Any = self.payload_manager
        state.cell.payload += payloads.read_payload()
        payloads.clear_payload()

    def ask_exit(self) -> None:
        """Asks the client to exit, and ends the kernel after the cell unless it is to be kept."""
        execution.ask_exit(self.keepkernel_on_exit)

    def set_next_input(self, text: str, replace: bool = False) -> None:
        """Asks the client to put `text` into the next cell, or in place of this one."""
        interactive_shell.set_next_input(text, replace)

    def init_magics(self) -> None:
        """Registers IPython's magics and this kernel's %gui: IPython's only logs errors."""
        super().init_magics()
        register: Any = self.register_magic_function
        register(self.gui, "line", "gui")

    def gui(self, line: str) -> None:
        """Runs the event loop of a GUI toolkit between cells; without a name, none."""
        self.enable_gui(line.strip() or None)

    def enable_gui(self, gui: Any = None) -> None:
        """As `%gui`. UsageError: unknown toolkit, or it can not be used."""
        from _carme import gui as windows

        try:
            windows.enable(gui)
        except (ImportError, RuntimeError, ValueError) as error:
            raise UsageError(str(error)) from None
        self.active_eventloop = gui

    def del_var(self, varname: str, by_name: bool = False) -> None:
        """%xdel: deletes the name, and references to its value in the output cache."""
        if varname in self.user_ns and not by_name:
            results.forget_value(self.user_ns[varname])
        super().del_var(varname, by_name)

    def _find_with_lazy_load(self, kind: str, name: str) -> Any:
        """Finds a magic to run. UsageError: there is none; it suggests the nearest name."""
        found = super()._find_with_lazy_load(kind, name)
        if found is None:
            from _carme.magics import table

            raise UsageError(str(table.not_found_error(kind, name, self.magics_manager.magics)))
        return found

    def var_expand(self, cmd: str, depth: int = 0, formatter: Any = None) -> Any:
        """Expands a line; braces that can not be evaluated stay, and the rest is expanded.

        depth: how many frames above the caller the user's frame is.
        """
        if formatter is not None:
            return super().var_expand(cmd, depth + 1, formatter)
        from _carme.magics import variable_expansion

        frame = sys._getframe(1)
        while depth > 0 and frame.f_back is not None:
            frame, depth = frame.f_back, depth - 1
        return variable_expansion.expand(cmd, {**self.user_ns, **frame.f_locals})

    def system(self, cmd: str) -> None:
        """`!cmd`: its output is shown while it runs."""
        from _carme.magics.system import commands

        commands.system(self.var_expand(cmd, depth=1), expand=False)

    system_piped = system_raw = system

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        """Publishes the traceback that IPython has formatted."""
        streams.flush()
        name = getattr(etype, "__name__", str(etype))
        state.State.failed = True
        self.failure = {"ename": name, "evalue": text_of(evalue), "traceback": list(stb)}
        if not self.is_silent:
            _carme.publish("error", self.failure, {})

    is_silent = False

    def showtraceback(self, exc_tuple: Any = None, *values: Any, **options: Any) -> None:
        """Shows an error; of a cell that was cancelled, the exception that it was cancelled for."""
        given: Any = exc_tuple or sys.exc_info()
        kind, cancelled, _ = given
        if kind is state.KernelExit:
            return
        if getattr(kind, "__name__", "") == "CancelledError" and was_cancelled():
            from _carme.concurrency import loop

            error = loop.cause(cancelled)
            exc_tuple = type(error), error, error.__traceback__
        super().showtraceback(exc_tuple, *values, **options)

    def show_usage_error(self, exc: Any) -> None:
        """Writes one line to stderr; the error fails the cell."""
        name, value = type(exc).__name__, text_of(exc)
        self.failure = {"ename": name, "evalue": value, "traceback": [f"{name}: {value}"]}
        if not self.is_silent:
            report.show_error(exc, self.failure)

    @property
    def parent_header(self) -> Any:
        """As get_parent(), for ipykernel's users."""
        return self.get_parent()

    def get_parent(self) -> Any:
        """The message of the request that output from here belongs to."""
        return interactive_shell.kernel.get_parent("shell")

    def set_parent(self, parent: Any) -> None:
        """Output from this thread or task belongs to the cell whose get_parent() is given."""
        interactive_shell.set_thread_parent(parent)

    def set_thread_parent(self, parent: Any) -> Any:
        """As set_parent(); returns the token for reset_thread_parent()."""
        return interactive_shell.set_thread_parent(parent)

    def reset_thread_parent(self, token: Any) -> None:
        """Undoes set_thread_parent()."""
        parent_request.current.reset(token)


def was_cancelled() -> bool:
    """Whether the awaiting cell was cancelled, as an interrupt does."""
    if "_carme.concurrency.loop" not in sys.modules:
        return False
    from _carme.concurrency import loop

    return loop.running.cancel_cause is not None


def text_of(value: Any) -> str:
    """An exception's str(), or a text that it raises."""
    try:
        return str(value)
    except Exception as error:
        return f"(its text can not be had: {type(error).__name__})"
