"""%time, %timeit, %prun.

Source: IPython's documentation, "Built-in magic commands"; the timeit and cProfile modules'.
"""

import math
import time as clock
from os import times

from _carme import shell
from _carme.magics import code, options, scope
from _carme.magics.table import UsageError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple

try:
    from resource import RUSAGE_SELF, getrusage
except ImportError:  # a browser's Python

    def used() -> Tuple[float, float]:
        """Processor time of this process so far: user's and system's, seconds."""
        found = times()
        return found.user, found.system

else:

    def used() -> Tuple[float, float]:
        """Processor time of this process so far: user's and system's, seconds."""
        found = getrusage(RUSAGE_SELF)
        return found.ru_utime, found.ru_stime


UNITS = (("s", 1.0), ("ms", 1e3), ("μs", 1e6), ("ns", 1e9))
LONG_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
ENOUGH = 0.2  # seconds that one repetition should take
SLOW_COMPILATION = 0.1
CACHE_RATIO = 4


def spelled(seconds: float, digits: int = 3) -> str:
    """A duration: 1.23 ms, 2min 3s."""
    if seconds >= 60:
        parts: List[str] = []
        left = seconds
        for unit, size in LONG_UNITS:
            count, left = divmod(left, size)
            if count >= 1:
                parts.append(f"{int(count)}{unit}")
        return " ".join(parts)
    seconds = float(f"{seconds:.{digits}g}")  # 999.9 ns are a microsecond
    step = 3
    if seconds > 0:
        step = min(max(-math.floor(math.log10(seconds) / 3), 0), 3)
    unit, factor = UNITS[step]
    return f"{seconds * factor:.{digits}g} {unit}"


def time(line: str, cell: Optional[str] = None) -> Any:
    """How long code takes, once: processor and wall time."""
    found, rest = (
        options.take(line, "", ("no-raise-error",)) if line.startswith("--") else ({}, line)
    )
    text = f"{rest}\n{cell}" if cell and rest else cell or rest
    begun = clock.perf_counter()
    pieces, _ = code.compiled(text)
    compiling = clock.perf_counter() - begun
    before, wall = used(), clock.perf_counter()
    try:
        return code.run(pieces)
    except Exception:
        if "no-raise-error" not in found:
            raise
        return None
    finally:
        report(before, clock.perf_counter() - wall, compiling)


def report(before: Tuple[float, float], wall: float, compiling: float) -> None:
    """What %time writes."""
    user, system = (after - begun for after, begun in zip(used(), before))
    total = user + system
    show(f"CPU times: user {spelled(user)}, sys: {spelled(system)}, total: {spelled(total)}")
    show(f"Wall time: {spelled(wall)}")
    if compiling > SLOW_COMPILATION:
        show(f"Compiler : {spelled(compiling)}")


class TimeitResult:
    """What %timeit -o gives: seconds for one loop.

    Attributes: loops and repeat as run; all_runs, seconds of each repetition; compile_time.
    """

    def __init__(self, loops: int, all_runs: List[float], compile_time: float, digits: int) -> None:
        """From the measured repetitions."""
        self.loops, self.repeat = loops, len(all_runs)
        self.all_runs, self.compile_time = all_runs, compile_time
        self.timings = [each / loops for each in all_runs]
        self.best, self.worst = min(self.timings), max(self.timings)
        self._precision = digits

    @property
    def average(self) -> float:
        """The mean of a loop."""
        return math.fsum(self.timings) / len(self.timings)

    @property
    def stdev(self) -> float:
        """The standard deviation of a loop."""
        mean = self.average
        squares = [(each - mean) ** 2 for each in self.timings]
        return math.sqrt(math.fsum(squares) / len(self.timings))

    def __str__(self) -> str:
        mean, deviation = (spelled(each, self._precision) for each in (self.average, self.stdev))
        runs = f"{self.repeat} run{'s'[: self.repeat != 1]}"
        loops = f"{self.loops:,} loop{'s'[: self.loops != 1]}"
        return f"{mean} ± {deviation} per loop (mean ± std. dev. of {runs}, {loops} each)"

    def __repr__(self) -> str:
        return f"<TimeitResult : {self}>"


def timeit(line: str, cell: Optional[str] = None) -> Optional[TimeitResult]:
    """How long code takes, many times: mean and deviation. In a cell the line is the setup."""
    found, statement = options.take(line, "n:r:tcp:qov:")
    setup = "pass"
    if cell is not None:
        setup, statement = statement or "pass", cell
    if not statement.strip():
        raise UsageError("%timeit: what is to be timed?")
    measured = clock.process_time if "c" in found else clock.perf_counter
    result = measure(statement, setup, measured, found)
    if "q" not in found:
        if result.worst > CACHE_RATIO * result.best and result.best > 0 and result.worst > 1e-5:
            ratio = result.worst / result.best
            show(
                f"The slowest run took {ratio:.2f} times longer than the fastest. "
                "This could mean that an intermediate result is being cached."
            )
        show(str(result))
    return result if "o" in found else None


def measure(statement: str, setup: str, measured: Any, found: Any) -> TimeitResult:
    """Compiles and repeats."""
    from timeit import Timer

    begun = clock.perf_counter()
    timer = Timer(statement, setup, measured, scope.names())
    compiling = clock.perf_counter() - begun
    loops = options.number(found, "n", 0)
    repeat = options.number(found, "r", 7)
    if loops < 0 or repeat < 1:
        raise UsageError("%timeit: -n and -r are 1 or more")
    while loops == 0 or (loops < 10**9 and "n" not in found):
        loops = loops * 10 or 1
        if timer.timeit(loops) >= ENOUGH:
            break
    runs = timer.repeat(repeat, loops)
    return TimeitResult(loops, runs, compiling, options.number(found, "p", 3))


def prun(line: str, cell: Optional[str] = None) -> Any:
    """Profiles code by cProfile and shows the functions that took most time."""
    import cProfile
    import io
    import pstats

    found, rest = options.take(line, "l:s:rT:D:q")
    text = f"{rest}\n{cell}" if cell and rest else cell or rest
    pieces, _ = code.compiled(text)
    profile = cProfile.Profile()
    try:
        with profile:
            code.run(pieces)
    finally:
        out = io.StringIO()
        stats: Any = pstats.Stats(profile, stream=out).strip_dirs()
        stats.sort_stats(found.get("s", "time")).print_stats(*limits(found))
        keep(found, out.getvalue(), stats)
    return stats if "r" in found else None


def limits(found: Any) -> List[Any]:
    """-l: a number of lines, a part of them, or a pattern."""
    limit = found.get("l")
    if limit is None:
        return []
    for kind in (int, float):
        try:
            return [kind(limit)]
        except ValueError:
            continue
    return [limit]


def keep(found: Any, text: str, stats: Any) -> None:
    """To the pager, and to the files that were named."""
    if "T" in found:
        with open(found["T"], "w", encoding="utf-8") as file:
            file.write(text)
    if "D" in found:
        stats.dump_stats(found["D"])
    if "q" not in found:
        page = {"text/plain": text}
        shell.cell.payload.append({"source": "page", "data": page, "start": 0})
