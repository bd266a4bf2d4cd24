"""Modules of the notebook's folder are found, and do not stand for Python's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.kernels import Kernel


def test_files_with_names_of_the_standard_library(
    start: Callable[..., Kernel], tmp_path: Path
) -> None:
    client = start().client()
    client.run(f"import os; os.chdir({str(tmp_path)!r})")
    for name in ("random", "string", "glob", "shlex", "argparse", "pathlib", "mine"):
        (tmp_path / f"{name}.py").write_text("wrong = 1\n")
    assert client.run("import random\nrandom.randint(1, 1)").result == "1"
    assert client.run("import mine\nmine.wrong").result == "1"
    (tmp_path / "said.py").write_text("import sys\nprint(sys.argv[1:])\n")
    assert client.run("%run said.py *.none {1 + 1}").stdout == "['*.none', '2']\n"
    assert client.run("x = !echo {1 + 1}\nx.l").result == "['2']"
    client.run("%%bash --out kept\necho {x}")
    assert client.run("kept").result == "'{x}\\n'"


def test_where_the_folder_is_in_the_path(start: Callable[..., Kernel]) -> None:
    client = start().client()
    client.run("import os, sys\nends = [os.path.basename(each) for each in sys.path]")
    assert client.run("ends[ends.index('') + 1] in ('site-packages', 'dist-packages')").result == (
        "True"
    )
    assert client.run("ends.index('') > ends.index('lib-dynload')").result == "True"
    client = start(environment={"PYTHONSAFEPATH": "1"}).client()
    if client.run("import sys\nsys.version_info >= (3, 11)").result == "True":
        assert client.run("'' in sys.path").result == "False"
