"""What get_ipython() returns: the part of IPython's shell that libraries and notebooks use.

Source: IPython's documentation, IPython.core.interactiveshell; ipykernel's, ipykernel.zmqshell.
"""

import _carme
from _carme.errors.usage import INSTALL, final
from _carme.magics import builtin_magics, table
from _carme.output import parent_request
from _carme.session.current import Current
from _carme.session.state import State, cell, cells, namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _contextvars import Token
    from typing import Any, Dict, List, Mapping, Optional

    Message = Dict[str, Any]
else:
    Message = dict


class Parent(Message):
    """A client's message and its request: interp/python/message_dict.h has the members."""

    request: object = None


def parent_of(request: object) -> Parent:
    """The message of a request; an empty one for None."""
    parent = Parent(_carme.message(request) if request is not None else {})
    parent.request = request
    return parent


class Identities:
    """ipykernel's _parent_ident: the identities of the last request of each channel."""

    def __getitem__(self, channel: str) -> List[bytes]:
        identities: List[bytes] = kernel.get_parent(channel).get("idents", [])
        return identities


class Session:
    """Sends messages, for code that uses ipykernel's session."""

    def send(
        self, stream: object, msg_or_type: Any, content: Any = None, **options: Any
    ) -> Dict[str, Any]:
        """Sends a message of the running cell on iopub: its type and content, or all of it.

        Options: metadata, buffers; others, such as parent and ident, are ignored.
        """
        message = msg_or_type if isinstance(msg_or_type, dict) else {}
        kind = message.get("msg_type", msg_or_type)
        content = message.get("content", content) or {}
        metadata = message.get("metadata", options.get("metadata")) or {}
        _carme.publish(kind, content, metadata, options.get("buffers"))
        return {"msg_type": kind, "content": content, "metadata": metadata}


class Kernel:
    """The part of ipykernel's kernel that libraries use."""

    _parent_ident = Identities()
    shell: Any = None  # what get_ipython() returns
    session = Session()
    iopub_socket = "iopub"  # passed to session.send()

    @property
    def comm_manager(self) -> Any:
        """The manager of the package comm."""
        import comm

        return comm.get_comm_manager()

    def get_parent(self, channel: Optional[str] = None) -> Parent:
        """The request of the running cell, or the last request on the channel "control"."""
        return parent_of(
            _carme.control_request() if channel == "control" else _carme.current_request()
        )


def is_probed(name: str) -> bool:
    """Whether displays, debuggers and completers look up this name on any object."""
    return name.startswith(("_repr_", "_ipython_", "_pytest"))


def commands() -> Any:
    """Return the module that runs commands; a browser's worker replaces it."""
    from _carme.magics.system import commands as module

    return module


def set_next_input(text: str, replace: bool = False) -> None:
    """Asks the client to put `text` into the next cell, or in place of this one."""
    payload = {"source": "set_next_input", "text": text, "replace": replace}
    cell.payload[:] = [p for p in cell.payload if p["source"] != payload["source"]]
    cell.payload.append(payload)


def set_thread_parent(parent: Mapping[str, Any]) -> Token[object]:
    """Sets the request that output of this thread or task belongs to: see the shell's method."""
    return parent_request.current.set(getattr(parent, "request", None))


def no_attribute(name: str) -> str:
    """The message for an attribute that only IPython's shell has."""
    return f"get_ipython() has no {name!r} here: it is IPython's (%pip install ipython)"


def ipython_shell() -> Any:
    """Return IPython's shell, which takes over at the first call, or None."""
    return Current.shell.take_over()


def find_magic(kind: str, name: str) -> Any:
    """The function of a magic, of this package or of IPython, or None."""
    found = table.find(kind, name)
    made = ipython_shell() if found is None else None
    return found if made is None else made.find_magic(name, kind)


def hand_over(made: Any) -> None:
    """Passes all attributes of the stand-in on to IPython's shell."""
    for name, value in list(vars(ZMQInteractiveShell).items()):
        if not name.startswith("__") and (callable(value) or isinstance(value, property)):
            delattr(ZMQInteractiveShell, name)
    kernel.shell = made


class Callbacks:
    """The callbacks of get_ipython().events."""

    events: Any = None


class ShellType(type):
    """Makes IPython's shell an instance of the stand-in's class, which code may have stored."""

    def __instancecheck__(cls, instance: object) -> bool:
        return super().__instancecheck__(instance) or (
            State.ipython is not None and instance is State.ipython
        )


