"""
What is measured. Each function takes a kernel and returns values by the metric's key.

Times are in seconds, memory in MB of 1024² bytes. A function raises KernelFailure when the kernel has not
done its work, so that nothing is fast by doing less.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from harness import wire

from .running import Kernel, KernelFailure, Subject

Values = dict[str, float]

LOOP = """
def _work():
    total = 0
    for number in range(1_000_000):
        total += number * number % 7
    return total

def _best():
    from time import perf_counter
    best = 9e9
    for _ in range(5):
        start = perf_counter()
        assert _work() == 1_999_998
        best = min(best, perf_counter() - start)
    return best
"""
BUSY = """
from time import monotonic
_end = monotonic() + 1.5
while monotonic() < _end:
    pass
"""
BLOCKS = """
class _Block:
    def _repr_html_(self):
        return "<b>" + "x" * 1017 + "</b>"
for _ in range(2000):
    display(_Block())
"""
LARGE = """
class _Large:
    html = "<b>" + "x" * (20 * 1024 * 1024 - 7) + "</b>"
    def _repr_html_(self):
        return self.html
_large = _Large()
"""


def median_time(action: Callable[[], object], times: int) -> float:
    """Median seconds of one call."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


# ---- a kernel alone: start, memory, end


def lifetime(subject: Subject, directory: Path) -> Values:
    """Starts a kernel, lets it compute one result, looks at its memory, ends it."""
    kernel = Kernel(subject, directory)
    try:
        values = first_result(kernel)
        for _ in range(20):
            kernel.run("pass")
        time.sleep(0.3)  # what is done after the reply is part of being idle
        memory = kernel.memory()
        values |= {"rss": memory["Rss"], "pss": memory["Pss"], "threads": kernel.threads()}
        values["shutdown"] = kernel.shut_down()
        return values
    finally:
        kernel.close()


def first_result(kernel: Kernel) -> Values:
    """From the start of the process to kernel_info_reply, and to the result of 1+1."""
    kernel.reply(kernel.send("shell", "kernel_info_request", {}))
    info = time.perf_counter() - kernel.started
    # no client can count on results before it knows that its subscription stands
    while kernel.receive("iopub").type != "iopub_welcome":
        pass
    cell = kernel.execute("1+1")
    for message in kernel.until_idle(cell):
        if message.type == "execute_result":
            break
    else:
        raise KernelFailure("1+1 has no result")
    result = time.perf_counter() - kernel.started
    if message.content["data"] != {"text/plain": "2"}:
        raise KernelFailure(f"1+1 is {message}")
    cpu = kernel.cpu()
    kernel.reply(cell)
    list(kernel.until_idle(cell))
    return {"info": info, "result": result, "cpu": cpu}


# ---- round trips


def execute(kernel: Kernel) -> Values:
    """Request to reply and idle; every message verified and parsed."""
    return {"execute": median_time(lambda: kernel.run("pass"), 100)}


def raw(kernel: Kernel) -> Values:
    """Request to reply, frames only: signed beforehand, nothing verified or parsed."""
    socket, took = kernel.sockets["shell"], []
    for _ in range(100):
        header = wire.new_header("execute_request", kernel.session)
        content = {"code": "pass", "silent": False, "allow_stdin": False}
        parts = [wire.dump(part) for part in (header, {}, {}, content)]
        frames = wire.pack(kernel.key, parts, [], "hmac-sha256")
        start = time.perf_counter()
        socket.send_multipart(frames)
        got = socket.recv_multipart()
        took.append(time.perf_counter() - start)
        if b'"ok"' not in got[-1]:
            raise KernelFailure(f"not ok: {got}")
        list(kernel.until_idle(header["msg_id"]))
    return {"raw": statistics.median(took)}


def info(kernel: Kernel) -> Values:
    """kernel_info on shell: request to reply."""

    def ask() -> None:
        kernel.reply(kernel.send("shell", "kernel_info_request", {}))

    return {"kernel_info": median_time(ask, 100)}


def control(kernel: Kernel) -> Values:
    """kernel_info on control while a cell computes."""
    cell = kernel.execute(BUSY)
    for message in kernel.until_idle(cell):
        if message.type == "execute_input":
            break
    time.sleep(0.1)

    def ask() -> None:
        kernel.reply(kernel.send("control", "kernel_info_request", {}), "control")

    took = median_time(ask, 50)
    kernel.finish(cell)
    return {"control": took}


def stdin(kernel: Kernel) -> Values:
    """input(): a cell asks 100 times; seconds for each."""
    cell = kernel.execute("_got = [input('?') for _ in range(100)]", allow_stdin=True)
    start = time.perf_counter()
    for number in range(100):
        question = kernel.receive("stdin")
        if question.type != "input_request":
            raise KernelFailure(f"no question: {question}")
        kernel.send("stdin", "input_reply", {"value": str(number), "status": "ok"})
    kernel.reply(cell)
    took = time.perf_counter() - start
    list(kernel.until_idle(cell))
    if kernel.result("_got == [str(n) for n in range(100)]") != "True":
        raise KernelFailure("input() has lost an answer")
    return {"input": took / 100}


# ---- output


def output(kernel: Kernel, code: str) -> tuple[float, str]:
    """Seconds from a cell's request to its idle, and all text it wrote to stdout."""
    start = time.perf_counter()
    cell = kernel.execute(code)
    texts = [m.content["text"] for m in kernel.until_idle(cell) if m.type == "stream"]
    took = time.perf_counter() - start
    kernel.reply(cell)
    return took, "".join(texts)


def prints(kernel: Kernel, lines: int, key: str) -> Values:
    """Lines per second, all of them received."""
    took, text = output(kernel, f"for _n in range({lines}): print(_n)")
    if text != "".join(f"{number}\n" for number in range(lines)):
        raise KernelFailure(f"{text.count(chr(10))} of {lines} lines came, or in another order")
    return {key: lines / took}


