"""The statements of cells that define the functions and classes which a notebook has.

Source: the ast module's documentation; inspect.unwrap.
"""

import ast
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Tuple

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
TYPING = ("typing", "typing_extensions")
# expressions that call nothing; a lambda's body does not run either
LITERALS = (ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Constant, ast.Name, ast.Attribute)


def walk(body: List[ast.stmt], is_inner: bool = False) -> Iterator[Tuple[ast.stmt, bool]]:
    """The statements at module level, and whether each is within `if`, `try`, `with` or a loop."""
    for statement in body:
        yield statement, is_inner
        if isinstance(statement, DEFINITIONS):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from walk(getattr(statement, field, None) or [], True)
        for handler in getattr(statement, "handlers", ()):
            yield from walk(handler.body, True)


def defined_names(
    statement: ast.stmt, is_inner: bool, cell: str, namespace: Dict[str, Any]
) -> Tuple[str, ...]:
    """The names whose present values the statement has defined or changed.

    is_inner: whether it may be in a branch that has not run; cell: its co_filename.
    """
    found = [
        name
        for name in bound_names(statement)
        if name in namespace and is_definition_of(namespace[name], statement, is_inner, cell)
    ]
    changed = (name for name in changed_names(statement) if is_of_notebook(namespace.get(name)))
    return (*found, *changed)


def bound_names(statement: ast.stmt) -> List[str]:
    """The names that a definition or an assignment binds."""
    if isinstance(statement, DEFINITIONS):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        nodes = [node for target in statement.targets for node in unpacked(target)]
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        nodes = [statement.target]
    elif type(statement).__name__ == "TypeAlias":
        nodes = [getattr(statement, "name")]  # noqa: B009  (not in the oldest Python's ast)
    else:
        return []
    return [node.id for node in nodes if isinstance(node, ast.Name)]


def unpacked(target: ast.expr) -> List[ast.expr]:
    """The targets within a tuple."""
    return list(target.elts) if isinstance(target, (ast.Tuple, ast.List)) else [target]


def changed_names(statement: ast.stmt) -> List[str]:
    """NAME of a statement that changes its value: `@NAME.register def …`, `NAME.attribute = …`."""
    if isinstance(statement, DEFINITIONS):
        return [name for name in map(decorating_name, statement.decorator_list) if name]
    if isinstance(statement, ast.Assign) and is_literal(statement.value):
        targets = [node for node in statement.targets if isinstance(node, ast.Attribute)]
        return [node.value.id for node in targets if isinstance(node.value, ast.Name)]
    return []


def decorating_name(decorator: ast.expr) -> str:
    """NAME of a decorator NAME.attribute, called or not; "" for others."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id
    return ""


def is_literal(node: ast.expr) -> bool:
    """Whether an expression has only literals, names, attributes and lambdas: it calls nothing."""
    if isinstance(node, ast.Lambda):
        return True
    inner = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
    return isinstance(node, LITERALS) and all(map(is_literal, inner))


def has_lambda(value: Any) -> bool:
    """Whether it is a collection with lambdas, which pickle cannot name."""
    items = value.values() if type(value) is dict else value
    if type(value) not in (dict, list, tuple, set):
        return False
    return any(type(item) is FunctionType and item.__name__ == "<lambda>" for item in items)


def is_definition_of(value: Any, statement: ast.stmt, is_inner: bool, cell: str) -> bool:
    """Whether a statement is a definition of the value, or the assignment that has made it."""
    if isinstance(statement, DEFINITIONS):
        ours = is_of_notebook(value) or bool(statement.decorator_list) and callable(value)
        return ours and (not is_inner or comes_from(value, statement, cell))
    expression = getattr(statement, "value", None)
    if isinstance(expression, ast.expr) and is_literal(expression) and has_lambda(value):
        return True
    return is_of_notebook(value) and (is_pickled_by_name(value) or type(value).__module__ in TYPING)


def is_of_notebook(value: Any) -> bool:
    """Whether its module is `__main__`: a cell has defined it."""
    return getattr(value, "__module__", None) == "__main__"


def is_pickled_by_name(value: Any) -> bool:
    """Whether pickle would only store its name: a lambda, a namedtuple, a decorated function."""
    return callable(value) and (
        isinstance(value, type) or hasattr(value, "__code__") or hasattr(value, "__wrapped__")
    )


def is_plain_function(value: Any) -> bool:
    """Whether it is a function of `__main__` that no decorator has wrapped."""
    is_ours = type(value) is FunctionType and is_of_notebook(value)
    return is_ours and not hasattr(value, "__wrapped__")


def comes_from(value: Any, statement: ast.stmt, cell: str) -> bool:
    """Whether a function or class was made by this statement; True where that is unknown."""
    if not isinstance(statement, DEFINITIONS) or statement.decorator_list:
        return True
    codes = codes_of(value)
    lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    here = [code for code in codes if code.co_filename == cell and code.co_firstlineno in lines]
    return bool(here) or not codes


def codes_of(value: Any) -> List[Any]:
    """The code of a function, or of a class's methods."""
    functions = list(vars(value).values()) if isinstance(value, type) else [value]
    return [each.__code__ for each in functions if type(each) is FunctionType]


def names_read(statement: ast.stmt) -> Tuple[str, ...]:
    """The names that it reads, in the bodies of its functions as well."""
    nodes = ast.walk(statement)
    return tuple(sorted({node.id for node in nodes if isinstance(node, ast.Name)}))
