"""One notebook on the desktop and in the page: the same outputs."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from lite.conftest import ROOT, Kernels
from lite.kernel import Kernel

CELLS = (
    "print('text'); 6 * 7",
    "import sys\nprint('err', file=sys.stderr)\n{'a': [1, 2, {3}], 'b': None}",
    "class Rich:\n    def _repr_html_(self):\n        return '<b>rich</b>'\nRich()",
    "handle = display('first', display_id='one')\nhandle.update('second')",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "async def f():\n    await asyncio.sleep(0)\n    return 'ran'\nasyncio.run(f())",
    "from dataclasses import dataclass\n@dataclass\nclass Moon:\n    name: str\nMoon('Carme')",
    "def divide(x):\n    return 1 / x\ndivide(0)",
    "raise ValueError('ä') from KeyError('k')",
    "list(range(1200))",
    "1 +",
    "unknown_name",
)
NOISE = re.compile(r"0x[0-9a-f]+|\\u001b\[[0-9;]*m")


def plain(outputs: list[dict[str, Any]]) -> list[Any]:
    """Outputs without what differs from process to process."""
    kept: list[Any] = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            kept.append([kind, output["name"], "".join(output["text"])])
        elif kind == "error":
            kept.append([kind, output["ename"], output["evalue"], output["traceback"]])
        else:
            kept.append([kind, {k: "".join(v) for k, v in output["data"].items()}])
    return json.loads(NOISE.sub("", json.dumps(kept)))


def on_desktop(tmp_path: Path) -> list[list[Any]]:
    """By nbconvert."""
    spec = {"name": "carme", "display_name": "Carme", "language": "python"}
    cells = [
        {"id": f"c{n}", "cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for n, source in enumerate(CELLS)
    ]  # fmt: skip
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": cells}
    path = tmp_path / "same.ipynb"
    path.write_text(json.dumps(whole))
    specs = ROOT / "build" / "kernelspec"
    (tmp_path / "kernels").symlink_to(specs)
    client = ROOT / "build" / "env" / "client" / "bin" / "python"
    command = [
        str(client),
        "-m",
        "jupyter",
        "nbconvert",
        "--to",
        "notebook",
        "--execute",
        "--allow-errors",
    ]
    environment = {"JUPYTER_PATH": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run(
        [*command, "--inplace", str(path)], check=True, env=environment, capture_output=True
    )
    done = json.loads(path.read_text())
    return [plain(cell["outputs"]) for cell in done["cells"]]


def as_output(message: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": message["type"], **message["content"]}


def joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As a notebook keeps them: streams joined, updates in the place of what they update."""
    kept: list[dict[str, Any]] = []
    for output in outputs:
        identity = output.get("transient", {}).get("display_id")
        if output["output_type"] == "update_display_data":
            for each in kept:
                if each.get("transient", {}).get("display_id") == identity:
                    each["data"] = output["data"]
        elif output["output_type"] == "stream" and kept and kept[-1].get("name") == output["name"]:
            kept[-1]["text"] += output["text"]
        else:
            kept.append(output)
    return kept


def test_the_same_outputs(kernels: Kernels, tmp_path: Path) -> None:
    desktop = on_desktop(tmp_path)
    kernel = Kernel(kernels.get("isolated-shared").page, "same.ipynb")
    for source, expected in zip(CELLS, desktop, strict=True):
        outcome = kernel.run(source)
        assert plain(joined([as_output(o) for o in outcome.outputs])) == expected, source
