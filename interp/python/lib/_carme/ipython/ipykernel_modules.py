"""Stand-ins for modules of ipykernel that is not installed: the names that libraries use.

An installed ipykernel is found first.
Source: ipykernel's documentation.
"""

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec

from _carme.output import streams
from _carme.session import connection_file
from _carme.stand_in import interactive_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Optional

NAMES = frozenset(
    (
        "ipykernel",
        "ipykernel.comm",
        "ipykernel.connect",
        "ipykernel.iostream",
        "ipykernel.ipkernel",
        "ipykernel.kernelapp",
        "ipykernel.zmqshell",
    )
)


def find_spec(name: str) -> Optional[ModuleSpec]:
    """The spec of a module in NAMES, or None."""
    if name not in NAMES:
        return None
    loader: Any = Loader()
    return ModuleSpec(name, loader, origin="<carme ipykernel>", is_package=name == "ipykernel")


class Loader:
    """Makes the modules."""

    def create_module(self, spec: ModuleSpec) -> None:
        """An ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        """Puts its names into it."""
        fill(module, module.__name__.rpartition(".")[2])


class IPKernelApp:
    """The part of ipykernel's application that libraries use."""

    kernel: Any = interactive_shell.kernel

    @classmethod
    def initialized(cls) -> bool:
        """True: a kernel is running."""
        return True

    @classmethod
    def instance(cls, *values: object, **options: object) -> "IPKernelApp":
        """The application."""
        return cls()

    @property
    def shell(self) -> Any:
        """What get_ipython() returns."""
        from _carme.session.current import get_ipython

        return get_ipython()

    @property
    def connection_file(self) -> str:
        """The path of the connection file."""
        return connection_file.path()


def fill(module: Any, part: str) -> None:
    """Sets the attributes of one of the modules."""
    if part == "ipykernel":
        module.version_info, module.__version__ = (7, 4, 0), "7.4.0"
        module.__getattr__ = part_of
    elif part == "comm":
        import comm

        module.Comm, module.CommManager = comm.create_comm, comm.base_comm.CommManager
    elif part == "connect":
        module.get_connection_file = connection_file.path
    elif part == "iostream":
        module.OutStream = streams.OutStream
    elif part == "kernelapp":
        module.IPKernelApp = IPKernelApp
    elif part == "ipkernel":
        module.IPythonKernel = type(interactive_shell.kernel)
    elif part == "zmqshell":
        fill_shell(module)


def part_of(name: str) -> Any:
    """__getattr__ of `ipykernel`: imports a submodule, as ipykernel's kernel has done."""
    whole = f"ipykernel.{name}"
    if whole not in NAMES:
        raise AttributeError(f"module 'ipykernel' has no attribute {name!r}")
    return import_module(whole)


def fill_shell(module: Any) -> None:
    """Sets the classes of ipykernel.zmqshell."""
    from _carme.ipython import interactive_shell

    module.ZMQInteractiveShell = interactive_shell.ZMQInteractiveShell
    module.ZMQDisplayPublisher = interactive_shell.Publisher
    module.ZMQShellDisplayHook = interactive_shell.ResultHook


def add_to_sys_modules() -> None:
    """Puts ipykernel.zmqshell into sys.modules, where tqdm.auto detects a notebook by it."""
    from types import ModuleType

    name = "ipykernel.zmqshell"
    fill_shell(sys.modules.setdefault(name, ModuleType(name)))
