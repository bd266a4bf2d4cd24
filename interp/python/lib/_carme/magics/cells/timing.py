"""%time, %timeit.

Source: IPython's documentation, "Built-in magic commands"; the timeit module's.
"""

import math
import time as clock
from os import times

from _carme.errors.usage import UsageError
from _carme.magics import options, user_code
from _carme.magics.function import show
from _carme.run import caller_scope
from _carme.session import sources, state
from _carme.syntax import cell_compiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple

try:
    from resource import RUSAGE_SELF, getrusage
except ImportError:  # a browser's Python

    def cpu_times() -> Tuple[float, float]:
        """CPU time of this process: user and system, seconds."""
        found = times()
        return found.user, found.system

else:

    def cpu_times() -> Tuple[float, float]:
        """CPU time of this process: user and system, seconds."""
        found = getrusage(RUSAGE_SELF)
        return found.ru_utime, found.ru_stime


UNITS = (("s", 1.0), ("ms", 1e3), ("μs", 1e6), ("ns", 1e9))
LONG_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
MIN_SECONDS = 0.2  # seconds that one repetition should take
SLOW_COMPILATION = 0.1
LOOP = """
def inner(_it, _timer):
    _t0 = _timer()
    for _i in _it:
        pass
    _t1 = _timer()
    return _t1 - _t0
"""
CACHE_RATIO = 4


def format_duration(seconds: float, digits: int = 3) -> str:
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
    """Times code once: CPU and wall time. --no-raise-error: an error is not raised."""
    found, rest = (
        options.take(line, "", ("no-raise-error",)) if line.startswith("--") else ({}, line)
    )
    if cell and rest:
        raise UsageError("Can't use statement directly after '%%time'!")
    begun = clock.perf_counter()
    pieces, _ = user_code.compiled(cell or rest)
    duration = clock.perf_counter() - begun
    before, wall = cpu_times(), clock.perf_counter()
    try:
        return user_code.run(pieces)
    except Exception:
        if "no-raise-error" not in found:
            raise
        return None
    finally:
        report(before, clock.perf_counter() - wall, duration)


def report(before: Tuple[float, float], wall: float, duration: float) -> None:
    """Prints the times."""
    user, system = (after - begun for after, begun in zip(cpu_times(), before))
    spent = [format_duration(seconds) for seconds in (user, system, user + system)]
    show("CPU times: user {}, sys: {}, total: {}".format(*spent))
    show(f"Wall time: {format_duration(wall)}")
    if duration > SLOW_COMPILATION:
        show(f"Compiler : {format_duration(duration)}")


class TimeitResult:
    """The result of %timeit -o, in seconds.

    Attributes: loops; repeat; all_runs, the time of each repetition; compile_time.
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
        mean, deviation = (
            format_duration(each, self._precision) for each in (self.average, self.stdev)
        )
        runs = f"{self.repeat} run{'s'[: self.repeat != 1]}"
        loops = f"{self.loops:,} loop{'s'[: self.loops != 1]}"
        return f"{mean} ± {deviation} per loop (mean ± std. dev. of {runs}, {loops} each)"

    def __repr__(self) -> str:
        return f"<TimeitResult : {self}>"


def timeit(line: str, cell: Optional[str] = None) -> Optional[TimeitResult]:
    """Times repeated execution of code: mean and deviation. In a cell the line is the setup.

    -n: loops. -r: repetitions. -p: digits. -c, -t: by CPU time, by time.time. -q: prints nothing.
    -o: returns the result. -v NAME: binds the result to a name.
    """
    found, statement = options.take(line, "n:r:tcp:qov:")
    setup = ""
    if cell is not None:
        setup, statement = statement, cell
    measured = clock.process_time if "c" in found else clock.perf_counter
    begun = clock.perf_counter()
    timer = make_timer(statement, setup, clock.time if "t" in found else measured)
    compiling_time = clock.perf_counter() - begun
    result = measure(timer, compiling_time, found)
    if "q" not in found:
        print_result(result)
    if "v" in found:
        state.namespace[found["v"]] = result
    return result if "o" in found else None


def print_result(result: TimeitResult) -> None:
    """Prints the result of %timeit."""
    if result.worst > CACHE_RATIO * result.best and result.best > 0 and result.worst > 1e-6:
        ratio = result.worst / result.best
        show(
            f"The slowest run took {ratio:.2f} times longer than the fastest. "
            "This could mean that an intermediate result is being cached."
        )
    show(str(result))
    if result.compile_time > SLOW_COMPILATION:
        show(f"Compiler time: {result.compile_time:.2f} s")


def make_timer(statement: str, setup: str, measured: Any) -> Any:
    """Return a Timer of code in notebook syntax. A SyntaxError is that of the code alone."""
    import ast
    from timeit import Timer

    name = sources.name_cell(statement, state.cell.count, stored=False)
    trees = [cell_compiler.parse(text, name) for text in (setup, statement)]
    for tree in trees:
        compile(tree, name, "exec", cell_compiler.Flags.value, True)
    made = ast.parse(LOOP)
    function: Any = made.body[0]
    function.body[1].body = trees[1].body or [ast.Pass()]
    function.body[:0] = trees[0].body
    ast.fix_missing_locations(made)
    places: Any = {}
    exec(compile(made, name, "exec", cell_compiler.Flags.value, True), caller_scope.names(), places)
    timer: Any = Timer(timer=measured)
    timer.inner = places["inner"]
    return timer


def measure(timer: Any, compiling_time: float, found: Any) -> TimeitResult:
    """Runs the timer by %timeit's options."""
    loops, repeat = options.number(found, "n", 0), options.number(found, "r", 7)
    digits = options.number(found, "p", 3)
    if loops == 0:
        loops = choose_loops(timer)
    return TimeitResult(loops, timer.repeat(repeat, loops), compiling_time, digits)


def choose_loops(timer: Any) -> int:
    """The number of loops, a power of ten, that take MIN_SECONDS."""
    loops = 1
    while loops < 10**9 and timer.timeit(loops) < MIN_SECONDS:
        loops *= 10
    return loops
