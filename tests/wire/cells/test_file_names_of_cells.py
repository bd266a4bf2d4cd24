"""The file names of cells, which libraries know: caches, debuggers and profilers look at them.

Source: ipykernel.compiler; numba/numba#7325, joblib/joblib#1498.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import IS_CARME, Kernel, systems_options

NAME = "import os, sys, tempfile\nname = sys._getframe().f_code.co_filename\n"
SHAPE = "os.path.join(tempfile.gettempdir(), f'ipykernel_{os.getpid()}', '3607137893.py')"
MEMORY = """
import joblib
memory = joblib.Memory('kept', verbose=0)
@memory.cache
def slow(x):
    print('computing', x)
    return x * 2
slow(3)
"""


def test_the_same_code_has_the_same_name(client: Client) -> None:
    client.run(NAME)
    assert client.run(f"name == {SHAPE}").result == "True"
    client.run("first = name")
    client.run(NAME)
    assert client.run("name == first").result == "True"
    client.run(NAME + "# other")
    assert client.run("name == first").result == "False"


@pytest.mark.parametrize("code", ["%%time\n{}", "if True:\n    {}\n    %time 1"])
def test_the_name_is_that_of_what_was_typed(client: Client, code: str) -> None:
    """Also where the cell is no plain Python: a client has but that to compute it."""
    if code.startswith("%%") and not IS_CARME:
        pytest.skip("IPython calls it <timed exec>")
    text = code.format("import sys; name = sys._getframe().f_code.co_filename")
    client.run(text)
    client.run(f"text = {text!r}")
    assert client.run("name.endswith('.py') and 'ipykernel_' in name").result == "True"


def test_a_traceback_names_the_latest_run(client: Client) -> None:
    client.run("def f():\n    return 1 / 0")
    latest = client.run("def f():\n    return 1 / 0").count
    cell = client.execute("f()")
    assert f"In[{latest}]" in cell.traceback.replace("\x1b[92m", "").replace("\x1b[39m", "")


def test_history_has_each_run(client: Client) -> None:
    """Not only the last one of those that have the same code."""
    first = client.run("'same'").count
    client.run("'same'")
    assert client.run(f"%history {first}-{first + 1}").stdout == "'same'\n'same'\n"


def test_a_plain_traceback_can_be_read(client: Client) -> None:
    code = "import traceback\ndef f():\n    raise ValueError('v')\ntry:\n    f()\nexcept ValueError:\n    "
    text = client.run(code + "traceback.print_exc()").stderr
    assert "    raise ValueError('v')\n" in text
    assert "ipykernel_" in text


def test_pdb_stops_at_a_line_of_a_cell(client: Client) -> None:
    client.run("import pdb\ndef f(x):\n    y = x\n    z = y\n    return z")
    file = client.run("f.__code__.co_filename").result
    client.run(f"debugger = pdb.Pdb(); print(debugger.set_break({file}, 4))")
    assert client.run("debugger.get_all_breaks() == {f.__code__.co_filename: [4]}").result == "True"
    client.run("debugger.clear_all_breaks()")


@pytest.mark.one_python
def test_joblib_finds_what_it_has_kept(start: Callable[..., Kernel], tmp_path: Path) -> None:
    """When the cell runs again, and after a restart."""
    shown = []
    for runs in (2, 1):
        client = start(**systems_options()).client()
        client.run(f"import os; os.chdir({str(tmp_path)!r})")
        shown += [client.run(MEMORY, timeout=60).stdout for _ in range(runs)]
    assert shown == ["computing 3\n", "", ""]


@pytest.mark.one_python
def test_scikit_learn_runs_in_processes(start: Callable[..., Kernel]) -> None:
    """It sends warnings.filters to them."""
    client = start(**systems_options()).client()
    client.run(
        "from sklearn.datasets import make_classification\n"
        "from sklearn.ensemble import RandomForestClassifier\n"
        "from sklearn.model_selection import cross_val_score\n"
        "X, y = make_classification(60, random_state=0)\nforest = RandomForestClassifier(5)",
        timeout=60,
    )
    client.run("forest.fit(X, y)", timeout=60)
    cell = client.run("len(cross_val_score(forest, X, y, n_jobs=2, cv=3))", timeout=120)
    assert cell.result == "3"


@pytest.mark.one_python
@pytest.mark.skipif(not IS_CARME, reason="IPython's own")
@pytest.mark.parametrize("has_cache", [False, True])
def test_where_numba_keeps_what_it_compiles(
    start: Callable[..., Kernel], tmp_path: Path, has_cache: bool
) -> None:
    """It asks IPython, for cells, also where none is installed."""
    if has_cache:
        (tmp_path / ".cache").mkdir()
    home = {"HOME": str(tmp_path), "IPYTHONDIR": "", "XDG_CACHE_HOME": ""}
    client = start(environment=home).client()
    (tmp_path / "locator.py").write_text(
        "def place():\n    try:\n        from IPython.paths import get_ipython_cache_dir\n"
        "    except ImportError:\n        from IPython.utils.path import get_ipython_cache_dir\n"
        "    return get_ipython_cache_dir()\n"
    )
    client.run(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport locator, os")
    place = tmp_path / (".cache/ipython" if has_cache else ".ipython")
    assert client.run("locator.place()").result == repr(str(place))
    assert place.is_dir()
    assert client.run("'IPython' in sys.modules").result == "False"
