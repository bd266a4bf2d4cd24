"""The `__main__` of a process that multiprocessing has spawned: it defines names on demand.

_carme.processes.spawn writes this text to a file, which Python runs without the kernel. Before it
stand KERNEL, the kernel's process ID; DATA, marshalled (pieces, modules, values, refusals,
sources); and placeholders.py. A piece is (names it defines, names it reads, code of one statement);
modules are names with the modules to import for them.
Source: PEP 562; multiprocessing.spawn.
"""

import marshal
import os
import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Set

    from _carme.processes.placeholders import DEFINED_LATER, is_unpickling, placeholder

    DATA, KERNEL = b"", 0


class Main:
    """The definitions of the cells, and those that have been executed."""

    pieces, modules, values, refusals, sources = marshal.loads(DATA)
    binders: Dict[str, List[int]] = {}  # the numbers of the pieces that define a name
    begun: Set[Any] = set()  # numbers of pieces and names that were executed or loaded

    @classmethod
    def build(cls, name: str) -> bool:
        """Defines `name` and what it needs in `__main__`. False: no cell defines it.

        The statements run in the order that they have in the cells.
        """
        space = sys.modules["__main__"].__dict__
        names, numbers = cls.closure(name)
        for each in sorted(names):
            cls.load(each, space)
        for number in sorted(numbers - cls.begun):
            cls.begun.add(number)
            cls.run(number, space)
        return name in space

    @classmethod
    def closure(cls, name: str) -> Any:
        """The names and the numbers of pieces that `name` needs, itself included."""
        names: Set[str] = set()
        numbers: Set[int] = set()
        left = [name]
        while left:
            name = left.pop()
            if name not in names:
                names.add(name)
                for number in cls.binders.get(name, ()):
                    numbers.add(number)
                    left += cls.pieces[number][0] + cls.pieces[number][1]
        return names, numbers

    @classmethod
    def load(cls, name: str, space: Dict[str, Any]) -> None:
        """Binds a name to a module, a variable's value, or a placeholder."""
        if name in space or name in cls.begun:
            return
        cls.begun.add(name)
        try:
            if name in cls.modules:
                whole, *parts = cls.modules[name]
                space[name] = import_module(whole)
                for part in parts:
                    import_module(part)
            elif name in cls.values:
                import pickle

                value = pickle.loads(cls.values[name])
                space.setdefault(name, value)
        except Exception as error:
            space[name] = placeholder(f"`{name}` of the notebook can not be had here: {error!r}")
        if name in cls.refusals:
            space[name] = placeholder(cls.refusals[name])

    @classmethod
    def run(cls, number: int, space: Dict[str, Any]) -> None:
        """Runs one statement; after an error its names are placeholders."""
        names, _, code = cls.pieces[number]
        try:
            exec(code, space)
        except Exception as error:
            for name in names:
                why = f"`{name}` of the notebook can not be defined here: {error!r}"
                space[name] = placeholder(why)


def display(*objects: object, **options: Any) -> None:
    """Prints the objects: the process has no client."""
    for item in objects:
        print(item)


def write_to_cell() -> None:
    """Writes to the running cell: a fork server's children inherit the cell that started it."""
    for fd in (1, 2):
        path = f"/proc/{KERNEL}/fd/{fd}"
        try:
            if os.readlink(path).startswith("pipe:"):
                pipe = os.open(path, os.O_WRONLY)
                os.dup2(pipe, fd)
                os.close(pipe)
        except OSError:  # no such file system, or the kernel is gone
            pass


def begin() -> None:
    """Gives tracebacks the lines of cells, and makes the streams line-buffered."""
    import builtins
    import io
    import linecache

    for number, piece in enumerate(Main.pieces):
        for name in piece[0]:
            Main.binders.setdefault(name, []).append(number)
    for name, text in Main.sources.items():
        linecache.cache[name] = (len(text), None, io.StringIO(text, None).readlines(), name)
    if os.path.islink(__file__):  # as spawn.py names it for a fork server's children
        write_to_cell()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
    builtins.display = display  # type: ignore[attr-defined]


def __getattr__(name: str) -> Any:
    """Defines a function or class that pickle looks up."""
    if not name.startswith("__"):
        if Main.build(name):
            return sys.modules["__main__"].__dict__[name]
        frame = sys._getframe().f_back  # another interpreter's call may have none
        if frame is not None and is_unpickling(frame):
            return placeholder(DEFINED_LATER.format(name))
    raise AttributeError(f"module '__main__' has no attribute {name!r}: no cell has defined it")


begin()
