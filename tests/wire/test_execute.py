"""execute_request: what is run, what is shown, what is counted, what is said of errors."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from harness.cell import plain
from harness.client import Client
from harness.gate import Gate
from harness.kernels import ENVIRONMENTS, Kernel
from harness.pythons import Python
from harness.wire import Message


def kinds(messages: list[Message]) -> list[str]:
    """Types in order, statuses by their state."""
    return [message.state or message.type for message in messages]


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


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("1/0", "ZeroDivisionError", "division by zero"),
        ("raise ValueError('ä', 1)", "ValueError", "('ä', 1)"),
        ("raise KeyError('k')", "KeyError", "'k'"),
        ("raise Exception", "Exception", ""),
        ("class Own(Exception): pass\nraise Own('o')", "Own", "o"),
        ("import nowhere_at_all", "ModuleNotFoundError", "No module named 'nowhere_at_all'"),
        ("assert False, 'no'", "AssertionError", "no"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
    ],
)
def test_error(client: Client, code: str, name: str, value: str) -> None:
    cell = client.execute(code)
    assert cell.error == name
    assert cell.reply.content["evalue"] == value
    assert name in cell.traceback
    assert kinds(cell.iopub) == ["busy", "execute_input", "error", "idle"]
    error = next(m for m in cell.iopub if m.type == "error")
    shown = {name: error.content[name] for name in ("ename", "evalue", "traceback")}
    assert shown.items() <= cell.reply.content.items()


def test_output_before_an_error_is_kept(client: Client) -> None:
    cell = client.execute("print('before')\n1/0\nprint('never')")
    assert cell.stdout == "before\n"
    assert kinds(cell.iopub)[2:] == ["stream", "error", "idle"]


def test_traceback_shows_lines_of_the_cell(client: Client) -> None:
    cell = client.execute("def broken(n):\n    return 10 // n\n\nbroken(0)  # here it is called")
    shown = plain(cell.traceback)
    assert "return 10 // n" in shown
    assert "broken(0)  # here it is called" in shown


def test_traceback_shows_lines_of_an_earlier_cell(client: Client) -> None:
    client.run("def from_before():\n    raise RuntimeError('deep')")
    client.run("def from_before_too():\n    from_before()")
    shown = plain(client.execute("from_before_too()").traceback)
    assert "raise RuntimeError('deep')" in shown
    assert "    from_before()" in shown


def test_traceback_has_no_frame_of_the_kernel(client: Client) -> None:
    shown = plain(client.execute("1/0").traceback)
    assert "exec(" not in shown
    assert "_carme" not in shown and "ipykernel/" not in shown


def test_traceback_tells_the_cause(client: Client) -> None:
    code = "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise ValueError('late') from e"
    shown = plain(client.execute(code).traceback)
    assert "ZeroDivisionError" in shown
    assert "direct cause" in shown
    assert shown.index("ZeroDivisionError") < shown.index("late")


def test_syntax_error_points_at_the_place(client: Client) -> None:
    cell = client.execute("a = 1\nb = = 2")
    assert cell.error == "SyntaxError"
    shown = plain(cell.traceback)
    assert "b = = 2" in shown
    assert "^" in shown


def test_syntax_error_runs_nothing(client: Client) -> None:
    client.run("ran = False")
    assert client.execute("ran = True\n)").error in ("SyntaxError",)
    assert client.run("ran").result == "False"


def test_sources_of_cells_are_found(client: Client) -> None:
    client.run("def documented():\n    'text'\n    return 1")
    code = "import inspect\nprint(inspect.getsource(documented))"
    assert "return 1" in client.run(code).stdout


def test_system_exit_is_an_error_and_the_kernel_stays(client: Client) -> None:
    cell = client.execute("raise SystemExit('bye')")
    assert cell.error == "SystemExit"
    lines = [re.sub("\x1b[^m]*m", "", line) for line in cell.reply.content["traceback"]]
    assert lines == [
        "An exception has occurred, use %tb to see the full traceback.\n",
        "SystemExit: bye\n",
    ]
    assert "raise SystemExit('bye')" not in cell.traceback
    lines = client.run("%tb").outputs[0].content["traceback"]
    assert "raise SystemExit('bye')" in re.sub("\x1b[^m]*m", "", "".join(lines))


def test_system_exit_without_a_value(client: Client) -> None:
    cell = client.execute("import sys\nsys.exit()")
    assert re.sub("\x1b[^m]*m", "", cell.traceback).endswith("\nSystemExit\n")


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


def test_deep_recursion_is_an_error(client: Client) -> None:
    cell = client.execute("def down(): down()\ndown()", timeout=30)
    assert cell.error == "RecursionError"


@pytest.mark.better("its reply tells the ename NoneType")
def test_failing_repr_is_an_error(client: Client) -> None:
    cell = client.execute("class Bad:\n    def __repr__(self): return 1/0\nBad()")
    assert cell.error == "ZeroDivisionError"


@pytest.mark.better("it publishes two errors")
def test_exception_whose_str_fails(client: Client) -> None:
    code = "class Worse(Exception):\n    def __str__(self): raise RuntimeError\nraise Worse"
    assert client.execute(code).error == "Worse"


class TestStopOnError:
    """What waits behind a failing cell."""

    def test_waiting_cells_are_aborted(self, client: Client, gate: Gate) -> None:
        before = client.run("ran = []").count
        requests = [client.send_execute(gate.wait + "1/0")]
        requests += [client.send_execute(f"ran.append({n})") for n in range(3)]
        client.until_received()
        gate.open()
        cells = [client.finish(request) for request in requests]
        assert [cell.status for cell in cells] == ["error"] + 3 * ["aborted"]
        for cell in cells[1:]:
            assert kinds(cell.iopub) == ["busy", "idle"]
            assert "ename" not in cell.reply.content
        after = client.run("ran")
        assert after.result == "[]"
        assert after.count == before + 2

    def test_other_requests_are_answered(self, client: Client, gate: Gate) -> None:
        failing = client.send_execute(gate.wait + "1/0")
        others = [
            client.send("kernel_info_request"),
            client.send("complete_request", {"code": "pri", "cursor_pos": 3}),
            client.send("inspect_request", {"code": "print", "cursor_pos": 5, "detail_level": 0}),
        ]
        client.until_received()
        gate.open()
        assert client.finish(failing).status == "error"
        for request in others:
            assert client.reply(request).content["status"] == "ok"

    def test_false_lets_them_run(self, client: Client, gate: Gate) -> None:
        failing = client.send_execute(gate.wait + "1/0", stop_on_error=False)
        waiting = client.send_execute("'ran'")
        client.until_received()
        gate.open()
        assert client.finish(failing).status == "error"
        assert client.finish(waiting).result == "'ran'"

    def test_absent_means_true(self, client: Client, gate: Gate) -> None:
        failing = client.send("execute_request", {"code": gate.wait + "1/0"})
        waiting = client.send_execute("'ran'")
        client.until_received()
        gate.open()
        assert client.finish(failing).status == "error"
        assert client.finish(waiting).status == "aborted"

    def test_a_cell_sent_after_the_error_runs(self, client: Client) -> None:
        assert client.execute("1/0").status == "error"
        assert client.execute("1").status == "ok"

    def test_a_silent_error_aborts_nothing(self, client: Client, gate: Gate) -> None:
        failing = client.send_execute(gate.wait + "1/0", silent=True)
        waiting = client.send_execute("'ran'")
        client.until_received()
        gate.open()
        client.reply(failing)
        assert client.finish(waiting).status == "ok"


class TestAwait:
    """Top-level await."""

    def test_result(self, client: Client) -> None:
        assert client.run("import asyncio\nawait asyncio.sleep(0.01, 'slept')").result == "'slept'"

    def test_await_without_import(self, client: Client) -> None:
        code = "async def answer(): return 42\nvalue = await answer()\nvalue"
        assert client.run(code).result == "42"

    def test_error_in_a_coroutine(self, client: Client) -> None:
        cell = client.execute("async def fails():\n    1/0\n\nawait fails()")
        assert cell.error == "ZeroDivisionError"
        assert "await fails()" in plain(cell.traceback)

    def test_async_for_and_with(self, client: Client) -> None:
        code = """
