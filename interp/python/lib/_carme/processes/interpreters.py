"""Other interpreters of this process: they find what cells define, and print without buffering.

Each has the `__main__` of a spawned process, updated when a later cell uses the interpreter. They
write to descriptors 1 and 2, which Python would buffer to the interpreter's end. Installed when
the module _interpreters is imported. Source: PEP 734.
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
    """By interpreter ID: the number of cells at its last update, and the file of its `__main__`."""

    lock = allocate_lock()
    latest: "Dict[int, Tuple[int, str]]" = {}


def install() -> None:
    """Patches the functions that create and call interpreters."""
    module: Any = sys.modules["_interpreters"]
    module.create = creator(module.create, module.exec)
    module.call = caller(module.call, module.exec)


def creator(original: "Function", run: "Function") -> "Function":
    """_interpreters.create() that also gives the interpreter a `__main__`."""

    @wraps(original)
    def create(*args: Any, **options: Any) -> Any:
        made = original(*args, **options)
        Updated.latest.pop(made, None)
        update_main(made, run)
        return made

    return create


def caller(original: "Function", run: "Function") -> "Function":
    """_interpreters.call() that updates the interpreter's `__main__` first."""

    @wraps(original)
    def call(number: int, *args: Any, **options: Any) -> Any:
        update_main(number, run)
        return original(number, *args, **options)

    return call


def update_main(number: int, run: "Function") -> None:
    """Updates the `__main__` of an interpreter if cells have run since the last update."""
    named = CellNames.count
    with Updated.lock:
        before = Updated.latest.get(number, (0, ""))
        if before[0] == named:
            return
        path = spawn.write_main()
        Updated.latest[number] = named, path
    if path != before[1]:
        run(number, RUN.format(path=path))
