"""What the kernel does once a cell has imported a module: the rest of the Python half, on need."""

import _thread
import posix
import sys

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# of a fork while the process has threads; the kernel's own, in C, holds no lock that a child needs
warns_of_threads = sys.version_info >= (3, 12)


def install() -> None:
    """Waits for the imports."""
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
    """The spec of a module of IPython's or ipykernel's that is not installed, or None."""
    if name.partition(".")[0] == "ipykernel" and "IPython" in sys.modules:
        from _carme.ipython import ipykernel_modules

        return ipykernel_modules.find_spec(name)
    from _carme.stand_in import modules

    return modules.find_spec(name)


def prepare_fork() -> None:
    """Before the fork: the child has no time to load what it needs, and Python is not to warn."""
    from _carme.processes import forked_child

    if warns_of_threads and not _thread._count():
        forked_child.suppress_fork_warning(sys._getframe(1))


def prepare_child() -> None:
    """A forked process is no kernel."""
    sys.modules["_carme.processes.forked_child"].prepare()


def install_comms() -> None:
    """Widgets find their front end."""
    from _carme.messages import comms

    comms.install()


def use_kernel_loop() -> None:
    """get_event_loop() gives cells the loop that runs between them."""
    if "_carme.concurrency.loop" not in sys.modules:  # which else is importing it just now
        from _carme.concurrency import loop

        loop.prepare()


def track_threads() -> None:
    """Threads belong to the cell that starts them."""
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
    """The debugger asks the client."""
    from _carme.errors import debugger

    debugger.install()


def support_matplotlib() -> None:
    """Figures are shown in the cell, unless told otherwise."""
    from _carme.display.figures import selection

    selection.select_backend()


def support_inspect() -> None:
    """Classes of cells have their sources."""
    from _carme.help.inspection import class_files

    class_files.install()


def take_over() -> None:
    """IPython's own shell takes over."""
    from _carme.ipython import takeover
    from _carme.stand_in import lazy_package

    lazy_package.finish()
    takeover.take_over()
