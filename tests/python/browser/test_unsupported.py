"""What a worker has not, said in one line; magics and imports that it has."""

import os
import tempfile
from pathlib import Path


async def test_what_a_worker_has_not(page):
    for code, words in {
        "import threading\nthreading.Thread(target=print).start()": "no threads",
        "import _thread\n_thread.start_new_thread(print, ())": "no threads",
        "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(print)": "no threads",
        "import subprocess\nsubprocess.run(['ls'])": "no processes",
        "import os\nos.system('ls')": "no processes",
        "import os\nos.fork()": "no processes",
        "import multiprocessing.spawn\nmultiprocessing.Process(target=print).start()": "no processes",
        "import socket\nsocket.create_connection(('127.0.0.1', 9))": "no sockets",
        "import asyncio\nasyncio.run(asyncio.sleep(0))": "await",
        "import asyncio\nawait asyncio.sleep(0)\nasyncio.run(asyncio.sleep(0))": "await",
    }.items():
        ident = await page.run(code)
        assert words in page.one(ident, "error")["content"]["evalue"], code
        assert "\n" not in page.one(ident, "error")["content"]["evalue"]
    assert not any(page.text(page.latest(), "stderr"))


async def test_commands_say_that_there_are_none(page):
    for code in ("!ls", "%%bash\nls", "x = !ls", "%%script --bg bash\nls", "%sx ls", "%ls"):
        reply = page.reply(page.execute(code))
        assert reply["status"] == "error"
        assert "browser" in reply["evalue"], reply["evalue"]
    assert page.result(page.execute("6 * 7")) == "42"


async def test_magics_that_need_no_process(page):
    assert "Wall time" in page.text(page.execute("%time x = 1"))
    assert (
        page.result(page.execute("%%capture kept\nprint('out')\n") and page.execute("kept.stdout"))
        == "'out\\n'"
    )
    ident = page.execute("%%html\n<b>x</b>")
    assert page.one(ident, "display_data")["content"]["data"]["text/html"].strip() == "<b>x</b>"
    assert "Did you mean `%time`" in page.reply(page.execute("%tiem 1"))["evalue"]


async def test_pip_is_a_line_of_a_cell(page):
    from _carme.browser import pip_magic

    said = []

    async def pip(line):
        said.append(line)

    pip_magic.pip = pip
    ident = await page.run("%pip install -q 'thing>=2' other\n%pip\tlist\nprint('%pip no')\n5")
    assert said == ["install -q 'thing>=2' other", "list"]
    assert page.result(ident) == "5"
    assert page.text(ident) == "%pip no\n"


async def test_a_module_written_beside_the_notebook(page):

    with tempfile.TemporaryDirectory() as folder:
        await page.run(
            f"import sys\nsys.path.insert(0, {folder!r})\nopen({folder!r} + '/first_one.py', 'w').write('')\nimport first_one"
        )
        stamp = os.stat(folder)
        Path(folder, "second_one.py").write_text("value = 8")
        os.utime(folder, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # a clock too coarse to tell
        assert page.result(await page.run("import second_one\nsecond_one.value")) == "8"
