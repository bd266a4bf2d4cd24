"""The two sites that are compared, each served from a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
PARTS = BUILD / "lite-parts"
sys.path.insert(0, str(ROOT / "kernelspec" / "lite"))

import build_site  # noqa: E402

STOCK = "@jupyterlite/pyodide-kernel-extension:kernel"


@dataclass(frozen=True)
class Subject:
    """A kernel in its site."""

    name: str
    folder: Path
    kernel: str
    isolated: bool


def stock_config(directory: Path) -> None:
    """As the stock kernel's documentation says for a Pyodide of one's own."""
    directory.mkdir(parents=True, exist_ok=True)
    settings = {STOCK: {"pyodideUrl": f"./{build_site.PLACE}/pyodide.mjs"}}
    data = {"litePluginSettings": settings, "defaultKernelName": "python"}
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}
    (directory / "jupyter-lite.json").write_text(json.dumps(config))


def stock_site() -> Path:
    """JupyterLite with its own kernel, the same Pyodide, all that it loads beside it."""
    site, wheels = BUILD / "lite-stock-site", PARTS / "stock-wheels"
    if (site / build_site.PLACE / "pyodide-lock.json").exists():
        return site
    environment = {
        **os.environ,
        "HOME": str(PARTS / "home"),
        "PIP_CACHE_DIR": str(BUILD / "pip-cache"),
    }
    bin_ = BUILD / "env" / "lite-stock" / "bin"
    fetch = [
        bin_ / "python",
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
    ]
    fetch += ["--python-version", "3.14", "--dest", wheels]
    fetch += ["-r", ROOT / "tests" / "setup" / "lite-stock-wheels.txt"]
    subprocess.run(list(map(str, fetch)), check=True, env=environment)
    source = PARTS / "stock-source"
    stock_config(source)
    build = [
        bin_ / "jupyter",
        "lite",
        "build",
        "--lite-dir",
        ".",
        "--no-sourcemaps",
        "--no-libarchive",
    ]
    build += ["--output-dir", site]
    subprocess.run(
        list(map(str, build)), check=True, env=environment, cwd=source, capture_output=True
    )
    build_site.fill(site, PARTS / "ext" / "node_modules" / "pyodide", wheels)
    return site


def subjects() -> list[Subject]:
    """Ours with and without the headers; the stock kernel without, where it does not hang."""
    ours = BUILD / "lite-site"
    return [
        Subject("Carme", ours, "carme", False),
        Subject("Carme, isolated", ours, "carme", True),
        Subject("stock", stock_site(), "python", False),
    ]
