"""Requests of a page and what the worker posts for them, in order; what is wrong with some."""

import json
import re
import sys
import time

from page import OLDER


async def test_starts_and_tells_what_it_is(page):
    assert page.posted[0]["content"] == {"execution_state": "starting"}
    ident = await page.idle(page.push("kernel_info_request"))
    assert page.reply(ident)["implementation"] == "carme"
    assert page.reply(ident)["language_info"]["version"] == sys.version.split()[0]


async def test_one_cell_in_order(page):
    ident = await page.run("print('one')\nimport sys\nprint('two', file=sys.stderr)\n6 * 7")
    assert page.types(ident) == [
        "status", "execute_input", "stream", "stream", "execute_result", "execute_reply", "status",
    ]  # fmt: skip
    assert page.result(ident) == "42"
    assert page.reply(ident) == {
        "status": "ok", "execution_count": 1, "user_expressions": {}, "payload": [],
    }  # fmt: skip
    assert [each["channel"] for each in page.of(ident)] == ["iopub"] * 5 + ["shell", "iopub"]
    header = page.one(ident, "execute_reply")["parent"]
    assert header["session"] == "client"
    assert header["msg_type"] == "execute_request"


async def test_dates_and_ids_are_the_hosts(page):
    ident = await page.run("1")
    headers = [each["header"] for each in page.of(ident)]
    assert len({each["msg_id"] for each in headers}) == len(headers)
    assert len({each["session"] for each in headers}) == 1
    for each in headers:
        assert each["date"][:4] == time.strftime("%Y", time.gmtime())
        assert each["date"].endswith("Z")


async def test_errors_have_a_traceback_and_abort_what_waits(page):
    first = page.execute("await __import__('asyncio').sleep(0.01)\n1 / 0")
    second, third = page.execute("print('no')"), page.push("kernel_info_request")
    await page.idle(second)
    error = page.one(first, "error")["content"]
    assert error["ename"] == "ZeroDivisionError"
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    assert "----> 2 1 / 0" in text
    assert page.reply(first)["status"] == "error"
    assert page.reply(second) == {"status": "aborted"}
    assert page.reply(third)["status"] == "ok"
    assert page.reply(await page.run("1"))["status"] == "ok"


async def test_bad_input_gets_an_error_reply(page):
    before = len(page.posted)
    page.worker.push("shell", "no json", "{}", "{}", "{}", [])
    page.worker.push("shell", "[]", "x", "x", "x")
    page.worker.push("nowhere", "{}", "{}", "{}", "{}", None)
    replies = [each for each in page.posted[before:] if each["type"] == "_reply"]
    assert len(replies) == 3
    assert all(each["content"]["status"] == "error" for each in replies)
    assert all(each["parent"] == {} for each in replies)
    ident = page.push("execute_request", {"code": 5})
    assert page.reply(ident)["status"] == "error"
    ident = page.push("frobnicate_request")
    assert page.reply(ident)["ename"] == "NotImplementedError"
    header = page.header("execute_request")
    page.worker.push("shell", json.dumps(header), "{}", "{}", '{"code": "\\ud800", "x": [', [])
    assert page.reply(header["msg_id"])["status"] == "error"
    header = page.header("complete_request")
    page.worker.push("shell", json.dumps(header), "{}", "{}", "\ud800 lone", [])
    assert page.reply(header["msg_id"])["status"] == "error"
    assert page.result(await page.run("7")) == "7"


async def test_completion_and_inspection(page):
    await page.run("class Thing:\n    'A doc.'\n    part = 1")
    ident = await page.idle(page.push("complete_request", {"code": "Thing.pa", "cursor_pos": 8}))
    assert [each.rpartition(".")[2] for each in page.reply(ident)["matches"]] == ["part"]
    ident = await page.idle(page.push("inspect_request", {"code": "Thing", "cursor_pos": 5}))
    assert "A doc." in page.reply(ident)["data"]["text/plain"]
    ident = await page.idle(page.push("is_complete_request", {"code": "if 1:"}))
    assert page.reply(ident)["status"] == "incomplete"


def recalled(page, kind, **content):
    ident = page.push("history_request", {"hist_access_type": kind, "output": False, **content})
    return page.reply(ident)["history"]


async def test_history_reaches_into_older_sessions(page):
    page.execute("print(a)")
    page.execute("hidden = 1", store_history=False)
    assert page.kept == [(1, "print(a)")]
    assert recalled(page, "tail", n=3) == [[2, 1, "a = 1"], [2, 2, "b = 'ä'"], [4, 1, "print(a)"]]
    assert recalled(page, "search", pattern="a*", unique=True) == [[2, 1, "a = 1"]]
    assert recalled(page, "search", pattern="*") == [*OLDER[:3], OLDER[4], [4, 1, "print(a)"]]
    assert recalled(page, "range", session=-2, start=2, stop=9) == [[2, 2, "b = 'ä'"]]
    assert recalled(page, "range", session=1, start=1, stop=2) == [[1, 1, "a = 1"]]
    assert recalled(page, "range", session=0, start=1) == [[0, 1, "print(a)"]]


async def test_shutdown_is_answered(page):
    ident = page.push("shutdown_request", {"restart": True}, channel="control")
    assert page.types(ident).count("shutdown_reply") == 2
    page.execute("print('no more')")
    assert not any(each["type"] == "execute_input" for each in page.posted)


async def test_refuses_a_second_start(page):
    try:
        page.worker.start(page)
    except RuntimeError as error:
        assert "has been started" in str(error)
    else:
        raise AssertionError("it started twice")


async def test_a_host_that_raises_is_survived(page):
    page.broken = True
    page.execute("print('lost')\n1 / 0")
    page.broken = False
    assert page.text(await page.run("print('found')")) == "found\n"
