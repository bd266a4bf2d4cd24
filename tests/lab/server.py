"""A JupyterLab server of one's own: free port, nothing of HOME, Carme as its only kernel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from harness import kernels
from harness.client import SLOW

TIMEOUT = 30.0 * SLOW  # seconds
SETTINGS = {
    # no question about news, no look for updates: both want the network
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
OPTIONS = {
    "ServerApp.ip": "127.0.0.1",
    "ServerApp.port": "0",
    "ServerApp.open_browser": "False",
    "ServerApp.terminals_enabled": "False",
    "ServerApp.allow_root": "True",  # containers
    "KernelSpecManager.ensure_native_kernel": "False",
    "KernelSpecManager.allowed_kernelspecs": "carme",
    "MultiKernelManager.default_kernel_name": "carme",
    "LabApp.news_url": "None",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    "LabApp.extension_manager": "readonly",
}


def install_kernelspec(data: Path, home: Path, prefix: Path) -> None:
    """What a user does: `carme install`, for the Python of the environment at `prefix`."""
    python = prefix / "bin" / "python"
    where = data / "kernels" / "carme"
    command = [
        str(word) for word in (kernels.PROGRAM, "install", "--to", where, "--python", python)
    ]
    environment = kernels.clean_environment(home)
    subprocess.run(command, check=True, env=environment, timeout=60, stdout=subprocess.DEVNULL)


class Server:
    """A running JupyterLab. Its files, log and settings lie in `directory`."""

    def __init__(self, directory: Path, environment_name: str = "data") -> None:
        """`environment_name`: whose Python runs the kernels, and whose Lab extensions are loaded."""
        self.directory = directory
        self.prefix = kernels.ENVIRONMENTS / environment_name
        self.root = directory / "notebooks"
        self.log = directory / "server.log"
        self.kernels: set[psutil.Process] = set()
        self.root.mkdir()
        environment = self.environment()
        install_kernelspec(directory / "data", directory / "home", self.prefix)
        self.write_settings()
        words = [f"--{name}={value}" for name, value in OPTIONS.items()]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *words, f"--ServerApp.root_dir={self.root}"],
                env=environment,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.url = self.token = ""
        try:
            self.wait_ready()
        except BaseException:
            self.kill()
            raise

    def environment(self) -> dict[str, str]:
        """Variables that keep the server out of HOME and of this environment's configuration."""
        places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
        jupyter = {f"JUPYTER_{name}": name.lower() for name in places}
        lab = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
        named = {"JUPYTER_DATA_DIR": "data"}
        paths = {k: str(self.directory / v) for k, v in {**jupyter, **lab, **named}.items()}
        return kernels.clean_environment(
            self.directory / "home",
            JUPYTER_TOKEN=os.urandom(16).hex(),
            JUPYTER_PREFER_ENV_PATH="0",
            JUPYTER_PATH=str(self.prefix / "share" / "jupyter"),
            **paths,
        )

    def write_settings(self) -> None:
        """Lab's user settings, as its settings editor writes them."""
        for plugin, content in SETTINGS.items():
            path = self.directory / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))

    def wait_ready(self) -> None:
        """Waits until the server answers; takes address and token from its runtime directory."""
        path = self.directory / "runtime_dir" / f"jpserver-{self.process.pid}.json"
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"the server ended\n{self.trouble()}"
            try:
                info = json.loads(path.read_text())
                self.url, self.token = str(info["url"]), str(info["token"])
                self.api("status")
                return
            except (OSError, ValueError):
                time.sleep(0.02)  # nothing to wait on: the server tells nobody that it listens
        raise AssertionError(f"no server after {TIMEOUT:g} s\n{self.trouble()}")

    def api(self, path: str, method: str = "GET") -> Any:
        """The JSON that the server answers; None for an empty answer."""
        request = urllib.request.Request(
            f"{self.url}api/{path}",
            headers={"Authorization": f"token {self.token}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return json.loads(answer.read() or b"null")

    def trouble(self) -> str:
        """The end of the log, for a failing test."""
        return self.log.read_text(errors="replace")[-3000:]

    def note_kernels(self) -> set[psutil.Process]:
        """All kernels seen so far, and everything below them."""
        if self.process.poll() is None:
            self.kernels |= set(psutil.Process(self.process.pid).children(recursive=True))
        return self.kernels

    def end_kernels(self) -> None:
        """Shuts down every kernel, as Lab's "Shut Down All" does; raises when one stays."""
        self.note_kernels()
        for kernel in self.api("kernels"):
            self.api(f"kernels/{kernel['id']}", "DELETE")
        left = self.left(TIMEOUT)
        assert not left, f"still there: {left}\n{self.trouble()}"
        self.kernels.clear()

    def end(self, number: signal.Signals) -> None:
        """As a service manager does, by a signal; waits until the server is gone."""
        self.note_kernels()
        self.process.send_signal(number)
        self.process.wait(TIMEOUT)

    def left(self, timeout: float) -> list[psutil.Process]:
        """The kernels that still run after `timeout` seconds."""
        return list(psutil.wait_procs(self.kernels, timeout=timeout)[1])

    def kill(self) -> None:
        """Ends everything, whatever state it is in."""
        self.note_kernels()
        self.process.kill()
        self.process.wait(TIMEOUT)
        for process in self.left(0):
            process.kill()
