"""The `__main__` of a process that multiprocessing has spawned: what cells define, on demand.

Written into a file by _carme.spawning and run by plain Python, which knows nothing of the kernel.
DATA and KERNEL are the file's: marshal of (pieces, modules, values, refusals, sources), where each
piece is (name, names it reads, code of the one statement that binds it); the kernel's process.
Source: PEP 562; multiprocessing.spawn.
"""

import marshal
import os
import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, NoReturn, Optional, Set

    DATA = b""
    KERNEL = 0


class Missing:
    """In the place of a variable that could not be sent: any use of it says why."""

    def __init__(self, why: str) -> None:
        """The text of the error."""
        object.__setattr__(self, "why", why)

    def refuse(self, *args: Any, **options: Any) -> NoReturn:
        """Raises RuntimeError."""
        raise RuntimeError(object.__getattribute__(self, "why"))

    __call__ = __getitem__ = __iter__ = __len__ = __enter__ = __bool__ = __setattr__ = refuse
    __add__ = __radd__ = __sub__ = __mul__ = __lt__ = __gt__ = __contains__ = __next__ = refuse

    def __getattr__(self, name: str) -> Any:
        self.refuse()


class Main:
    """What is known of the cells, and how far it is built."""

    pieces, modules, values, refusals, sources = marshal.loads(DATA)
    begun: Set[int] = set()  # of pieces

    @classmethod
    def build(cls, name: str, before: Optional[int] = None) -> bool:
        """Puts what `name` stands for into `__main__`; False: cells have nothing of that name.

        before: a piece that binds the same name, and reads what it was.
        """
        space = sys.modules["__main__"].__dict__
        if name in space and before is None:
            return True
        for number in range(len(cls.pieces) if before is None else before)[::-1]:
            if cls.pieces[number][0] == name:
                cls.run(number, space)
                return True
        if name in cls.modules:
            space[name] = import_module(cls.modules[name])
        elif name in cls.values:
            import pickle

            space[name] = pickle.loads(cls.values[name])
        elif name in cls.refusals:
            space[name] = Missing(cls.refusals[name])
        return name in space

    @classmethod
    def run(cls, number: int, space: Dict[str, Any]) -> None:
        """Runs one statement, after what it may need."""
        if number in cls.begun:
            return
        cls.begun.add(number)
        name, needs, code = cls.pieces[number]
        for need in needs:
            cls.build(need, number if need == name else None)
        exec(code, space)


def begin() -> None:
    """Tracebacks show the lines of cells; printed lines leave as on a terminal."""
    import linecache

    for name, text in Main.sources.items():
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    for fd, stream in ((1, sys.stdout), (2, sys.stderr)):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
        if os.path.islink(__file__):  # as _carme.spawning names it for a fork server's children
            write_where(fd)


def write_where(fd: int) -> None:
    """To the cell that runs; a fork server writes to the one that started it."""
    try:
        there = os.open(f"/proc/{KERNEL}/fd/{fd}", os.O_WRONLY)
    except OSError:
        return
    os.dup2(there, fd)
    os.close(there)


def __getattr__(name: str) -> Any:
    """A function or class that pickle asks for."""
    if not name.startswith("__") and Main.build(name):
        return sys.modules["__main__"].__dict__[name]
    raise AttributeError(f"module '__main__' has no attribute {name!r}: no cell has defined it")


begin()
