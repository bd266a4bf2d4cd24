"""%prun.

Source: IPython's documentation, IPython.core.magics.execution; the modules cProfile and pstats.
"""

from _carme.magics import options
from _carme.magics.settings import client
from _carme.run import caller_scope, execution
from _carme.session import sources, state
from _carme.syntax import cell_compiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

    Options = Dict[str, List[str]]

EXITED = "*** SystemExit exception caught in code being profiled."


def prun(line: str, cell: Optional[str] = None) -> Any:
    """Profiles code with cProfile and shows the statistics.

    -l: the number, fraction or pattern of the lines to show. -s: the sort order. -r: returns the
    Stats. -T FILE, -D FILE: saves the text, the statistics. -q: opens no pager.
    """
    found, rest = options.take_all(line, "l:s:rT:D:q")
    text = rest if cell is None else f"{rest}\n{cell}"
    name = sources.name_cell(text, state.cell.count, stored=False)
    tree = cell_compiler.parse(text, name)
    code = compile(tree, "<string>", "exec", cell_compiler.Flags.value, True)
    return profiled(code, caller_scope.names(), found)


def profiled(code: Any, namespace: Dict[str, Any], found: Options) -> Any:
    """Profiles code in a namespace, and shows the statistics by %prun's options."""
    import cProfile
    import io
    import pstats

    profile = cProfile.Profile()
    left = ""
    try:
        run(profile, code, namespace)
    except SystemExit:
        left = EXITED
    out = io.StringIO()
    stats: Any = pstats.Stats(profile, stream=out).strip_dirs()
    stats.sort_stats(*found.get("s", ["time"])).print_stats(*map(restriction, found.get("l", [])))
    stats.stream = None
    text = out.getvalue().rstrip()
    if "q" not in found:
        client.page(text)
    print(left, end=" ")
    write_files(found, text, profile, left)
    return stats if "r" in found else None


def run(profile: Any, code: Any, namespace: Dict[str, Any]) -> None:
    """Runs code under a profile, also code that awaits."""
    if not cell_compiler.awaits([code]):
        profile.runctx(code, namespace, namespace)
        return
    with profile:
        execution.run_pieces([code])


def restriction(text: str) -> Any:
    """The value of -l: an int, a float, or a pattern."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def write_files(found: Options, text: str, profile: Any, left: str) -> None:
    """Writes the files of -D and -T."""
    if "D" in found:
        profile.dump_stats(found["D"][0])
        print(f"\n*** Profile stats marshalled to file {found['D'][0]!r}.{left}")
    if "T" in found:
        with open(found["T"][0], "w", encoding="utf-8") as file:
            file.write(text)
        print(f"\n*** Profile printout saved to text file {found['T'][0]!r}.{left}")
