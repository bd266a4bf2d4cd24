"""Functions and classes of cells in the processes that multiprocessing spawns.

Such a process runs the file of `__main__`, which a notebook has not. It gets one that has every
definition of the cells, each of which is run when something asks for it, and the variables that
they use, by value: no cell runs again.
Source: the module multiprocessing.spawn; multiprocessing's documentation, "Contexts and start
methods".
"""

import ast
import marshal
import os
import pickle
import sys
import tempfile
from functools import wraps
from types import ModuleType

import _carme
from _carme import shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Iterator, List, Set, Tuple

    Piece = Tuple[str, Tuple[str, ...], Any]

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
FORKSERVER = "multiprocessing.popen_forkserver"
VALUES_MAX = 32 * 1024 * 1024  # bytes of pickled variables


class Files:
    """What was written, by its content; it goes with the kernel."""

    directory: Any = None
    names = 0  # besides the files' own
    written: Dict[bytes, str] = {}
    trees: Dict[str, List[ast.stmt]] = {}  # of cells, by name


def install() -> None:
    """The module multiprocessing.spawn has just been imported."""
    module: Any = sys.modules["multiprocessing.spawn"]
    module.get_preparation_data = prepared(module.get_preparation_data)


def prepared(original: Callable[[str], Dict[str, Any]]) -> Callable[[str], Dict[str, Any]]:
    """As the original: what the new process is told at its start; with a file for `__main__`."""

    @wraps(original)
    def get_preparation_data(name: str) -> Dict[str, Any]:
        data = original(name)
        if "init_main_from_name" not in data and "init_main_from_path" not in data:
            data["init_main_from_path"] = write()
            if sys._getframe(1).f_globals.get("__name__") == FORKSERVER:
                data["init_main_from_path"] = renamed(data["init_main_from_path"])
        return data

    return get_preparation_data


def renamed(path: str) -> str:
    """Another name for the file: a fork server's children run none again whose name they know."""
    Files.names += 1
    name = f"{path[:-3]}_{Files.names}.py"
    os.symlink(path, name)
    return name


def write() -> str:
    """The path of a file with what the cells define by now."""
    content = marshal.dumps(collect())
    path = Files.written.get(content)
    if path is None or not os.path.exists(path):
        if Files.directory is None:
            Files.directory = tempfile.TemporaryDirectory(prefix="carme-")
        path = os.path.join(Files.directory.name, f"cells_{len(Files.written)}.py")
        text = (_carme.source("spawned") or b"").decode()
        with open(path, "w", encoding="utf-8") as file:
            file.write("from __future__ import annotations\n")
            file.write(f"KERNEL = {shell.State.pid}\nDATA = {content!r}\n{text}")
        Files.written[content] = path
    return path


def collect() -> Tuple[Any, ...]:
    """Pieces, modules, values, refusals and sources: see _carme.spawned."""
    found = pieces()
    defined = {name for name, _, _ in found}
    modules: Dict[str, str] = {}
    values: Dict[str, bytes] = {}
    refusals: Dict[str, str] = {}
    room = VALUES_MAX
    for name in sorted(wanted(found) - defined):
        value = shell.namespace[name]
        if isinstance(value, ModuleType):
            modules[name] = value.__name__
            continue
        try:
            values[name] = send(name, value, room)
            room -= len(values[name])
        except Exception as error:
            refusals[name] = f"the variable `{name}` of the notebook is not here: {error}"
    sources = {name: shell.cells[name][1] for name in files_of(found)}
    return tuple(found), modules, values, refusals, sources


def send(name: str, value: object, room: int) -> bytes:
    """A variable by value. ValueError: too large; what pickle raises otherwise."""
    text = pickle.dumps(value)
    if len(text) > room:
        raise ValueError(f"{len(text) >> 20} MB are too many to send; pass it as an argument")
    return text


def wanted(found: Iterable[Piece]) -> Set[str]:
    """The variables of the notebook that the definitions use."""
    return {need for _, needs, _ in found for need in needs if need in shell.namespace}


def files_of(found: Iterable[Piece]) -> Set[str]:
    """The cells that have the definitions."""
    return {code.co_filename for _, _, code in found} & set(shell.cells)


def pieces() -> List[Piece]:
    """Each statement of the cells that defines a function or class which is there still."""
    found: List[Piece] = []
    for name in list(shell.cells):
        for statement in statements(tree(name)):
            for target in targets(statement):
                if is_alive(target, statement):
                    found.append((target, loads(statement), compiled(statement, name)))
    return found


def tree(name: str) -> List[ast.stmt]:
    """A cell's statements; [] where it is no Python."""
    if name not in Files.trees:
        source = shell.cells[name][1]
        kept = dict(shell.cells)
        try:
            Files.trees[name] = shell.parse(source, name).body
        except SyntaxError:
            Files.trees[name] = []
        shell.cells.update(kept)
    return Files.trees[name]


def statements(body: List[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of a module's level, also within `if`, `try`, `with` and loops."""
    for statement in body:
        yield statement
        if isinstance(statement, DEFINITIONS):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from statements(getattr(statement, field, None) or [])
        for handler in getattr(statement, "handlers", ()):
            yield from statements(handler.body)


def targets(statement: ast.stmt) -> List[str]:
    """The names that a definition or an assignment binds."""
    if isinstance(statement, DEFINITIONS):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return [statement.target.id] if isinstance(statement.target, ast.Name) else []
    return []


def is_alive(name: str, statement: ast.stmt) -> bool:
    """Whether a definition is to be sent: for an assignment, whether it has made a definition."""
    if name not in shell.namespace:
        return False
    value = shell.namespace[name]
    if isinstance(statement, DEFINITIONS):
        ours = getattr(value, "__module__", None) == "__main__"
        return ours or bool(statement.decorator_list) and not isinstance(value, ModuleType)
    return callable(value) and getattr(value, "__module__", None) == "__main__" and is_made(value)


def is_made(value: Any) -> bool:
    """Whether pickle would only name it: a lambda, a namedtuple, what a decorator returns."""
    return isinstance(value, type) or hasattr(value, "__code__") or hasattr(value, "__wrapped__")


def loads(statement: ast.stmt) -> Tuple[str, ...]:
    """The names that it reads, also later in its functions' bodies."""
    nodes = ast.walk(statement)
    return tuple(sorted({node.id for node in nodes if isinstance(node, ast.Name)}))


def compiled(statement: ast.stmt, name: str) -> Any:
    """The statement alone, with its place in its cell."""
    module = ast.Module(body=[statement], type_ignores=[])
    return compile(module, name, "exec", shell.State.flags & ~shell.TOP_LEVEL_AWAIT, True)
