"""What an edit of a module has changed, and the change made in the module that is there.

When only functions, imports, constants and classes' members of these kinds differ, they are
executed alone: what else the module holds keeps its state. Anything else is a matter of a reload.
Source: IPython's documentation, "autoreload"; The Python Standard Library, "ast".
"""

import ast
import builtins
from abc import ABCMeta
from types import CodeType, ModuleType

from _carme.reload import object_update

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

    Path = Tuple[str, ...]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
IMPORTS = (ast.Import, ast.ImportFrom)
ASSIGNMENTS = (ast.Assign, ast.AnnAssign)
# what makes nothing of an attribute that is set
PLAIN_KINDS = (ModuleType, type, ABCMeta)


class Body:
    """The statements of a module or a class.

    Attributes:
        definitions: the statements that bind a name, in their order.
        classes: the class of a name.
        rest: what can not be executed alone.
    """

    def __init__(self, statements: List[Any]) -> None:
        """What stands in branches is the rest's: it is not known which of them was taken."""
        self.definitions: Dict[str, List[Any]] = {}
        self.classes: Dict[str, ast.ClassDef] = {}
        self.rest: List[str] = []
        for statement in statements:
            self.add(statement)

    def add(self, node: Any) -> None:
        """One statement."""
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
        elif not is_text(node) and not isinstance(node, ast.Pass):
            self.rest.append(ast.dump(node))

    def define(self, name: str, node: Any) -> None:
        """A name may be bound more than once, as a property's is."""
        self.definitions.setdefault(name, []).append(node)


def is_special(node: Any) -> bool:
    """An import of everything, or from __future__."""
    return getattr(node, "module", "") == "__future__" or any(
        each.name == "*" for each in node.names
    )


def targets(node: Any) -> List[Any]:
    """What an assignment binds."""
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def is_text(node: Any) -> bool:
    """A docstring, `...`: nothing that does anything."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_constant_assignment(node: Any) -> bool:
    """Names that are given what is made of literals and builtins."""
    if not isinstance(node, ASSIGNMENTS) or node.value is None:
        return False
    if not all(isinstance(target, ast.Name) for target in targets(node)):
        return False
    return all(is_constant(each) for each in ast.walk(node.value))


def is_constant(node: Any) -> bool:
    """Whether a part of an expression is no name but a builtin's, and none of its attributes."""
    if isinstance(node, ast.Attribute):
        return not any(isinstance(each, ast.Name) for each in ast.walk(node))
    return not isinstance(node, ast.Name) or hasattr(builtins, node.id)


def same(one: List[Any], other: List[Any]) -> bool:
    """Whether statements differ in nothing but their places."""
    return [ast.dump(each) for each in one] == [ast.dump(each) for each in other]


class Edit:
    """What is to be done to a class, or to the module, at `path`."""

    def __init__(self, path: Path, classes: List[ast.ClassDef]) -> None:
        """Nothing yet. `classes`: those around it, the outermost first."""
        self.path = path
        self.classes = classes
        self.defined: Dict[str, List[Any]] = {}
        self.made: Dict[str, ast.ClassDef] = {}
        self.removed: Set[str] = set()
        self.text: Optional[str] = None  # a docstring
        self.moved: Dict[str, Tuple[int, int]] = {}  # first line, and how many lines down from it


def compare(
    old: Any, new: Any, path: Path = (), around: Optional[List[Any]] = None
) -> Optional[List[Edit]]:
    """The edits that lead from one tree to another; None: a reload leads there."""
    before, after = Body(old.body), Body(new.body)
    if before.rest != after.rest or before.classes.keys() - after.classes.keys():
        return None
    edit = Edit(path, around or [])
    for name, nodes in after.definitions.items():
        if name not in before.definitions or not same(before.definitions[name], nodes):
            edit.defined[name] = nodes
        elif len(nodes) == 1 and isinstance(nodes[0], FUNCTIONS):
            note_move(edit, before.definitions[name][0], nodes[0])
    edit.removed = before.definitions.keys() - after.definitions.keys() - after.classes.keys()
    edit.text = changed_text(old, new)
    found = [edit]
    for name, node in after.classes.items():
        if name not in before.classes:
            edit.made[name] = node
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
    """The lines of a statement and its parts, the first line with its decorators first."""
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return [first, *(each.lineno for each in ast.walk(node) if hasattr(each, "lineno"))]


def note_move(edit: Edit, old: Any, new: Any) -> None:
    """A function that stands elsewhere, its lines as they were: tracebacks tell where it is."""
    before, after = lines_of(old), lines_of(new)
    down = after[0] - before[0]
    if down and [line + down for line in before] == after:
        edit.moved[new.name] = before[0], down


def move(value: Any, first: int, down: int) -> None:
    """The function that `value` is, or that is in it, is so many lines further down."""
    for part in ("__func__", "fget", "__wrapped__"):
        value = getattr(value, part, value)
    code = getattr(value, "__code__", None)
    if isinstance(code, CodeType) and code.co_firstlineno == first:
        value.__code__ = moved_code(code, down)


def moved_code(code: CodeType, down: int) -> CodeType:
    """The code, and that of the functions in it. Lines are kept as distances from the first."""
    consts = [
        moved_code(each, down) if isinstance(each, CodeType) else each for each in code.co_consts
    ]
    return code.replace(co_firstlineno=code.co_firstlineno + down, co_consts=tuple(consts))


