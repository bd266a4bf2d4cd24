"""Cells that await: a worker may not block, so their replies come later."""

import asyncio

import __main__


async def test_an_await_returns_and_ends_later(page):
    code = "import asyncio\nprint('a')\nawait asyncio.sleep(0.02)\nprint('b')\nx = 3\nx + 1"
    ident = page.execute(code, user_expressions={"x": "x"})
    assert "execute_reply" not in page.types(ident)
    await page.idle(ident)
    assert page.text(ident) == "a\nb\n"
    assert page.result(ident) == "4"
    assert page.reply(ident)["user_expressions"]["x"]["data"] == {"text/plain": "3"}
    assert page.reply(ident)["execution_count"] == 1


async def test_cells_behind_an_await_wait_in_order(page):
    idents = [page.execute("import asyncio\nawait asyncio.sleep(0.02)\nprint(1)")]
    idents += [page.execute(f"await asyncio.sleep(0)\nprint({i})") for i in (2, 3)]
    idents += [page.execute("print(4)")]
    await page.idle(idents[-1])
    assert [page.text(ident) for ident in idents] == ["1\n", "2\n", "3\n", "4\n"]
    states = [each["parent"]["msg_id"] for each in page.posted if each["type"] == "execute_reply"]
    assert states == idents


async def test_what_needs_no_cell_is_answered_meanwhile(page):
    await page.run("import asyncio\ndone = asyncio.Event()\nnumber = 1")
    ident = page.execute("await done.wait()\nprint('end')")
    info, history = (
        page.push("kernel_info_request"),
        page.push("history_request", {"hist_access_type": "tail", "n": 5}),
    )
    complete = page.push("complete_request", {"code": "numb", "cursor_pos": 4})
    assert all(map(page.is_idle, (info, history, complete)))
    assert page.reply(complete)["matches"] == ["number"]
    assert not page.is_idle(ident)
    later = page.execute("print('after')")
    assert not page.is_idle(later)
    __main__.done.set()
    await page.idle(later)
    assert page.text(ident) == "end\n"


async def test_output_of_an_awaiting_cell_stays_its_own(page):
    await page.run("import asyncio\ndone = asyncio.Event()")
    ident = page.execute("print('before')\nawait done.wait()\nprint('behind')\n1 / 0")
    await page.until(lambda: asyncio.all_tasks() and page.armed)
    info = page.push("kernel_info_request")
    __main__.done.set()
    await page.idle(ident)
    assert page.text(ident) == "before\nbehind\n"
    assert "stream" not in page.types(info)
    assert page.one(ident, "error")["content"]["ename"] == "ZeroDivisionError"


async def test_tasks_go_on_between_cells(page):
    code = "import asyncio\nasync def later():\n    await asyncio.sleep(0.02)\n    print('later')\nt = asyncio.create_task(later())"
    ident = await page.run(code)
    other = await page.run("print('other')")
    await page.until(lambda: page.armed and not page.worker.tick() and page.text(ident))
    assert page.text(ident) == "later\n"
    assert page.text(other) == "other\n"


async def test_context_variables_stay(page):
    await page.run("import asyncio, contextvars\nv = contextvars.ContextVar('v')\nv.set(1)")
    await page.run("await asyncio.sleep(0)\nv.set(v.get() + 1)")
    assert page.result(await page.run("v.get()")) == "2"