import contextlib
async def count():
    for i in range(3): yield i
@contextlib.asynccontextmanager
async def around():
    yield 'in'
async for i in count(): print(i)
async with around() as place: print(place)
[i async for i in count()]
"""
        cell = client.run(code)
        assert cell.stdout == "0\n1\n2\nin\n"
        assert cell.result == "[0, 1, 2]"

    def test_tasks_run_side_by_side(self, client: Client) -> None:
        code = """
import asyncio
here, all_here = [], asyncio.Event()
async def meet():
    await asyncio.sleep(0.01)
    here.append(1)
    if len(here) == 10: all_here.set()
    await all_here.wait()
_ = await asyncio.gather(*(meet() for _ in range(10)))
len(here)
"""
        assert client.run(code).result == "10"

    def test_one_loop_for_all_cells(self, client: Client) -> None:
        code = "import asyncio\nawait asyncio.sleep(0)\nloop_before = asyncio.get_running_loop()"
        client.run(code)
        code = "await asyncio.sleep(0)\nasyncio.get_running_loop() is loop_before"
        assert client.run(code).result == "True"

    def test_a_task_goes_on_between_cells(self, client: Client) -> None:
        maker = client.run(
            "import asyncio\nticks = []\n"
            "async def tick():\n"
            "    for i in range(3):\n"
            "        await asyncio.sleep(0.02); ticks.append(i)\n"
            "    print('over')\n"
            "task = asyncio.get_running_loop().create_task(tick())\n"
            "await asyncio.sleep(0)"
        )
        client.text_with("over", maker)
        assert client.run("ticks").result == "[0, 1, 2]"

    def test_a_task_keeps_the_cell_that_made_it(self, client: Client) -> None:
        maker = client.run(
            "import asyncio\ngo = asyncio.Event()\n"
            "async def late():\n"
            "    await go.wait(); print('late', flush=True)\n"
            "late_task = asyncio.get_running_loop().create_task(late())\n"
            "await asyncio.sleep(0)"
        )
        assert client.run("go.set()").stdout == ""
        assert client.text_with("late", maker) == "late\n"

    @pytest.mark.better("a running loop refuses asyncio.run under ipykernel")
    def test_asyncio_run_works_in_a_plain_cell(self, client: Client) -> None:
        code = "import asyncio\nasync def f(): return 'run'\nasyncio.run(f())"
        assert client.run(code).result == "'run'"

    @pytest.mark.better("it loses what an awaiting cell sets")
    def test_context_variables_survive(self, client: Client) -> None:
        client.run("import contextvars\nvar = contextvars.ContextVar('var', default='unset')")
        client.run("import asyncio\nvar.set('set')\nawait asyncio.sleep(0)")
        assert client.run("var.get()").result == "'set'"

    @pytest.mark.better("it tells a RuntimeError")
    def test_yield_outside_is_a_syntax_error(self, client: Client) -> None:
        assert client.execute("yield 1").error == "SyntaxError"
        assert client.execute("await asyncio.sleep(0); return 1").error == "SyntaxError"


class TestRich:
    """Results that are more than text."""

    def test_methods(self, client: Client) -> None:
        code = """
