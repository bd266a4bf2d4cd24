"""Cells for the stress test: each kind with the lines that it must show."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

SETUP = """
import asyncio, gc, multiprocessing, os, subprocess, sys, threading, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
fork = multiprocessing.get_context('fork')

def lines(name, count, pause=0.0):
    for number in range(count):
        print(name, number)
        if pause: time.sleep(pause)
    return count

def late(name, count):
    thread = threading.Thread(target=lines, args=(name, count, 0.005))
    thread.start()
    return thread

async def tick(name, count):
    for number in range(count):
        print(name, number)
        await asyncio.sleep(0.002)

def reap():
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0: return
        except ChildProcessError:
            return
"""


@dataclass(frozen=True)
class Task:
    """A cell to send: its code, its lines in any order, whether and when it is interrupted."""

    code: str
    lines: tuple[str, ...] = ()
    interrupt_after: float | None = None  # seconds after its first line
    error: str | None = None
    result: str | None = None


def numbered(name: str, count: int) -> tuple[str, ...]:
    """The lines of one source."""
    return tuple(f"{name} {number}" for number in range(count))


def threads(rng: random.Random) -> Task:
    """Several print at once, and are waited for."""
    count, each = rng.randint(1, 12), rng.randint(1, 40)
    code = (
        f"made = [threading.Thread(target=lines, args=('t%d' % n, {each})) for n in range({count})]\n"
        "for thread in made: thread.start()\nfor thread in made: thread.join()"
    )
    return Task(code, tuple(line for n in range(count) for line in numbered(f"t{n}", each)))


def late_threads(rng: random.Random) -> Task:
    """They print on after their cell has ended."""
    each = rng.randint(1, 20)
    return Task(
        f"late('a', {each}); late('b', {each}); None", numbered("a", each) + numbered("b", each)
    )


def thread_pool(rng: random.Random) -> Task:
    """A pool's tasks print."""
    count = rng.randint(1, 20)
    code = f"with ThreadPoolExecutor(4) as pool: print(sum(pool.map(lines, [f'p{{n}}' for n in range({count})], [2] * {count})))"
    return Task(
        code, tuple(line for n in range(count) for line in numbered(f"p{n}", 2)) + (str(2 * count),)
    )


def process_pool(rng: random.Random) -> Task:
    """Forked workers print and compute."""
    count = rng.randint(1, 6)
    code = (
        f"with fork.Pool(2) as pool: print(sum(pool.starmap(lines, [(f'c{{n}}', 3) for n in range({count})])))\n"
        "pool.join()"
    )
    return Task(
        code, tuple(line for n in range(count) for line in numbered(f"c{n}", 3)) + (str(3 * count),)
    )


def raw_fork(rng: random.Random) -> Task:
    """A forked child prints and ends in one of three ways."""
    end = rng.choice(["os._exit(0)", "sys.exit(0)", "pass"])
    code = f"pid = os.fork()\nif not pid:\n    lines('child', 3); sys.stdout.flush(); {end}\nelse:\n    _ = os.waitpid(pid, 0)"
    return Task(code, numbered("child", 3))


def background(rng: random.Random) -> Task:
    """A command goes on after its cell."""
    wait = rng.choice(["0", "0.05", "0.2"])
    return Task(
        f"reap(); child = subprocess.Popen(\"trap '' INT; sleep {wait}; echo in the background\", shell=True)",
        ("in the background",),
    )


def tasks(rng: random.Random) -> Task:
    """Tasks run beside the cell and after it."""
    each = rng.randint(1, 10)
    code = f"task = asyncio.create_task(tick('later', {each}))\nawait asyncio.gather(tick('x', {each}), tick('y', {each}))\nNone"
    return Task(code, numbered("later", each) + numbered("x", each) + numbered("y", each))


def run(rng: random.Random) -> Task:
    """asyncio.run in a plain cell."""
    each = rng.randint(1, 10)
    return Task(f"asyncio.run(tick('run', {each}))", numbered("run", each))


def much_output(rng: random.Random) -> Task:
    """Much text at once."""
    count = rng.randint(500, 5000)
    return Task(f"_ = lines('many', {count})", numbered("many", count))


def memory(rng: random.Random) -> Task:
    """Memory is allocated and freed."""
    return Task(
        "block = bytearray(30_000_000); del block; gc.collect(); 'given back'",
        result="'given back'",
    )


def failure(rng: random.Random) -> Task:
    """An error, with frames that hold on to what they have."""
    return Task(
        "def deep(n, block): return deep(n - 1, block) if n else 1 / 0\ndeep(20, bytearray(1_000_000))",
        error="ZeroDivisionError",
    )


INTERRUPTED = (
    "while True: pass",
    "time.sleep(60)",
    "await asyncio.sleep(60)",
    "while True: await asyncio.sleep(0)",
    "asyncio.run(asyncio.sleep(60))",
    "subprocess.run(['sleep', '60'])",
    "with fork.Pool(1) as pool: pool.apply(time.sleep, (60,))",
    "threading.Event().wait(60)",
)


def interrupted(rng: random.Random) -> Task:
    """Is interrupted, with a thread that goes on."""
    body = rng.choice(INTERRUPTED)
    code = f"thread = late('aside', 5)\n{body}"
    return Task(code, numbered("aside", 5), rng.random() * 0.3, "KeyboardInterrupt")


TASKS: tuple[Callable[[random.Random], Task], ...] = (
    threads, late_threads, thread_pool, process_pool, raw_fork, background, tasks, run, much_output, memory,
    failure, interrupted, interrupted, interrupted,
)  # fmt: skip
