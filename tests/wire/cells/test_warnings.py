"""Warnings: shown again by each cell, and nothing of the kernel's among their filters.

Source: ipython/ipython PR#6680; scikit-learn/scikit-learn PR#30380 and joblib/joblib#1591, where
warnings.filters goes to other processes.
"""

from __future__ import annotations

import pytest

from harness.client import Client

FILTERS = """
import copy, pickle, re, warnings
kinds = {type(part) for each in warnings.filters for part in (each[1], each[3])}
print(kinds <= {type(None), str, re.Pattern}, all(type(each) is tuple for each in warnings.filters))
print(len(pickle.loads(pickle.dumps(warnings.filters))) == len(warnings.filters))
print(copy.deepcopy(warnings.filters) == warnings.filters)
"""
FORK = """
pid = os.fork()
if pid == 0:
    os._exit(0)
_ = os.waitpid(pid, 0)
"""


def test_filters_are_as_a_script_has_them(client: Client) -> None:
    assert client.run(FILTERS).stdout == "True True\nTrue\nTrue\n"
    client.run("import os\nkept = list(warnings.filters)" + FORK)
    assert client.run("warnings.filters == kept").result == "True"
    assert client.run(FILTERS).stdout == "True True\nTrue\nTrue\n"


@pytest.mark.better("warns of the kernel's own threads")
@pytest.mark.parametrize("action", ["default", "always", "error"])
def test_a_fork_warns_of_no_thread_of_the_kernel(client: Client, action: str) -> None:
    client.run(f"import os, warnings\nwarnings.simplefilter({action!r})")
    assert client.run(FORK).stderr == ""
    record = (
        "with warnings.catch_warnings(record=True) as seen:\n    warnings.simplefilter('always')"
    )
    client.run(record + FORK.replace("\n", "\n    ") + "\nprint(seen)")
    client.run("warnings.resetwarnings()")


def test_a_fork_warns_of_the_users_threads(client: Client) -> None:
    """As Python does, from 3.12 on."""
    client.run("import os, sys, threading, warnings\ngo = threading.Event()")
    client.run("thread = threading.Thread(target=go.wait); thread.start()")
    client.run("with warnings.catch_warnings(record=True) as seen:" + FORK.replace("\n", "\n    "))
    client.run("go.set(); thread.join()")
    assert client.run("bool(seen) == (sys.version_info >= (3, 12))").result == "True"


def test_each_run_of_a_cell_warns(client: Client) -> None:
    client.run("import warnings")
    for _ in range(3):
        assert "UserWarning: careful" in client.run("warnings.warn('careful')").stderr


def test_a_function_of_a_cell_warns_in_each(client: Client) -> None:
    client.run(
        "import warnings\ndef old(x):\n    warnings.warn('is old', DeprecationWarning, stacklevel=2)\n"
        "def new(x):\n    warnings.warn('is new')"
    )
    for call in ("old(1)", "new(1)", "old(1)", "new(2)"):
        assert client.run(call).stderr.count("Warning: is ") == 1
    for call in ("old", "new"):
        assert client.run(f"for i in range(3):\n    {call}(i)").stderr.count("Warning: is ") == 1


def test_the_line_of_a_warning_is_shown(client: Client) -> None:
    cell = client.run("import warnings\n\nwarnings.warn('here')  # this line")
    assert ".py:3: UserWarning: here\n  warnings.warn('here')  # this line\n" in cell.stderr
