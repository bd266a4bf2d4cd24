"""
Starts kernels, with jupyter_client's KernelManager as users' programs do.

CARME_TEST_KERNEL is "carme" (the default) or "ipykernel", the reference that the tests themselves
are tried on. CARME names the program; it is build/carme otherwise.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from harness.activity import Activity
from harness.client import SLOW, TIMEOUT, Client
from harness.ports import connection_ports
from harness.pythons import Python, discover, probe, representatives
from harness.until import until

ROOT = Path(__file__).resolve().parents[2]
KIND = os.environ.get("CARME_TEST_KERNEL", "carme")
PROGRAM = Path(os.environ.get("CARME", ROOT / "build" / "carme")).resolve()
ENVIRONMENTS = ROOT / "build" / "env"
IS_CARME = KIND == "carme"
CUT_SHORT = 10  # the exit code of a kernel that does not wait for its threads, or for C code


def reference() -> Python:
    """The interpreter that has ipykernel."""
    python = probe(str(ENVIRONMENTS / "ipykernel" / "bin" / "python"))
    assert python, "build/env/ipykernel is missing: run `make setup`"
    return python


def every_python() -> tuple[Python, ...]:
    """All Pythons under which the kernel under test can run."""
    return discover() if IS_CARME else (reference(),)


def few_pythons() -> tuple[Python, ...]:
    """Those under which all tests run."""
    return representatives() if IS_CARME else (reference(),)


def one_python() -> Python:
    """The one for tests whose outcome does not depend on it: 3.11, shared where there is one."""
    found = few_pythons()
    return next((python for python in found if python.version == (3, 11)), found[-1])


def systems_options() -> dict[str, Any]:
    """
    Kernel's options for the environment with the systems that users bring.

    The reference is not installed there: it comes from its own environment, by PYTHONPATH.
    """
    where = ENVIRONMENTS / "systems" / "bin" / "python"
    assert where.exists(), "build/env/systems is missing: run `tests/setup/setup.sh test`"
    if IS_CARME:
        return {"path": str(where)}
    packages = next((ENVIRONMENTS / "ipykernel" / "lib").glob("python3.*")) / "site-packages"
    return {"path": str(where), "environment": {"PYTHONPATH": str(packages)}}


def arguments(python: str) -> list[str]:
    """kernel.json's argv for an interpreter."""
    if IS_CARME:
        return [str(PROGRAM), "kernel", "--python", python, "-f", "{connection_file}"]
    return [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """What a kernel is started with: no PYTHON* or JUPYTER* variable, an empty HOME, where
    the history is, too."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(
            ("PYTHON", "JUPYTER", "JPY", "IPYTHON", "PYTEST", "XDG", "LC_", "CARME_HISTORY")
        )
        and name not in ("VIRTUAL_ENV", "COLUMNS", "LINES", "MPLBACKEND")
    }
    home.mkdir(exist_ok=True)
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", **more}


class Kernel:
    """A running kernel with its manager, its clients, and what it wrote to stdout and stderr."""

    def __init__(
        self, directory: Path, python: Python, interrupt_mode: str = "signal", **options: Any
    ) -> None:
        """
        `directory`: an empty one for everything that belongs to this kernel.

        `options`: path (another interpreter than python.path, a venv's), environment (variables to
        add), arguments (more words of argv), cwd, transport ("tcp" or "ipc"), session (for key and
        signature scheme).
        """
        self.python = python
        self.directory = directory
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.clients: list[Client] = []
        self.log = directory / "kernel.log"
        self.writer = open(self.log, "ab")  # the manager uses it again for a restart
        self.work = Path(options.get("cwd", directory))
        argv = arguments(options.get("path", python.path)) + options.get("arguments", [])
        self.write_spec(argv, interrupt_mode)
        self.manager = KernelManager(
            kernel_name="under-test",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(directory / "kernels")]),
            connection_file=str(directory / "connection.json"),
            transport=options.get("transport", "tcp"),
            cache_ports=False,
            shutdown_wait_time=20 * SLOW,  # seconds; afterwards it ends the kernel by signals
            **(connection_ports() if options.get("transport", "tcp") == "tcp" else {}),
            **({"session": options["session"]} if "session" in options else {}),
        )
        self.environment = clean_environment(directory / "home", **options.get("environment", {}))
        self.launch()

    def write_spec(self, argv: list[str], interrupt_mode: str) -> None:
        """A kernel.json where the manager looks for it."""
        where = self.directory / "kernels" / "under-test"
        where.mkdir(parents=True)
        spec = {
            "argv": argv,
            "display_name": "under test",
            "language": "python",
            "interrupt_mode": interrupt_mode,
        }
        (where / "kernel.json").write_text(json.dumps(spec))

    def launch(self) -> None:
        """Starts the process."""
        self.manager.start_kernel(
            env=self.environment, cwd=str(self.work), stdout=self.writer, stderr=self.writer
        )

    @property
    def process(self) -> Any:
        """The process as the manager's provisioner holds it; None when it has let go of it."""
        provisioner: Any = self.manager.provisioner
        return provisioner.process if provisioner else None

    @property
    def pid(self) -> int:
        """The process that the manager started."""
        return int(self.process.pid)

    @property
    def connection(self) -> dict[str, Any]:
        """The connection file's content."""
        return dict(json.loads(Path(self.manager.connection_file).read_text()))

    def trouble(self) -> str:
        """The state of the process and the end of its log."""
        state = "alive" if self.is_alive() else f"ended with {self.exit_code()}"
        written = self.log.read_bytes()[-2000:].decode(errors="replace")
        return f"kernel {state}; it wrote: {written or 'nothing'}"

    def client(self, connect: bool = True, **options: Any) -> Client:
        """A new client, ended with the kernel."""
        client = Client(
            self.context, self.connection, self.trouble, is_alive=self.is_alive, **options
        )
        self.clients.append(client)
        if connect:
            client.connect()
        return client

    def exit_code(self) -> int | None:
        """As subprocess tells it: negative for a signal, None while the process lives."""
        code = self.process.poll() if self.process else None
        return None if code is None else int(code)

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.exit_code() is None

    def wait_exit(self, timeout: float = TIMEOUT) -> int:
        """The exit code, once the process has ended."""
        try:
            until(lambda: self.exit_code() is not None, "the kernel's end", timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.trouble()}") from None
        return int(self.process.returncode)

    def restart(self) -> int | None:
        """As the restart button does; the exit code of the process before, which ends by itself."""
        before = self.process
        self.manager.restart_kernel(now=False)
        return None if before.returncode is None else int(before.returncode)

    def shut_down(self) -> int | None:
        """As the manager does when its program ends; the exit code."""
        before = self.process
        self.manager.shutdown_kernel(now=False)
        return None if before.returncode is None else int(before.returncode)

    def settle(self) -> None:
        """
        Until a cell has come from what it has shown to what it does next, of which nothing tells.

        By then the process waits in all its threads, or it has computed or waited often since.
        """
        first = last = Activity.of(self.pid)

        def has_settled() -> bool:
            nonlocal last
            before, last = last, Activity.of(self.pid)
            return (
                (last == before and last.is_asleep)
                or last.cpu - first.cpu > 0.05
                or last.switches - first.switches > 20
            )

        until(has_settled, "a running cell has settled", pause=0.03)

    def interrupt(self) -> None:
        """As the stop button does, by the mode of kernel.json."""
        self.manager.interrupt_kernel()

    def signal(self, number: int = signal.SIGINT) -> None:
        """A signal to the kernel's process alone."""
        os.kill(self.pid, number)

    def descendants(self) -> list[psutil.Process]:
        """Processes below the kernel's."""
        return psutil.Process(self.pid).children(recursive=True) if self.is_alive() else []

    def stop(self) -> None:
        """Ends everything, whatever state it is in."""
        for client in self.clients:
            client.close()
        left = self.descendants()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                pass
        self.manager.cleanup_resources()
        self.context.destroy(linger=0)
        self.writer.close()


class Shared:
    """The kernel that the tests of a module share; a new one when a test has spoilt it."""

    def __init__(self, factory: Any, python: Python, **options: Any) -> None:
        """`factory`: pytest's tmp_path_factory; `options`: Kernel's."""
        self.factory, self.python, self.options = factory, python, options
        self.kernel: Kernel | None = None

    def get(self) -> Kernel:
        """The living one, or a new one."""
        if self.kernel is None or not self.kernel.is_alive():
            self.drop()
            self.kernel = Kernel(self.factory.mktemp("kernel"), self.python, **self.options)
        return self.kernel

    def drop(self) -> None:
        """Ends it."""
        if self.kernel is not None:
            self.kernel.stop()
            self.kernel = None


def main_check() -> None:
    """Ends the run early when there is nothing to test."""
    if IS_CARME and not os.access(PROGRAM, os.X_OK):
        sys.exit(f"{PROGRAM} is missing: run `make` first, or set CARME_TEST_KERNEL=ipykernel")
