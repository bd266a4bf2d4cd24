"""The difference between two versions of a module's source, as edits of the module in memory.

If only functions, imports, constants, docstrings and such members of classes differ, these are
executed separately and all other objects of the module stay. Any other change needs a reload.
Source: IPython's documentation, "autoreload"; The Python Standard Library, "ast".
"""

import ast
import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

    Path = Tuple[str, ...]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
IMPORTS = (ast.Import, ast.ImportFrom)
ASSIGNMENTS = (ast.Assign, ast.AnnAssign)


class Body:
    """The statements of a module or a class.

    Attributes:
        definitions: name to the statements that bind it, in their order.
        classes: name to its class statement.
        other: dumps of the statements that cannot be executed separately.
    """

    def __init__(self, statements: List[Any]) -> None:
        """Statements with branches are in `other`: which branch was taken is not known."""
        self.definitions: Dict[str, List[Any]] = {}
        self.classes: Dict[str, ast.ClassDef] = {}
        self.other: List[str] = []
        for statement in statements:
            self.add(statement)

    def add(self, node: Any) -> None:
        """Adds one statement."""
        if isinstance(node, ast.ClassDef):
            self.classes[node.name] = node
        elif isinstance(node, FUNCTIONS):
            self.define(node.name, node)
        elif isinstance(node, IMPORTS) and not is_special(node):
            for each in node.names:
                self.define(each.asname or each.name.partition(".")[0], node)
        elif is_constant_assignment(node):
            for target in targets(node):
                self.define(target.id, node)
        elif not is_constant_expression(node) and not isinstance(node, ast.Pass):
            self.other.append(ast.dump(node))

    def define(self, name: str, node: Any) -> None:
        """Adds a statement that binds a name; a property's name is bound more than once."""
        self.definitions.setdefault(name, []).append(node)


def is_special(node: Any) -> bool:
    """Whether an import is `from … import *` or `from __future__ import …`."""
    return getattr(node, "module", "") == "__future__" or any(
        each.name == "*" for each in node.names
    )


def targets(node: Any) -> List[Any]:
    """The targets of an assignment."""
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def is_constant_expression(node: Any) -> bool:
    """Whether a statement has no effect: a docstring, `...`."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_constant_assignment(node: Any) -> bool:
    """Whether a statement assigns a value of literals and builtins to names."""
    if not isinstance(node, ASSIGNMENTS) or node.value is None:
        return False
    if not all(isinstance(target, ast.Name) for target in targets(node)):
        return False
    return all(is_constant(each) for each in ast.walk(node.value))


def is_constant(node: Any) -> bool:
    """Whether a node of an expression is no name of the module's, nor an attribute of a name."""
    if isinstance(node, ast.Attribute):
        return not any(isinstance(each, ast.Name) for each in ast.walk(node))
    return not isinstance(node, ast.Name) or hasattr(builtins, node.id)


def same(one: List[Any], other: List[Any]) -> bool:
    """Whether statements are equal apart from their line numbers."""
    return [ast.dump(each) for each in one] == [ast.dump(each) for each in other]


class Edit:
    """The changes of one class, or of the module itself.

    Attributes:
        path: the names of the nested classes that lead to it; () for the module.
        classes: their class statements, the outermost first.
        changed: name to the new statements that bind it.
        added: name to the class statement of a new class.
        removed: names that are bound no longer.
        docstring: the new docstring, None if it is the same.
        moved: functions of which only the lines have changed: name to (first line, offset).
    """

    def __init__(self, path: Path, classes: List[ast.ClassDef]) -> None:
        """Without changes."""
        self.path = path
        self.classes = classes
        self.changed: Dict[str, List[Any]] = {}
        self.added: Dict[str, ast.ClassDef] = {}
        self.removed: Set[str] = set()
        self.docstring: Optional[str] = None
        self.moved: Dict[str, Tuple[int, int]] = {}


def compare(
    old: Any, new: Any, path: Path = (), around: Optional[List[Any]] = None
) -> Optional[List[Edit]]:
    """The edits from the old tree to the new one; None if only a reload can make them."""
    before, after = Body(old.body), Body(new.body)
    if before.other != after.other or before.classes.keys() - after.classes.keys():
        return None
    edit = Edit(path, around or [])
    for name, nodes in after.definitions.items():
        if name not in before.definitions or not same(before.definitions[name], nodes):
            edit.changed[name] = nodes
        elif len(nodes) == 1 and isinstance(nodes[0], FUNCTIONS):
            note_move(edit, before.definitions[name][0], nodes[0])
    edit.removed = before.definitions.keys() - after.definitions.keys() - after.classes.keys()
    edit.docstring = changed_docstring(old, new)
    found = [edit]
    for name, node in after.classes.items():
        if name not in before.classes:
            edit.added[name] = node
        elif lines_of(before.classes[name]) != lines_of(node) or not same(
            [before.classes[name]], [node]
        ):
            inner = compare_classes(before.classes[name], node, edit)
            if inner is None:
                return None
            found += inner
    add_decorated(edit, after)
    return found


def lines_of(node: Any) -> List[int]:
    """The line numbers of a statement's first line, decorators included, and of all its nodes."""
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return [first, *(each.lineno for each in ast.walk(node) if hasattr(each, "lineno"))]


def note_move(edit: Edit, old: Any, new: Any) -> None:
    """Notes a function that has only moved: tracebacks are to show its new line numbers."""
    before, after = lines_of(old), lines_of(new)
    offset = after[0] - before[0]
    if offset and [line + offset for line in before] == after:
        edit.moved[new.name] = before[0], offset


def changed_docstring(old: Any, new: Any) -> Optional[str]:
    """The new docstring, or None if it is the same."""
    text = ast.get_docstring(new, clean=False)
    return None if text == ast.get_docstring(old, clean=False) else text


def compare_classes(old: ast.ClassDef, new: ast.ClassDef, outer: Edit) -> Optional[List[Edit]]:
    """As compare(), for classes; None also if bases, keywords or decorators have changed."""
    if header(old) != header(new):
        return None
    found = compare(old, new, (*outer.path, new.name), [*outer.classes, new])
    if found and new.decorator_list and any(not only_functions(edit) for edit in found):
        return None
    return found


def only_functions(edit: Edit) -> bool:
    """Whether an edit only changes functions, which decorators and metaclasses do not inspect."""
    nodes = [node for each in edit.changed.values() for node in each]
    return not edit.removed and all(isinstance(node, FUNCTIONS) for node in nodes)


def header(node: ast.ClassDef) -> str:
    """A class statement without its body, as text to compare."""
    parts = (*node.decorator_list, *node.bases, *node.keywords, *getattr(node, "type_params", ()))
    return "\n".join(map(ast.dump, parts))


def add_decorated(edit: Edit, after: Body) -> None:
    """Adds the functions whose decorators have changed."""
    changed = set(edit.changed)
    while changed:
        found = {
            name
            for name, nodes in after.definitions.items()
            if name not in edit.changed and changed.intersection(decorators(nodes))
        }
        edit.changed.update((name, after.definitions[name]) for name in found)
        changed = found


def decorators(nodes: List[Any]) -> Iterator[str]:
    """The names in the decorators of statements."""
    for node in nodes:
        for each in getattr(node, "decorator_list", ()):
            for part in ast.walk(each):
                if isinstance(part, ast.Name):
                    yield part.id