class ZMQInteractiveShell(metaclass=ShellType):
    """The stand-in. Libraries (pandas, rich, tqdm) detect a notebook by the name of its class."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The class of IPython's shell after the takeover, for isinstance()."""
        return ZMQInteractiveShell if kernel.shell is self else type(kernel.shell)

    @property
    def kernel(self) -> Kernel:
        """The stand-in for ipykernel's kernel."""
        return kernel

    @property
    def user_ns(self) -> Dict[str, Any]:
        """The namespace of the cells."""
        return namespace

    @property
    def execution_count(self) -> int:
        """The execution count of the running cell."""
        return cell.count

    def set_next_input(self, text: str, replace: bool = False) -> None:
        """Asks the client to put `text` into the next cell, or in place of this one."""
        set_next_input(text, replace)

    def showtraceback(
        self,
        exc_tuple: Any = None,
        filename: Optional[str] = None,
        tb_offset: Optional[int] = None,
        exception_only: bool = False,
        running_compiled_code: bool = False,
    ) -> None:
        """Shows the current or last exception; it does not fail the cell.

        filename and tb_offset are ignored. running_compiled_code: shows the calls of a SyntaxError.
        """
        from _carme.errors import tracebacks

        tracebacks.show_traceback(exc_tuple, cells, exception_only, running_compiled_code)

    def showsyntaxerror(self, filename: Any = None, running_compiled_code: bool = False) -> None:
        """As showtraceback(), without the calls."""
        self.showtraceback(None, filename, None, not running_compiled_code, running_compiled_code)

    def show_usage(self) -> None:
        """`?`: IPython's introduction."""
        made = ipython_shell()
        if made is None:
            raise final(f"`?` shows IPython's introduction: {INSTALL}")
        made.show_usage()

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Runs `%magic_name line` and returns its value."""
        return table.run_line(magic_name, line)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Runs `%%magic_name line` with the rest of the cell."""
        return table.run_cell(magic_name, line, cell)

    def magic(self, arg_s: str) -> Any:
        """Runs a line magic, written without its sign."""
        name, _, line = arg_s.lstrip("%").partition(" ")
        return table.run_line(name, line.strip())

    def system(self, cmd: str) -> None:
        """`!cmd`."""
        commands().system(cmd)

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """`x = !cmd`: a list of lines, or one str."""
        return commands().getoutput(cmd, split, depth)

    def register_magic_function(
        self, func: Any, magic_kind: str = "line", magic_name: Optional[str] = None
    ) -> None:
        """Registers a magic: "line", "cell" or "line_cell"."""
        table.register(func, magic_kind, magic_name)

    def find_magic(self, magic_name: str, magic_kind: str = "line") -> Any:
        """A magic's function, or None."""
        return find_magic(magic_kind, magic_name)

    def find_line_magic(self, magic_name: str) -> Any:
        """A line magic's function, or None."""
        return find_magic("line", magic_name)

    def find_cell_magic(self, magic_name: str) -> Any:
        """A cell magic's function, or None."""
        return find_magic("cell", magic_name)

    @property
    def display_formatter(self) -> Any:
        """The formatters, where representations of types are registered."""
        from _carme.display import formatters

        return formatters.display_formatter

    @property
    def events(self) -> Any:
        """The callbacks before and after each cell."""
        from _carme.stand_in import events

        if not Callbacks.events:
            Callbacks.events = events.Events(ipython_shell)
        return Callbacks.events

    def transform_cell(self, raw_cell: str) -> str:
        """Transforms a cell to Python."""
        from _carme.syntax import input_transformer, notebook_syntax

        return notebook_syntax.automagic(input_transformer.transform_cell(raw_cell), namespace)

    def var_expand(self, cmd: str, depth: int = 0) -> str:
        """Expands `{expression}` and `$name`."""
        from _carme.magics import variable_expansion
        from _carme.run import caller_scope

        return variable_expansion.expand(cmd, caller_scope.names(depth))

    def push(self, variables: Mapping[str, Any], interactive: bool = True) -> None:
        """Puts variables into the namespace."""
        namespace.update(variables)

    def ev(self, expr: str) -> Any:
        """The value of an expression in the namespace."""
        return eval(expr, namespace)

    def ex(self, cmd: str) -> None:
        """Runs code in the namespace."""
        exec(cmd, namespace)

    def enable_matplotlib(self, gui: Optional[str] = None) -> None:
        """`%matplotlib gui`."""
        table.run_line("matplotlib", gui or "")

    def enable_gui(self, gui: Optional[str] = None) -> None:
        """`%gui gui`."""
        from _carme import gui as windows

        windows.enable(gui)

    def object_inspect(self, oname: str, detail_level: int = 0) -> Dict[str, Any]:
        """The content of inspect_reply for a name."""
        from _carme.help.inspection import inspector

        return inspector.inspect(oname, len(oname), detail_level, namespace)

    def get_parent(self) -> Parent:
        """The message of the request that output from here belongs to."""
        return kernel.get_parent("shell")

    def set_parent(self, parent: Mapping[str, Any]) -> None:
        """Output from this thread or task belongs to the cell whose get_parent() is given."""
        self.set_thread_parent(parent)

    def set_thread_parent(self, parent: Mapping[str, Any]) -> Token[object]:
        """As set_parent(); returns the token for reset_thread_parent().

        A message without a request stands for the running cell.
        """
        return set_thread_parent(parent)

    def reset_thread_parent(self, token: Token[object]) -> None:
        """Undoes set_thread_parent()."""
        parent_request.current.reset(token)

    def __getattr__(self, name: str) -> Any:
        made = None if name.startswith("__") or is_probed(name) else ipython_shell()
        if made is not None:
            return getattr(made, name)
        raise AttributeError(no_attribute(name))

    def __setattr__(self, name: str, value: Any) -> None:
        made = ipython_shell()
        if made is None:
            raise AttributeError(no_attribute(name))
        setattr(made, name, value)


shell = ZMQInteractiveShell()
kernel = Kernel()
kernel.shell = shell
builtin_magics.register_all()
