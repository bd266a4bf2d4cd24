"""Functions called when a cell has imported a module. They load more of the Python half."""

import _thread
import posix
import sys

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Python warns of a fork with threads; the kernel's own, in C, holds no lock that a child needs
warns_of_threads = sys.version_info >= (3, 12)


def install() -> None:
    """Watches for the imports, and for forks."""
    after = _carme.watcher.after
    after("asyncio", use_kernel_loop)
    after("threading", track_threads)
    after("multiprocessing.spawn", support_spawn)
    after("_interpreters", support_interpreters)
    after("comm", install_comms)
    after("pdb", patch_pdb)
    after("matplotlib", support_matplotlib)
    after("IPython", take_over)
    after("inspect", support_inspect)
    _carme.stand_ins.update(IPython=stand_in, ipykernel=stand_in)
    if hasattr(posix, "register_at_fork"):  # a browser's Python may have none
        posix.register_at_fork(before=prepare_fork, after_in_child=prepare_child)


def stand_in(name: str) -> Any:
    """The spec of the stand-in for a module of IPython or ipykernel, or None."""
    if name.partition(".")[0] == "ipykernel" and "IPython" in sys.modules:
        from _carme.ipython import ipykernel_modules

        return ipykernel_modules.find_spec(name)
    from _carme.stand_in import modules

    return modules.find_spec(name)


def prepare_fork() -> None:
    """Before a fork: imports what the child needs, and suppresses Python's warning."""
    from _carme.processes import forked_child

    if warns_of_threads and not _thread._count():
        forked_child.suppress_fork_warning(sys._getframe(1))


def prepare_child() -> None:
    """After a fork, in the child."""
    sys.modules["_carme.processes.forked_child"].prepare()


def install_comms() -> None:
    """Connects the package comm to the client."""
    from _carme.messages import comms

    comms.install()


def use_kernel_loop() -> None:
    """get_event_loop() returns the loop that runs between cells."""
    if "_carme.concurrency.loop" not in sys.modules:  # else that module is importing asyncio
        from _carme.concurrency import loop

        loop.prepare()


def track_threads() -> None:
    """Output of threads belongs to the cell that starts them."""
    from _carme.concurrency import threads

    threads.install()


def support_spawn() -> None:
    """Spawned processes find what cells define."""
    from _carme.processes import spawn

    spawn.install()


def support_interpreters() -> None:
    """Other interpreters of this process find what cells define."""
    from _carme.processes import interpreters

    interpreters.install()


def patch_pdb() -> None:
    """The debugger pdb reads its commands from the client."""
    from _carme.errors import debugger

    debugger.install()


def support_matplotlib() -> None:
    """Figures are shown in the cell, unless another backend is chosen."""
    from _carme.display.figures import selection

    selection.select_backend()


def support_inspect() -> None:
    """inspect.getsource() finds classes of cells."""
    from _carme.help.inspection import class_files

    class_files.install()


def take_over() -> None:
    """IPython's own shell takes over."""
    from _carme.ipython import takeover
    from _carme.stand_in import lazy_package

    lazy_package.finish()
    takeover.take_over()
