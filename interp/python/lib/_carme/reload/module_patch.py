"""Edits of a module, made in the module in memory: what they do not name keeps its state.

Source: IPython's documentation, "autoreload"; The Python Language Reference, "Customizing class
creation".
"""

import ast
from abc import ABCMeta
from types import CodeType, ModuleType

from _carme.reload import object_update
from _carme.reload.module_diff import only_functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

    from _carme.reload.module_diff import Edit

# types whose attributes can be set without further effect
PLAIN_TYPES = (ModuleType, type, ABCMeta)


def apply(edits: List[Edit], module: ModuleType, path: str, flags: int) -> None:
    """Makes the edits in the module of a file. `flags`: compiler flags of its source.

    Raises:
        LookupError, TypeError, AttributeError: the module is not as its old source says.
        Exception: what a decorator, an import or a default value raises.
    """
    replaced = object_update.Replaced()
    for edit in edits:
        where: Any = module
        for name in edit.path:
            where = vars(where)[name]
        if not only_functions(edit) and inspects_members(where):
            raise TypeError(f"{where!r} may depend on the members of its class statement")
        for name, value in evaluate(edit, where, module, (path, flags)).items():
            before = vars(where).get(name)
            if name in edit.added or before is None or not object_update.update(before, value):
                setattr(where, name, value)
                replaced.add(before, value)
        if edit.docstring is not None:
            where.__doc__ = edit.docstring
        for name, (first, offset) in edit.moved.items():
            move(vars(where).get(name), first, offset)
        for name in edit.removed:
            if name in vars(where):
                delattr(where, name)
    replaced.bind()


def evaluate(edit: Edit, where: Any, module: ModuleType, origin: Tuple[str, int]) -> Dict[str, Any]:
    """The new values of the names that an edit binds. `origin`: path and compiler flags."""
    names = [*edit.changed, *edit.added]
    nodes: List[Any] = []
    for node in (each for group in edit.changed.values() for each in group):
        if node not in nodes:
            nodes.append(node)
    nodes += edit.added.values()
    if not nodes:
        return {}
    recorder = BodyRecorder(where)
    for around in reversed(edit.classes):
        nodes = [class_around(around, nodes)]
    tree = ast.Module(body=nodes, type_ignores=[])
    code = compile(tree, origin[0], "exec", origin[1], dont_inherit=True)
    scope: Dict[str, Any] = {METACLASS: recorder}
    exec(code, vars(module), scope)
    found = recorder.members if edit.classes else scope
    return {name: found[name] for name in names if name in found}


METACLASS = "__carme_metaclass__"  # the name of the BodyRecorder in the code that is executed


def class_around(node: ast.ClassDef, statements: List[Any]) -> ast.ClassDef:
    """A class statement with the name of `node` whose metaclass is the BodyRecorder."""
    parts: Dict[str, Any] = {
        "name": node.name,
        "bases": [],
        "keywords": [ast.keyword(arg="metaclass", value=ast.Name(id=METACLASS, ctx=ast.Load()))],
        "body": statements,
        "decorator_list": [],
        "type_params": [],
    }
    made = ast.ClassDef(**parts)
    return ast.fix_missing_locations(ast.copy_location(made, node))


class BodyRecorder:
    """A metaclass that makes no class: it keeps what the body of the class statement binds.

    The body sees the members of the existing class.
    """

    def __init__(self, where: Any) -> None:
        """`where`: the existing class of the innermost class statement."""
        self.where = where
        self.members: Dict[str, Any] = {}

    def __prepare__(self, name: str, bases: Any) -> Dict[str, Any]:
        """The namespace of the body."""
        return {**(vars(self.where) if isinstance(self.where, type) else {}), METACLASS: self}

    def __call__(self, name: str, bases: Any, namespace: Dict[str, Any]) -> None:
        """Keeps the members; super() and __class__ in their functions mean the existing class."""
        if name == self.where.__name__ and not self.members:
            cell = namespace.pop("__classcell__", None)
            if cell is not None:
                cell.cell_contents = self.where
            self.members = namespace


def inspects_members(where: Any) -> bool:
    """Whether the metaclass, or namedtuple, of a class may have used its members to make it."""
    return type(where) not in PLAIN_TYPES or (isinstance(where, type) and issubclass(where, tuple))


def move(value: Any, first: int, offset: int) -> None:
    """Adds `offset` to the line numbers of a function, method, property or wrapped function."""
    for part in ("__func__", "fget", "__wrapped__"):
        value = getattr(value, part, value)
    code = getattr(value, "__code__", None)
    if isinstance(code, CodeType) and code.co_firstlineno == first:
        value.__code__ = moved_code(code, offset)


def moved_code(code: CodeType, offset: int) -> CodeType:
    """The code and its nested code; line numbers are relative to co_firstlineno."""
    consts = [
        moved_code(each, offset) if isinstance(each, CodeType) else each for each in code.co_consts
    ]
    return code.replace(co_firstlineno=code.co_firstlineno + offset, co_consts=tuple(consts))


def future_flags(tree: ast.Module) -> int:
    """The compiler flags of a module's `from __future__ import …`."""
    import __future__

    names = [
        each.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for each in node.names
    ]
    return sum(getattr(__future__, name).compiler_flag for name in names)