def few_prints(kernel: Kernel) -> Values:
    """20,000 prints."""
    return prints(kernel, 20_000, "prints 20k")


def many_prints(kernel: Kernel) -> Values:
    """200,000 prints."""
    return prints(kernel, 200_000, "prints 200k")


def big_write(kernel: Kernel) -> Values:
    """One write of 50 MB (10⁶ bytes each)."""
    code = "import sys\n_n = sys.stdout.write(('x' * 99 + '\\n') * 500_000)"
    took, text = output(kernel, code)
    if text != ("x" * 99 + "\n") * 500_000:
        raise KernelFailure(f"{len(text)} of 50,000,000 characters came")
    return {"write 50M": 50 / took}


def displays(kernel: Kernel) -> Values:
    """2,000 messages display_data of 1 KB; messages per second."""
    start = time.perf_counter()
    cell = kernel.execute(BLOCKS)
    count = 0
    for message in kernel.until_idle(cell):
        if message.type == "display_data":
            count += len(message.content["data"]["text/html"]) == 1024
    took = time.perf_counter() - start
    kernel.reply(cell)
    if count != 2000:
        raise KernelFailure(f"{count} of 2000 came")
    return {"displays": 2000 / took}


def large_display(kernel: Kernel) -> Values:
    """One display_data of 20 MB, from the request to its idle; frames only, as in raw()."""
    kernel.run(LARGE)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        cell = kernel.execute("display(_large)")
        size, frames = 0, [b""]
        while b'"idle"' not in frames[-1]:
            frames = kernel.sockets["iopub"].recv_multipart()
            size = max(size, len(frames[-1]))
        took.append(time.perf_counter() - start)
        kernel.reply(cell)
        if size < 20 * 1024 * 1024:
            raise KernelFailure(f"{size} bytes came")
    return {"large display": statistics.median(took)}


# ---- help for the writer


def complete(kernel: Kernel) -> Values:
    """Completion of `imp`: the first of this kernel, and the median of ten more."""

    def ask() -> None:
        content = {"code": "imp", "cursor_pos": 3}
        reply = kernel.reply(kernel.send("shell", "complete_request", content))
        if "import" not in reply.content["matches"]:
            raise KernelFailure(f"import is no completion of imp: {reply}")

    return {"complete cold": median_time(ask, 1), "complete": median_time(ask, 10)}


def inspect(kernel: Kernel) -> Values:
    """Inspection of a function of Python's library: the first, and the median of ten more."""
    kernel.run("import json")

    def ask() -> None:
        content = {"code": "json.dumps", "cursor_pos": 10, "detail_level": 0}
        reply = kernel.reply(kernel.send("shell", "inspect_request", content))
        if "Serialize" not in reply.content["data"]["text/plain"]:
            raise KernelFailure(f"no documentation of json.dumps: {reply}")

    return {"inspect cold": median_time(ask, 1), "inspect": median_time(ask, 10)}


# ---- interrupts


def interrupted(kernel: Kernel, code: str, error: str) -> float:
    """Seconds from SIGINT to the reply of status error; inf when the cell ended by itself."""
    cell = kernel.execute(code)
    for message in kernel.until_idle(cell):
        if message.type == "execute_input":
            break
    time.sleep(0.2)
    start = time.perf_counter()
    kernel.interrupt()
    reply = kernel.receive("shell")
    took = time.perf_counter() - start
    list(kernel.until_idle(cell))
    if reply.content["status"] != "error":
        return float("inf")
    if reply.content["ename"] not in error:
        raise KernelFailure(f"not {error}: {reply}")
    return took


def interrupts(kernel: Kernel) -> Values:
    """A loop, a sleep and an await are interrupted; each lasts 3 s if it is not."""
    kernel.run("import asyncio, time")
    loop = "_end = time.monotonic() + 3\nwhile time.monotonic() < _end:\n    pass"
    cancelled = "KeyboardInterrupt CancelledError"  # ipykernel cancels the cell's task
    return {
        "interrupt loop": interrupted(kernel, loop, "KeyboardInterrupt"),
        "interrupt sleep": interrupted(kernel, "time.sleep(3)", "KeyboardInterrupt"),
        "interrupt await": interrupted(kernel, "await asyncio.sleep(3)", cancelled),
    }


# ---- the user's own code


def plain_loop(python: str) -> float:
    """The loop's seconds in a plain interpreter."""
    code = f"{LOOP}\nprint(_best())"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def loop(kernel: Kernel) -> Values:
    """The loop's time in a cell, as a multiple of its time in a plain interpreter."""
    kernel.run(LOOP)
    before = plain_loop(kernel.subject.python)
    inside = float(kernel.result("_best()"))
    return {"user loop": inside / min(before, plain_loop(kernel.subject.python))}


def memory_after(kernel: Kernel) -> Values:
    """Memory once all the rest was done."""
    return {"rss after": kernel.memory()["Rss"]}


def idle(kernels: list[Kernel], seconds: float, key: str) -> list[Values]:
    """Wake-ups per second of idle kernels."""
    time.sleep(
        4
    )  # an idle kernel wakes once more, to give memory back: kernel/desktop/memory_trim.h
    before = [kernel.context_switches() for kernel in kernels]
    time.sleep(seconds)
    return [
        {key: (kernel.context_switches() - old) / seconds}
        for kernel, old in zip(kernels, before, strict=True)
    ]


MEASURES = (
    execute,
    raw,
    info,
    control,
    stdin,
    complete,
    inspect,
    few_prints,
    many_prints,
    big_write,
    displays,
    large_display,
    interrupts,
    loop,
    memory_after,
)
