"""Comms with buffers, also while a cell awaits."""

import sys

import __main__


async def test_a_comm_there_and_back(page):
    sys.modules["IPython"] = None  # as where it is not installed
    await page.run(
        "import asyncio, comm\nopen_comms = []\n"
        "def opened(c, message):\n"
        "    open_comms.append(c)\n"
        "    c.on_msg(lambda m: c.send(m['content']['data'], buffers=[bytes(b)[::-1] for b in m['buffers']]))\n"
        "comm.get_comm_manager().register_target('echo', opened)\ndone = asyncio.Event()"
    )
    await page.idle(page.push("comm_open", {"comm_id": "c1", "target_name": "echo", "data": {}}))
    blocks = [b"\0\1\2", memoryview(b"abc"), bytearray(b"")]
    ident = await page.idle(
        page.push("comm_msg", {"comm_id": "c1", "data": {"n": 1}}, buffers=blocks)
    )
    back = page.one(ident, "comm_msg")
    assert back["content"]["data"] == {"n": 1}
    assert back["buffers"] == [b"\2\1\0", b"cba", b""]
    cell = page.execute("await done.wait()\nprint('free')")
    queued = page.execute("print('last')")
    ident = page.push("comm_msg", {"comm_id": "c1", "data": 2}, buffers=[b"xy"])
    assert page.one(ident, "comm_msg")["buffers"] == [b"yx"]
    assert not page.is_idle(ident)  # which a front end would take for the cell's
    info = page.push("comm_info_request")
    assert page.reply(info)["comms"] == {"c1": {"target_name": "echo"}}
    __main__.done.set()
    await page.idle(queued)
    assert page.text(cell) == "free\n"
    ident = await page.idle(
        page.push("comm_open", {"comm_id": "c2", "target_name": "nobody", "data": {}})
    )
    assert page.one(ident, "comm_close")["content"]["comm_id"] == "c2"