def changed_text(old: Any, new: Any) -> Optional[str]:
    """The docstring, if it is another one."""
    text = ast.get_docstring(new, clean=False)
    return None if text == ast.get_docstring(old, clean=False) else text


def compare_classes(old: ast.ClassDef, new: ast.ClassDef, outer: Edit) -> Optional[List[Edit]]:
    """As compare(); a class whose head has changed is another one."""
    if head(old) != head(new):
        return None
    found = compare(old, new, (*outer.path, new.name), [*outer.classes, new])
    if found and new.decorator_list and any(not only_functions(edit) for edit in found):
        return None
    return found


def only_functions(edit: Edit) -> bool:
    """Whether no decorator or metaclass of the class can have seen what is edited."""
    nodes = [node for each in edit.defined.values() for node in each]
    return not edit.removed and all(isinstance(node, FUNCTIONS) for node in nodes)


def makes_more(where: Any) -> bool:
    """Whether a class does more with its body than to have it: its metaclass, or namedtuple."""
    return type(where) not in PLAIN_KINDS or (isinstance(where, type) and issubclass(where, tuple))


def head(node: ast.ClassDef) -> str:
    """The class statement without its body."""
    parts = (*node.decorator_list, *node.bases, *node.keywords, *getattr(node, "type_params", ()))
    return "\n".join(map(ast.dump, parts))


def add_decorated(edit: Edit, after: Body) -> None:
    """A function whose decorator has changed is made anew."""
    changed = set(edit.defined)
    while changed:
        found = {
            name
            for name, nodes in after.definitions.items()
            if name not in edit.defined and changed.intersection(decorators(nodes))
        }
        edit.defined.update((name, after.definitions[name]) for name in found)
        changed = found


def decorators(nodes: List[Any]) -> Iterator[str]:
    """The names that are used as decorators."""
    for node in nodes:
        for each in getattr(node, "decorator_list", ()):
            for part in ast.walk(each):
                if isinstance(part, ast.Name):
                    yield part.id


def future_flags(tree: ast.Module) -> int:
    """What `from __future__ import` asks of the compiler."""
    import __future__

    names = [
        each.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for each in node.names
    ]
    return sum(getattr(__future__, name).compiler_flag for name in names)


def apply(edits: List[Edit], module: ModuleType, path: str, flags: int) -> None:
    """Makes the edits. `flags`: of the source's compilation.

    Raises:
        LookupError, TypeError, AttributeError: what is there is not what the source says.
        Exception: what a decorator, an import or a default raises.
    """
    replaced = object_update.Replaced()
    for edit in edits:
        where: Any = module
        for name in edit.path:
            where = vars(where)[name]
        if not only_functions(edit) and makes_more(where):
            raise TypeError(f"{where!r} is made of its members in a way of its own")
        for name, value in evaluate(edit, where, module, (path, flags)).items():
            before = vars(where).get(name)
            if name in edit.made or before is None or not object_update.update(before, value):
                setattr(where, name, value)
                replaced.add(before, value)
        if edit.text is not None:
            where.__doc__ = edit.text
        for name, (first, down) in edit.moved.items():
            move(vars(where).get(name), first, down)
        for name in edit.removed:
            if name in vars(where):
                delattr(where, name)
    replaced.bind()


def evaluate(edit: Edit, where: Any, module: ModuleType, origin: Tuple[str, int]) -> Dict[str, Any]:
    """The new values of the names that the edit binds."""
    names = [*edit.defined, *edit.made]
    nodes: List[Any] = []
    for node in (each for group in edit.defined.values() for each in group):
        if node not in nodes:
            nodes.append(node)
    nodes += edit.made.values()
    if not nodes:
        return {}
    body = Scratch(where)
    for around in reversed(edit.classes):
        nodes = [class_around(around, nodes)]
    tree = ast.Module(body=nodes, type_ignores=[])
    code = compile(tree, origin[0], "exec", origin[1], dont_inherit=True)
    scope: Dict[str, Any] = {SCRATCH: body}
    exec(code, vars(module), scope)
    found = body.found if edit.classes else scope
    return {name: found[name] for name in names if name in found}


SCRATCH = "__carme_scratch__"


def class_around(node: ast.ClassDef, statements: List[Any]) -> ast.ClassDef:
    """A class statement that binds the name of `node` and makes no class."""
    parts: Dict[str, Any] = {
        "name": node.name,
        "bases": [],
        "keywords": [ast.keyword(arg="metaclass", value=ast.Name(id=SCRATCH, ctx=ast.Load()))],
        "body": statements,
        "decorator_list": [],
        "type_params": [],
    }
    made = ast.ClassDef(**parts)
    return ast.fix_missing_locations(ast.copy_location(made, node))


class Scratch:
    """In the place of a metaclass: the body sees the members of the class that there is."""

    def __init__(self, where: Any) -> None:
        """`where`: the class that the body of the innermost class statement belongs to."""
        self.where = where
        self.found: Dict[str, Any] = {}

    def __prepare__(self, name: str, bases: Any) -> Dict[str, Any]:
        """The names that the body sees."""
        return {**(vars(self.where) if isinstance(self.where, type) else {}), SCRATCH: self}

    def __call__(self, name: str, bases: Any, members: Dict[str, Any]) -> None:
        """super() and __class__ in the functions of the body mean the class that there is."""
        if name == self.where.__name__ and not self.found:
            cell = members.pop("__classcell__", None)
            if cell is not None:
                cell.cell_contents = self.where
            self.found = members
