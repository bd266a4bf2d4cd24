"""nbclient, in this process: what papermill, nbconvert and nbval do with a kernel."""

from __future__ import annotations

from typing import Any

import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from harness.kernels import few_pythons
from harness.kernelspecs import own_name

names = pytest.mark.parametrize("label", [python.label for python in few_pythons()])


def notebook(*cells: str) -> Any:
    """A notebook of code cells."""
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(code) for code in cells]
    return made


def execute(label: str, *cells: str, **options: Any) -> Any:
    """The notebook after a run."""
    client = NotebookClient(notebook(*cells), kernel_name=own_name(label), **options)
    return client.execute()


@names
def test_outputs_are_kept(label: str) -> None:
    done = execute(label, "print('a')\n1", "display(5)", "import time")
    assert [cell.execution_count for cell in done.cells] == [1, 2, 3]
    assert [output.output_type for output in done.cells[0].outputs] == ["stream", "execute_result"]
    assert done.cells[1].outputs[0].data["text/plain"] == "5"
    assert not done.cells[2].outputs


@names
def test_language_info_is_kept(label: str) -> None:
    info = execute(label, "1").metadata["language_info"]
    assert info["name"] == "python" and info["file_extension"] == ".py"
    assert label.startswith(".".join(info["version"].split(".")[:2])) or label == "reference"


@names
def test_error_ends_the_run(label: str) -> None:
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(label, "1", "1/0", "print('never')")


@names
def test_errors_may_be_allowed(label: str) -> None:
    done = execute(label, "1/0", "print('on')", allow_errors=True)
    assert done.cells[0].outputs[0].ename == "ZeroDivisionError"
    assert done.cells[1].outputs[0].text == "on\n"


@names
def test_cell_tagged_to_raise(label: str) -> None:
    made = notebook("1/0", "'on'")
    made.cells[0].metadata["tags"] = ["raises-exception"]
    done = NotebookClient(made, kernel_name=own_name(label)).execute()
    assert done.cells[1].outputs[0].data["text/plain"] == "'on'"


@names
def test_timeout(label: str) -> None:
    with pytest.raises(CellTimeoutError):
        execute(label, "import time\ntime.sleep(60)", timeout=1)


@names
def test_interrupt_on_timeout(label: str) -> None:
    done = execute(
        label, "while True: pass", "'on'", timeout=5, interrupt_on_timeout=True, allow_errors=True
    )
    assert done.cells[0].outputs[0].ename == "KeyboardInterrupt"
    assert done.cells[1].outputs[0].data["text/plain"] == "'on'"


@names
def test_dead_kernel_is_noticed(label: str) -> None:
    with pytest.raises(DeadKernelError):
        execute(label, "import os\nos._exit(1)")


@names
def test_times_are_recorded(label: str) -> None:
    done = execute(label, "import time\ntime.sleep(0.2)", record_timing=True)
    times = done.cells[0].metadata["execution"]
    begin, end = times["iopub.status.busy"], times["shell.execute_reply"]
    assert begin < times["iopub.execute_input"] <= end
    assert set(times) >= {"iopub.status.busy", "iopub.status.idle", "shell.execute_reply"}


@names
def test_updates_reach_an_earlier_cell(label: str) -> None:
    done = execute(label, "h = display('old', display_id='d')", "h.update('new')")
    assert done.cells[0].outputs[0].data["text/plain"] == "'new'"


@names
def test_200_cells(label: str) -> None:
    done = execute(label, *(f"x{n} = {n}\nx{n}" for n in range(200)))
    assert [cell.outputs[0].data["text/plain"] for cell in done.cells] == list(map(str, range(200)))


@names
def test_kernel_is_gone_afterwards(label: str) -> None:
    pid = int(execute(label, "import os\nos.getpid()").cells[0].outputs[0].data["text/plain"])
    assert not psutil.pid_exists(pid)
