"""Other interpreters of this process find what cells define, and what they print is shown at once.

Each gets the `__main__` that a spawned process has, and a newer one when a later cell uses it.
They write to descriptors 1 and 2; to Python that is no terminal, so that lines would wait for the
interpreter's end. Loaded with the module _interpreters. Source: PEP 734.
"""

import sys
from _thread import allocate_lock
from functools import wraps

from _carme.processes import spawn
from _carme.session.sources import CellNames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple

    Function = Callable[..., Any]

RUN = """
import sys
space = sys.modules["__main__"].__dict__
for each in getattr(space.get("Main"), "begun", ()):
    for name in space["Main"].pieces[each][0] if type(each) is int else (each,):
        space.pop(name, None)
space["__file__"] = {path!r}
with open({path!r}, encoding="utf-8") as file:
    exec(compile(file.read(), {path!r}, "exec"), space)
"""


class Updated:
    """By interpreter's number: how many cells there were when it was looked after, and its file."""

    lock = allocate_lock()
    latest: "Dict[int, Tuple[int, str]]" = {}


def install() -> None:
    """Those that are made from here on."""
    module: Any = sys.modules["_interpreters"]
    module.create = creator(module.create, module.exec)
    module.call = caller(module.call, module.exec)


def creator(original: "Function", run: "Function") -> "Function":
    """As the original: makes an interpreter and returns its number."""

    @wraps(original)
    def create(*args: Any, **options: Any) -> Any:
        made = original(*args, **options)
        Updated.latest.pop(made, None)
        update_main(made, run)
        return made

    return create


def caller(original: "Function", run: "Function") -> "Function":
    """As the original: calls a function in an interpreter."""

    @wraps(original)
    def call(number: int, *args: Any, **options: Any) -> Any:
        update_main(number, run)
        return original(number, *args, **options)

    return call


def update_main(number: int, run: "Function") -> None:
    """Gives the interpreter what cells define by now, once for each cell."""
    named = CellNames.count
    with Updated.lock:
        before = Updated.latest.get(number, (0, ""))
        if before[0] == named:
            return
        path = spawn.write_main()
        Updated.latest[number] = named, path
    if path != before[1]:
        run(number, RUN.format(path=path))
