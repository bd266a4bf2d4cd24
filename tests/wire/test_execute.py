"""execute_request: what is run, what is shown, what is counted, what is said of errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.cell import kinds
from harness.client import Client
from harness.kernels import ENVIRONMENTS, Kernel
from harness.pythons import Python


def test_order_of_messages(client: Client) -> None:
    cell = client.run("print('a')\n1 + 1")
    expected = ["busy", "execute_input", "stream", "execute_result", "idle"]
    assert kinds(cell.iopub) == expected
    assert cell.stdout == "a\n"
    assert cell.result == "2"


def test_counts(client: Client) -> None:
    first, second = client.run("1"), client.run("2")
    assert second.count == first.count + 1
    inputs = [m for m in second.iopub if m.type == "execute_input"]
    assert inputs[0].content == {"code": "2", "execution_count": second.count}
    results = [m for m in second.iopub if m.type == "execute_result"]
    assert results[0].content["execution_count"] == second.count


def test_silent_publishes_statuses_only(client: Client) -> None:
    before = client.run("'counted'")
    cell = client.run("7", silent=True, store_history=False)
    assert kinds(cell.iopub) == ["busy", "idle"]
    assert client.run("'next'").count == before.count + 1


def test_silent_still_runs(client: Client) -> None:
    client.run("silently_set = 5", silent=True)
    assert client.run("silently_set").result == "5"


def test_silent_output_of_print_is_shown(client: Client) -> None:
    assert client.run("print('heard')", silent=True).stdout == "heard\n"


def test_without_history_the_count_stays(client: Client) -> None:
    before = client.run("1")
    unstored = client.run("2", store_history=False)
    assert unstored.result == "2"
    assert client.run("3").count == before.count + 1


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("1 + 1", "2"),
        ("x = 5", None),
        ("x = 5\nx", "5"),
        ("1\n2\n3", "3"),
        ("None", None),
        ("for i in range(3): i", None),
        ("def f(): return 1\nf()", "1"),
        ("'ä\\n\\u20ac'", "'ä\\n€'"),
        ("[1,\n 2]", "[1, 2]"),
        ("5  # a comment", "5"),
        ("5\n\n\n", "5"),
        ("'a'; 'b'", "'b'"),
        ("", None),
        ("   \n\n", None),
        ("# only a comment", None),
        ("'''doc'''", "'doc'"),
        ("lambda_ = 1; lambda_", "1"),
        ("class A: pass\nA.__module__", "'__main__'"),
        ("__name__", "'__main__'"),
        ("'🎈' * 3", "'🎈🎈🎈'"),
    ],
)
def test_last_expression_is_the_result(client: Client, code: str, result: str | None) -> None:
    assert client.run(code).result == result


def test_semicolon_silences(client: Client) -> None:
    assert client.run("1 + 1;").result is None


def test_namespace_is_main(client: Client) -> None:
    client.run("import sys\nmine = object()")
    assert client.run("sys.modules['__main__'].mine is mine").result == "True"
    assert client.run("globals() is vars(sys.modules['__main__'])").result == "True"


def test_pickle_finds_classes_of_the_notebook(client: Client) -> None:
    client.run("import pickle\nclass Kept:\n    value = 3")
    assert client.run("pickle.loads(pickle.dumps(Kept())).value").result == "3"


def test_user_expressions(client: Client) -> None:
    cell = client.run("a = 20", user_expressions={"twice": "a * 2", "wrong": "nowhere"})
    expressions = cell.reply.content["user_expressions"]
    ok = {"status": "ok", "data": {"text/plain": "40"}, "metadata": {}}
    assert expressions["twice"] == ok
    assert expressions["wrong"]["status"] == "error"
    assert expressions["wrong"]["ename"] == "NameError"
    assert "nowhere" in expressions["wrong"]["evalue"]
    assert isinstance(expressions["wrong"]["traceback"], list)


def test_user_expressions_are_not_evaluated_after_an_error(client: Client) -> None:
    client.run("touched = []")
    cell = client.execute("1/0", user_expressions={"a": "touched.append(1)"})
    assert cell.error == "ZeroDivisionError"
    assert client.run("touched").result == "[]"


def test_user_expressions_rich(client: Client) -> None:
    client.run("class Rich:\n    def _repr_html_(self): return '<b>r</b>'")
    cell = client.run("", user_expressions={"r": "Rich()"})
    assert cell.reply.content["user_expressions"]["r"]["data"]["text/html"] == "<b>r</b>"


@pytest.mark.parametrize("code", ["quit()", "exit()"])
def test_quit_asks_the_client(start: Callable[..., Kernel], code: str) -> None:
    cell = start().client().run(code)
    assert [each["source"] for each in cell.reply.content["payload"]] == ["ask_exit"]


@pytest.mark.one_python
@pytest.mark.parametrize("ipython", [False, True])
def test_a_cell_that_does_not_count_has_the_number_before(
    start: Callable[..., Kernel], ipython: bool
) -> None:
    """qtconsole asks silently at its start, and its first prompt is the number after that."""
    if ipython:
        client = start(path=str(ENVIRONMENTS / "widgets" / "bin" / "python")).client()
        client.run("import IPython")
    else:
        client = start().client()
    before = int(ipython)
    for content in ({"silent": True}, {"store_history": False}):
        assert client.run("1", **content).count == before
        assert client.execute("1/0", **content).count == before
    cell = client.run("2", store_history=False)
    numbers = [m.content["execution_count"] for m in cell.iopub if "execution_count" in m.content]
    assert numbers == [before + 1, before]
    cell = client.run("3")
    assert cell.count == before + 1
    assert client.run("").count == before + 1


def test_code_with_a_null_character(client: Client) -> None:
    cell = client.execute("'a\0b'")
    assert cell.result == r"'a\x00b'" or cell.error in ("SyntaxError", "ValueError")


@pytest.mark.better("it never replies")
def test_code_with_a_lone_surrogate(client: Client) -> None:
    cell = client.execute("x = '\ud800'\nlen(x)")
    assert cell.status in ("ok", "error")
    client.is_well()


def test_result_with_a_lone_surrogate(client: Client) -> None:
    cell = client.execute("class S:\n    def __repr__(self): return 'a\\ud800b'\nS()")
    assert cell.status in ("ok", "error")
    if cell.status == "ok":
        assert cell.result is not None
        assert cell.result[0] == "a" and cell.result[-1] == "b"


def test_large_result(client: Client) -> None:
    cell = client.run("'x' * 5_000_000")
    assert cell.result is not None and len(cell.result) == 5_000_002


def test_many_cells_in_a_row(client: Client) -> None:
    first = client.run("counted = 0").count
    requests = [client.send_execute("counted += 1\ncounted") for _ in range(100)]
    cells = [client.finish(request) for request in requests]
    assert [cell.result for cell in cells] == [str(n) for n in range(1, 101)]
    assert [cell.count for cell in cells] == [first + n for n in range(1, 101)]


def test_future_statements_hold_for_later_cells(client: Client, python: Python) -> None:
    client.run("from __future__ import annotations")
    client.run("def annotated(x: nowhere_defined) -> also_not: return 1")
    assert client.run("annotated.__annotations__['x']").result == "'nowhere_defined'"


def test_thread_output_arrives(client: Client) -> None:
    code = "import threading\nt = threading.Thread(target=print, args=('threaded',))\nt.start()\nt.join()"
    assert client.run(code).stdout == "threaded\n"
