"""JupyterLab in a browser: output that comes late, and interrupts that do not help."""

from __future__ import annotations

from playwright.sync_api import expect

from lab.conftest import Opener

GATE = """\
import asyncio, os, subprocess, threading, time

def work(name, gate):
    while not os.path.exists(gate):
        time.sleep(0.02)
    print(name, "in its own cell")"""
STUBBORN = """\
print("stubborn")
for _ in range(3):
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        print("not yet")
time.sleep(60)"""


def test_late_output_is_drawn_below_its_cell(open_notebook: Opener) -> None:
    """Of a thread, a task and a background command, while other cells run and when none does."""
    opened = open_notebook(
        GATE,
        "threading.Thread(target=work, args=('thread', 'gate')).start()",
        "async def later():\n    await asyncio.sleep(0)\n"
        "    await asyncio.get_running_loop().run_in_executor(None, work, 'task', 'gate')\n"
        "task = asyncio.create_task(later())",
        "command = 'while [ ! -e gate ]; do sleep 0.05; done; echo command in its own cell'\n"
        "child = subprocess.Popen(command, shell=True)",
        "open('gate', 'w').close()\ntime.sleep(0.5)\nprint('another cell')",
    )
    for index in range(5):
        opened.run(index)
    for index, name in enumerate(("thread", "task", "command"), 1):
        expect(opened.output(index)).to_have_text(f"{name} in its own cell")
    expect(opened.output(4)).to_have_text("another cell")
    opened.shot("late-output")


def test_interrupts_that_do_not_help_say_why(open_notebook: Opener) -> None:
    """The second shows where the threads are, the third how to go on."""
    opened = open_notebook(GATE, STUBBORN)
    opened.run(0)
    outputs = opened.start(1)
    expect(outputs).to_contain_text("stubborn")
    opened.button("notebook:interrupt-kernel")
    expect(outputs).to_contain_text("not yet")
    opened.button("notebook:interrupt-kernel")
    expect(outputs).to_contain_text("interrupted twice")
    expect(outputs).to_contain_text("ipykernel_")
    opened.button("notebook:interrupt-kernel")
    expect(outputs).to_contain_text("restart the kernel")
    opened.button("notebook:interrupt-kernel")
    opened.done(1)
    expect(outputs).to_contain_text("KeyboardInterrupt")
    opened.shot("interrupt-escalation")


def test_a_crash_shows_where_it_was(open_notebook: Opener) -> None:
    """The cell keeps what it printed and the stacks; the next kernel goes on."""
    opened = open_notebook(
        "import ctypes\ndef here():\n    print('before')\n    ctypes.string_at(0)\nhere()", "1 + 1"
    )
    outputs = opened.start(0)
    expect(outputs).to_contain_text("before")
    expect(outputs).to_contain_text("Fatal Python error: Segmentation fault")
    expect(outputs).to_contain_text("in here")
    expect(outputs).to_contain_text("carme: the kernel ends by SIGSEGV")
    expect(opened.page.get_by_text("It will restart automatically")).to_be_visible()
    opened.shot("crash")
    opened.page.get_by_role("button", name="Ok").click()
    opened.run(1)
    expect(opened.output(1)).to_contain_text("2")
