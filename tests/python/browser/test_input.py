"""input() and its like, which the page answers while the worker waits."""


async def test_input_in_all_its_forms(page):
    page.answers = ["Ada", "secret", "line", "deep", "c"]
    ident = await page.run(
        "import getpass, sys\nname = input('Name? ')\nword = getpass.getpass()\nrow = sys.stdin.readline()\n"
        "def f(): return [input('n') for _ in (1,)][0]\nf()"
    )
    assert page.result(ident) == "'deep'"
    assert page.result(await page.run("name, word, row")) == "('Ada', 'secret', 'line\\n')"
    assert [each[2] for each in page.asked] == [
        {"prompt": "Name? ", "password": False},
        {"prompt": "Password: ", "password": True},
        {"prompt": "", "password": False},
        {"prompt": "n", "password": False},
    ]
    assert page.asked[0][0]["msg_type"] == "input_request"
    assert page.asked[0][1]["msg_id"] == ident
    ident = await page.run("import pdb; pdb.set_trace()\nx = 5")
    assert "(Pdb) " in page.asked[-1][2]["prompt"] + page.text(ident)
    assert page.reply(ident)["status"] == "ok"


async def test_the_end_of_input(page):
    page.answers = ["\x04", "\x04"]
    ident = await page.run("import sys\nprint(repr(sys.stdin.readline()))\ninput()")
    assert page.text(ident) == "''\n"
    assert page.one(ident, "error")["content"]["ename"] == "EOFError"


async def test_an_interrupt_while_input_waits(page):
    page.answers = [None, "again"]
    ident = await page.run("input()")
    assert page.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"
    assert page.result(await page.run("input()")) == "'again'"


async def test_an_interrupt_while_an_awaiting_cell_asks(page):
    page.answers = [None]
    ident = await page.run("import asyncio\nawait asyncio.sleep(0)\ninput()")
    assert page.one(ident, "error")["content"]["ename"] == "KeyboardInterrupt"


async def test_no_way_to_ask(page):
    page.answers = [RuntimeError("the page's server must send COOP and COEP")]
    ident = await page.run("input()")
    error = page.one(ident, "error")["content"]
    assert error["ename"] == "StdinNotImplementedError"
    assert error["evalue"] == "the page's server must send COOP and COEP"
    ident = await page.run("input()", allow_stdin=False)
    assert page.one(ident, "error")["content"]["ename"] == "StdinNotImplementedError"
