"""Compiling and running the code that a magic is given: a line, or the rest of a cell."""

from _ast import Assign, Expr, Name, Store

from _carme.run import caller_scope, execution
from _carme.session import sources, state
from _carme.syntax import cell_compiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, List, Tuple

VALUE = "__carme_value__"  # bound to the last expression's value while such code runs


def compiled(code: str) -> Tuple[List[CodeType], bool]:
    """Compile code: its pieces, and whether it binds VALUE to its last expression's value."""
    name = sources.name_cell(code, state.cell.count, stored=False)
    tree = cell_compiler.parse(code, name)
    if not tree.body:
        return [], False
    last = tree.body[-1]
    has_value = type(last) is Expr and not cell_compiler.is_quiet(code)
    if has_value:
        place = Name(VALUE, Store(), lineno=last.lineno, col_offset=last.col_offset)
        tree.body[-1] = assign(place, last)
    return [compile(tree, name, "exec", cell_compiler.Flags.value, True)], has_value


def assign(place: Name, last: Any) -> Assign:
    """Return an assignment of the expression's value."""
    from ast import copy_location, fix_missing_locations

    return fix_missing_locations(copy_location(Assign([place], last.value), last))


def run(pieces: List[CodeType]) -> Any:
    """Runs code with the caller's names, also top-level await; returns the last value or None."""
    local = caller_scope.local_names()
    if local is None or cell_compiler.awaits(pieces):
        return run_in_cell(pieces)
    return caller_scope.run(pieces, local, VALUE)


def run_in_cell(pieces: List[CodeType]) -> Any:
    """Runs code as a cell; returns the last expression's value or None."""
    try:
        execution.run_pieces(pieces)
        return state.namespace.get(VALUE)
    finally:
        state.namespace.pop(VALUE, None)


def run_text(code: str) -> Any:
    """Compiles code and runs it as a cell."""
    return run_in_cell(compiled(code)[0])