class Rich:
    def __repr__(self): return 'plain'
    def _repr_html_(self): return '<i>h</i>'
    def _repr_svg_(self): return '<svg/>'
    def _repr_png_(self): return b'\\x89PNG\\r\\n'
    def _repr_jpeg_(self): return b'\\xff\\xd8\\xff'
    def _repr_latex_(self): return '$x$'
    def _repr_markdown_(self): return '*m*'
    def _repr_json_(self): return {'a': [1]}
    def _repr_javascript_(self): return 'alert(1)'
    def _repr_pdf_(self): return b'%PDF'
Rich()
"""
        data = client.run(code).data
        assert data == {
            "text/plain": "plain",
            "text/html": "<i>h</i>",
            "image/svg+xml": "<svg/>",
            "image/png": data["image/png"],
            "image/jpeg": data["image/jpeg"],
            "text/latex": "$x$",
            "text/markdown": "*m*",
            "application/json": {"a": [1]},
            "application/javascript": "alert(1)",
            "application/pdf": data["application/pdf"],
        }
        assert data["image/png"].strip() == "iVBORw0K"
        assert data["image/jpeg"].strip() == "/9j/"

    def test_none_means_no_such_form(self, client: Client) -> None:
        code = "class N:\n    def _repr_html_(self): return None\nN()"
        assert list(client.run(code).data) == ["text/plain"]

    def test_metadata(self, client: Client) -> None:
        code = "class M:\n    def _repr_png_(self): return b'p', {'width': 5}\nM()"
        cell = client.run(code)
        result = next(m for m in cell.iopub if m.type == "execute_result")
        assert result.content["metadata"] == {"image/png": {"width": 5}}
        assert result.content["data"]["image/png"].strip() == "cA=="

    def test_mimebundle(self, client: Client) -> None:
        code = """
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {'text/plain': 'p', 'application/x-own+json': {'n': [1, None]}}, {'text/plain': {'k': 1}}
Bundle()
"""
        cell = client.run(code)
        result = next(m for m in cell.iopub if m.type == "execute_result")
        assert result.content["data"]["text/plain"] == "p"
        assert result.content["data"]["application/x-own+json"] == {"n": [1, None]}
        assert result.content["metadata"]["text/plain"] == {"k": 1}

    def test_class_is_not_asked_for_its_form(self, client: Client) -> None:
        code = "class Shown:\n    def _repr_html_(self): return 'x'\nShown"
        assert list(client.run(code).data) == ["text/plain"]

    def test_anything_goes_object_is_plain(self, client: Client) -> None:
        code = "class Any:\n    def __getattr__(self, name): return lambda *a, **k: 5\nAny()"
        assert "text/plain" in client.run(code).data

    def test_failing_form_leaves_the_others(self, client: Client) -> None:
        code = (
            "class F:\n    def _repr_html_(self): 1/0\n    def __repr__(self): return 'still'\nF()"
        )
        cell = client.execute(code)
        assert cell.data == {"text/plain": "still"}
        assert cell.error == "ZeroDivisionError"
        assert client.run("1").result == "1"

    def test_a_huge_text_is_cut(self, client: Client) -> None:
        """A result is for the eye; what print() writes is not cut."""
        for code, size in (("'x' * 200_000_000", 200_000_000), ("b'y' * 20_000_000", 20_000_000)):
            shown = client.run(code).data["text/plain"]
            assert len(shown) < 11_000_000
            assert f"the first 10,000,000 of {size:,}" in shown[-300:]
        client.run("%env CARME_DISPLAY_MAX=30000000")
        assert len(client.run("'x' * 20_000_000").data["text/plain"]) == 20_000_002
        client.run("import os; del os.environ['CARME_DISPLAY_MAX']")

    def test_failing_form_of_a_display(self, client: Client) -> None:
        """Its error is shown; the cell goes on."""
        client.run("class F:\n    def _repr_html_(self): 1/0")
        request = client.send_execute("display(F())\nprint('on')")
        assert client.reply(request).content["status"] == "ok"
        kinds = [m.type for m in client.until_idle(request)]
        assert kinds == ["status", "execute_input", "error", "display_data", "stream", "status"]

    def test_nan_is_no_json_number(self, client: Client) -> None:
        code = "class J:\n    def _repr_json_(self): return {'x': float('nan')}\nJ()"
        cell = client.execute(code)
        assert cell.status in ("ok", "error")
        assert b"NaN" not in b"".join(b"".join(m.parts) for m in cell.iopub)


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


def test_warnings_name_the_cell(client: Client) -> None:
    cell = client.run("import warnings\nwarnings.warn('take care')")
    assert "take care" in cell.stderr
