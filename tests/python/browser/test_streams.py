"""Streams: when text leaves, how much of it, and what C code writes."""

import asyncio

import __main__


async def test_text_leaves_before_a_sleep(page):
    seen = []
    page.sleep = lambda ms: seen.append(page.text(page.latest())) and False
    await page.run("import time\nprint('now')\ntime.sleep(0.01)")
    assert seen == ["now\n"]


async def test_a_hundred_megabytes_are_cut(page):
    ident = await page.run("line = 'x' * 9_999\nfor _ in range(10_000): print(line)")
    shown = page.text(ident)
    assert len(shown) == 8 * 1024 * 1024
    told = page.text(ident, "stderr")
    assert str(8 * 1024 * 1024) in told
    assert str(100_000_000 - 8 * 1024 * 1024) in told
    assert page.types(ident)[-2:] == ["execute_reply", "status"]
    ident = await page.run("print('é' * 5_000_000)")
    assert set(page.text(ident)) == {"é"}
    assert page.text(await page.run("print('short')")) == "short\n"


async def test_many_lines_are_few_messages(page):
    ident = await page.run("for i in range(10_000): print(i)")
    assert page.text(ident) == "".join(f"{i}\n" for i in range(10_000))
    assert page.types(ident).count("stream") <= 2


async def test_text_waits_for_the_tick_of_the_host(page):
    await page.run("import asyncio\ndone = asyncio.Event()")
    ident = page.execute("print('text')\nawait done.wait()")
    await page.until(lambda: page.armed)
    await asyncio.sleep(0)
    assert page.text(ident) == ""
    page.worker.tick()
    assert page.text(ident) == "text\n"
    __main__.done.set()
    await page.idle(ident)


async def test_descriptors_of_c_code(page):
    async def writing():
        ident = page.execute("import asyncio\nprint('py')\nawait asyncio.sleep(0.01)\nprint('end')")
        await asyncio.sleep(0)
        page.worker.write_raw(1, b"c \xc3")
        page.worker.write_raw(1, memoryview(b"\xa9\n"))
        page.worker.write_raw(2, b"bad \xff\n")
        return await page.idle(ident)

    ident = await writing()
    assert sorted(page.text(ident)) == sorted("py\nc é\nend\n")
    assert page.text(ident, "stderr") == "bad \ufffd\n"
