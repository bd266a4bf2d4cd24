"""Interrupts of cells that await, compute or sleep."""

import asyncio
import signal
from _thread import interrupt_main


async def test_an_interrupt_ends_an_await(page):
    ident = page.execute("import asyncio\nawait asyncio.sleep(100)")
    await asyncio.sleep(0.02)
    page.flag = True
    asked = page.push("interrupt_request", channel="control")
    assert page.reply(asked)["status"] == "ok"
    await page.idle(ident)
    assert page.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"
    assert page.reply(await page.run("1"))["status"] == "ok"


async def test_an_interrupt_by_call_ends_an_await(page):
    ident = page.execute("import asyncio\nawait asyncio.sleep(100)")
    await asyncio.sleep(0.02)
    page.worker.interrupt()
    await page.idle(ident)
    assert page.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"


async def test_an_interrupt_when_idle_hits_nothing(page):
    page.worker.interrupt()
    page.flag = True
    page.push("interrupt_request", channel="control")
    page.flag = True  # it comes again, and nobody has looked
    assert page.reply(await page.run("import time\ntime.sleep(0.01)"))["status"] == "ok"
    assert page.reply(await page.run("import asyncio\nawait asyncio.sleep(0.01)"))["status"] == "ok"


async def test_an_interrupt_without_its_flag_hits_nothing(page):
    ident = page.execute("import asyncio\nawait asyncio.sleep(0.05)")
    page.push("interrupt_request", channel="control")
    await page.idle(ident)
    assert page.reply(ident)["status"] == "ok"


async def test_an_interrupt_ends_a_loop(page):
    page.during_ask = interrupt_main
    page.answers = ["go"]
    ident = await page.run("input()\nwhile True: pass")
    assert page.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"


async def test_an_interrupt_ends_a_loop_in_an_awaiting_cell(page):
    asyncio.get_running_loop().call_later(0.05, interrupt_main)
    ident = await page.run(
        "import asyncio\nawait asyncio.sleep(0.01)\nfor i in range(10**12):\n    if i % 100 == 0: await asyncio.sleep(0)"
    )
    assert page.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"
    assert page.reply(await page.run("2"))["status"] == "ok"


async def test_a_message_meanwhile_leaves_the_cell_interruptible(page):
    await page.run("import asyncio")
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    ident = page.execute(
        "await asyncio.sleep(0.05)\n"
        "import signal\n_ = signal.setitimer(signal.ITIMER_REAL, 0.05)\nwhile True: pass"
    )
    page.push("complete_request", {"code": "pri", "cursor_pos": 3})
    await page.idle(ident)
    assert page.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"


async def test_an_interrupt_ends_a_sleep(page):
    def sleep(ms):
        assert ms == 600_000
        page.flag = True
        return True

    page.sleep = sleep
    ident = await page.run("import time\ntime.sleep(600)")
    assert page.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"
    assert not page.flag
    ident = await page.run(
        "try:\n    time.sleep(-1)\nexcept ValueError as e: print(e)\ntime.sleep('x')"
    )
    assert "non-negative" in page.text(ident)
    assert page.one(ident, "error")["content"]["ename"] in ("ValueError", "TypeError")
