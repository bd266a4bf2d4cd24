"""Functions and classes of cells for the processes that multiprocessing spawns.

Such a process runs the file of `__main__`, which a notebook does not have. The kernel writes one
with the definitions of all cells, each executed when it is looked up, and the values of the
variables that they use. No cell runs again.
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
from _carme.session import state
from _carme.syntax import cell_compiler, definitions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Set, Tuple

    Piece = Tuple[Tuple[str, ...], Tuple[str, ...], Any]

# the modules whose sources the file consists of
PARTS = ("processes.placeholders", "processes.spawned_main")
FORKSERVER = "multiprocessing.popen_forkserver"
VALUES_MAX = 32 * 1024 * 1024  # bytes of pickled variables


class Files:
    """The files written so far, in a directory that the kernel removes at its end."""

    directory: Any = None
    links = 0  # made so far
    written: Dict[bytes, str] = {}  # paths by content
    trees: Dict[str, List[ast.stmt]] = {}  # statements of cells, by co_filename
    codes: Dict[ast.stmt, Any] = {}  # the compiled statements


def install() -> None:
    """Patches multiprocessing.spawn, which has been imported."""
    module: Any = sys.modules["multiprocessing.spawn"]
    module.get_preparation_data = with_main_file(module.get_preparation_data)


def with_main_file(original: Callable[[str], Dict[str, Any]]) -> Callable[[str], Dict[str, Any]]:
    """get_preparation_data(), patched: it names a file for a `__main__` that has none."""

    @wraps(original)
    def get_preparation_data(name: str) -> Dict[str, Any]:
        data = original(name)
        if "init_main_from_name" not in data and "init_main_from_path" not in data:
            data["init_main_from_path"] = write_main()
            if sys._getframe(1).f_globals.get("__name__") == FORKSERVER:
                data["init_main_from_path"] = make_link(data["init_main_from_path"])
        return data

    return get_preparation_data


def make_link(path: str) -> str:
    """Return a new symbolic link to the file: a fork server's children run each path only once."""
    Files.links += 1
    name = f"{path[:-3]}_{Files.links}.py"
    os.symlink(path, name)
    return name


def write_main() -> str:
    """Return the path of a file with the current definitions of the cells."""
    content = marshal.dumps(collect())
    path = Files.written.get(content)
    if path is None or not os.path.exists(path):
        if Files.directory is None:
            Files.directory = tempfile.TemporaryDirectory(prefix="carme-")
        path = os.path.join(Files.directory.name, f"cells_{len(Files.written)}.py")
        text = b"\n".join(_carme.source(name) or b"" for name in PARTS).decode()
        with open(path, "w", encoding="utf-8") as file:
            file.write("from __future__ import annotations\n")
            file.write(f"KERNEL = {state.State.pid}\nDATA = {content!r}\n{text}")
        Files.written[content] = path
    return path


def collect() -> Tuple[Any, ...]:
    """Pieces, modules, values, refusals and sources: see _carme.processes.spawned_main."""
    refusals = unsendable_functions()
    found = [piece for piece in pieces() if not refusals.keys() & set(piece[0])]
    defined = {name for names, _, _ in found for name in names}
    modules: Dict[str, Tuple[str, ...]] = {}
    values: Dict[str, bytes] = {}
    room = VALUES_MAX
    for name in sorted(used_variables(found) - defined - refusals.keys()):
        value = state.namespace[name]
        if isinstance(value, ModuleType):
            modules[name] = (value.__name__, *sorted(imported_submodules(name)))
            continue
        try:
            values[name] = pickled(name, value, room)
            room -= len(values[name])
        except Exception as error:
            refusals[name] = f"the variable `{name}` of the notebook is not here: {error}"
    sources = {name: state.cells[name][1] for name in cells_of(found)}
    return tuple(found), modules, values, refusals, sources


def pickled(name: str, value: object, room: int) -> bytes:
    """A variable's value as pickle. ValueError: too large. Raises what pickle raises."""
    text = pickle.dumps(value)
    if len(text) > room:
        raise ValueError(f"{len(text) >> 20} MB are too many to send; pass it as an argument")
    return text


def used_variables(found: Iterable[Piece]) -> Set[str]:
    """The names in the namespace that the definitions read."""
    return {need for _, needs, _ in found for need in needs if need in state.namespace}


def cells_of(found: Iterable[Piece]) -> Set[str]:
    """The co_filenames of the cells with these definitions."""
    return {code.co_filename for _, _, code in found} & set(state.cells)


def pieces() -> List[Piece]:
    """The statements of the cells that define a function or class that still exists."""
    found: List[Piece] = []
    forget_removed_cells()
    for name in list(state.cells):
        for statement, is_inner in definitions.walk(statements_of(name)):
            names = definitions.defined_names(statement, is_inner, name, state.namespace)
            if names:
                found.append(
                    (names, definitions.names_read(statement), compile_statement(statement, name))
                )
    return found


def unsendable_functions() -> Dict[str, str]:
    """Functions that no statement of a cell defines, with the reason why they are not sent."""
    plain: Dict[str, bool] = {}
    for cell in list(state.cells):
        for statement, _ in definitions.walk(statements_of(cell)):
            for name in definitions.bound_names(statement):
                value = state.namespace.get(name)
                is_plain = definitions.comes_from(value, statement, cell)
                plain[name] = plain.get(name, False) or is_plain
    return {
        name: f"the function `{name}` is not one that a statement of a cell has made: no other can "
        "be in a process that is spawned"
        for name, value in list(state.namespace.items())
        if definitions.is_plain_function(value) and not plain.get(name)
    }


def imported_submodules(name: str) -> Set[str]:
    """The submodules of the package `name` that cells import."""
    found = {
        alias.name
        for cell in list(state.cells)
        for statement, _ in definitions.walk(statements_of(cell))
        if isinstance(statement, ast.Import)
        for alias in statement.names
        if alias.asname is None and alias.name.startswith(name + ".")
    }
    return {part for part in found if part in sys.modules}


def statements_of(name: str) -> List[ast.stmt]:
    """The statements of a cell; [] after a SyntaxError."""
    if name not in Files.trees:
        source = state.cells[name][1]
        kept = dict(state.cells)
        try:
            Files.trees[name] = cell_compiler.parse(source, name).body
        except SyntaxError:
            Files.trees[name] = []
        state.cells.update(kept)
    return Files.trees[name]


def forget_removed_cells() -> None:
    """Removes the statements of cells whose source is no longer stored."""
    for name in Files.trees.keys() - state.cells.keys():
        for statement, _ in definitions.walk(Files.trees.pop(name)):
            Files.codes.pop(statement, None)


def compile_statement(statement: ast.stmt, name: str) -> Any:
    """Compiles one statement; it keeps its line numbers."""
    if statement not in Files.codes:
        module = ast.Module(body=[statement], type_ignores=[])
        flags = cell_compiler.Flags.value & ~cell_compiler.TOP_LEVEL_AWAIT
        Files.codes[statement] = compile(module, name, "exec", flags, True)
    return Files.codes[statement]
