"""Which statements of a cell make the functions and classes that a notebook has.

Source: the ast module's documentation; inspect.unwrap.
"""

import ast
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Tuple

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
TYPING = ("typing", "typing_extensions")
# what runs nothing of the user's; a lambda's body does not run either
LITERALS = (ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Constant, ast.Name, ast.Attribute)


def walk(body: List[ast.stmt], is_inner: bool = False) -> Iterator[Tuple[ast.stmt, bool]]:
    """Those of a module's level, and whether they are within `if`, `try`, `with` or a loop."""
    for statement in body:
        yield statement, is_inner
        if isinstance(statement, DEFINITIONS):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from walk(getattr(statement, field, None) or [], True)
        for handler in getattr(statement, "handlers", ()):
            yield from walk(handler.body, True)


def owners(
    statement: ast.stmt, is_inner: bool, cell: str, namespace: Dict[str, Any]
) -> Tuple[str, ...]:
    """The names that are not what they were without the statement: definitions of the notebook.

    is_inner: whether it may be in a branch that has not run; cell: its co_filename.
    """
    found = [
        name
        for name in bound(statement)
        if name in namespace and is_alive(namespace[name], statement, is_inner, cell)
    ]
    return (*found, *(name for name in touched(statement) if is_own(namespace.get(name))))


def bound(statement: ast.stmt) -> List[str]:
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


def touched(statement: ast.stmt) -> List[str]:
    """The names of what a statement adds to: `@NAME.register def …`, `NAME.attribute = value`."""
    if isinstance(statement, DEFINITIONS):
        return [name for name in map(registry, statement.decorator_list) if name]
    if isinstance(statement, ast.Assign) and is_literal(statement.value):
        targets = [node for node in statement.targets if isinstance(node, ast.Attribute)]
        return [node.value.id for node in targets if isinstance(node.value, ast.Name)]
    return []


def registry(decorator: ast.expr) -> str:
    """NAME of a decorator NAME.attribute, called or not; "" for others."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id
    return ""


def is_literal(node: ast.expr) -> bool:
    """Whether an expression only names, collects or writes down."""
    if isinstance(node, ast.Lambda):
        return True
    inner = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
    return isinstance(node, LITERALS) and all(map(is_literal, inner))


def has_lambda(value: Any) -> bool:
    """Whether it is a collection of functions that pickle knows no name of."""
    items = value.values() if type(value) is dict else value
    if type(value) not in (dict, list, tuple, set):
        return False
    return any(type(item) is FunctionType and item.__name__ == "<lambda>" for item in items)


def is_alive(value: Any, statement: ast.stmt, is_inner: bool, cell: str) -> bool:
    """Whether a statement is to be sent: a definition, or what has made one."""
    if isinstance(statement, DEFINITIONS):
        ours = is_own(value) or bool(statement.decorator_list) and callable(value)
        return ours and (not is_inner or made(value, statement, cell))
    expression = getattr(statement, "value", None)
    if isinstance(expression, ast.expr) and is_literal(expression) and has_lambda(value):
        return True
    return is_own(value) and (is_made(value) or type(value).__module__ in TYPING)


def is_own(value: Any) -> bool:
    """Whether a cell has defined it."""
    return getattr(value, "__module__", None) == "__main__"


def is_made(value: Any) -> bool:
    """Whether pickle would only name it: a lambda, a namedtuple, what a decorator returns."""
    return callable(value) and (
        isinstance(value, type) or hasattr(value, "__code__") or hasattr(value, "__wrapped__")
    )


def is_own_function(value: Any) -> bool:
    """Whether it is a function of `__main__`, as written: no decorator has wrapped it."""
    return type(value) is FunctionType and is_own(value) and not hasattr(value, "__wrapped__")


def made(value: Any, statement: ast.stmt, cell: str) -> bool:
    """Whether a function or class is the one of this statement; True where that can not be told."""
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


def loads(statement: ast.stmt) -> Tuple[str, ...]:
    """The names that it reads, also later in its functions' bodies."""
    nodes = ast.walk(statement)
    return tuple(sorted({node.id for node in nodes if isinstance(node, ast.Name)}))
