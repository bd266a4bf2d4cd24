"""Objects that a module had before its reload, updated to the new ones in place.

Functions get the new code, classes the new attributes, instances the new class. A name in any
module that is bound to an old object is bound to the new one.
Source: IPython's documentation, "autoreload"; The Python Language Reference, "The standard type
hierarchy".
"""

import gc
import sys
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Dict

# attributes of a class that are never copied from another one
OWN = frozenset(("__dict__", "__weakref__", "__module__", "__slots__", "_abc_impl"))
ATTRIBUTES = (
    "__defaults__",
    "__kwdefaults__",
    "__doc__",
    "__dict__",
    "__annotations__",
    "__type_params__",
)
ACCESSORS = ("fget", "fset", "fdel")


def update(old: Any, new: Any) -> bool:
    """Makes `old` behave as `new`. False: objects of these types cannot be updated."""
    if old is new:
        return True
    if isinstance(old, FunctionType) and isinstance(new, FunctionType):
        return update_function(old, new)
    if isinstance(old, (staticmethod, classmethod)) and type(old) is type(new):
        return update(old.__func__, new.__func__)
    if isinstance(old, property) and type(old) is type(new):
        return update_property(old, new)
    return False


def update_function(old: FunctionType, new: FunctionType) -> bool:
    """Copies code, defaults, attributes and the contents of the closure."""
    if old.__code__.co_freevars != new.__code__.co_freevars:
        return False
    old.__code__ = new.__code__
    for attribute in ATTRIBUTES:
        try:
            setattr(old, attribute, getattr(new, attribute))
        except (AttributeError, TypeError, ValueError):
            continue
    for before, after in zip(old.__closure__ or (), new.__closure__ or ()):
        update_cell(before, after)
    return True


def update_cell(old: Any, new: Any) -> None:
    """Copies the content of a closure's cell; a function in it is updated in place."""
    try:
        value = new.cell_contents
    except ValueError:
        return
    try:
        before = old.cell_contents
    except ValueError:
        before = None
    if not (isinstance(before, FunctionType) and update(before, value)):
        old.cell_contents = value


def update_property(old: property, new: property) -> bool:
    """Updates the functions of a property, if both have the same ones."""
    pairs = [(getattr(old, part), getattr(new, part)) for part in ACCESSORS]
    if any(type(before) is not type(after) for before, after in pairs):
        return False
    return all([before is None or update(before, after) for before, after in pairs])


def update_class(old: type, new: type) -> None:
    """Makes the attributes of a class those of the new one."""
    members, wanted = dict(vars(old)), dict(vars(new))
    for key in members.keys() - wanted.keys() - OWN:
        try:
            delattr(old, key)
        except (AttributeError, TypeError):
            continue
    for key, value in wanted.items():
        if key in OWN or (key in members and update(members[key], value)):
            continue
        try:
            setattr(old, key, value)
        except (AttributeError, TypeError):
            continue


def move_instances(classes: Dict[type, type]) -> None:
    """Makes instances and subclasses of each old class those of its new class."""
    for each in gc.get_objects() if classes else ():
        found = classes.get(type(each))
        if found is not None:
            try:
                object.__setattr__(each, "__class__", found)
            except TypeError:  # their layouts differ
                continue
    for old in classes:
        derived: Any
        for derived in old.__subclasses__():
            try:
                derived.__bases__ = tuple(classes.get(base, base) for base in derived.__bases__)
            except TypeError:
                continue


class Replaced:
    """The objects that are replaced, with the new ones; kept alive, since id() finds them."""

    def __init__(self) -> None:
        """None yet."""
        self.pairs: Dict[int, Any] = {}
        self.classes: Dict[type, type] = {}

    def add(self, old: Any, new: Any) -> None:
        """Adds a function or class; with a class its nested classes and an enum's members."""
        if old is new or not is_definition(old):
            return
        self.pairs[id(old)] = (old, new)
        if isinstance(old, type) and isinstance(new, type):
            self.classes[old] = new
            self.add_members(old, new)

    def add_members(self, old: type, new: type) -> None:
        """Adds the nested classes of a class and the members of an enum."""
        after = dict(vars(new))
        for name, value in list(vars(old).items()):
            if isinstance(value, type) and value.__qualname__ == f"{old.__qualname__}.{name}":
                self.add(value, after.get(name, value))
        enum: Any = sys.modules.get("enum")
        if enum is not None and isinstance(old, enum.EnumMeta) and isinstance(new, enum.EnumMeta):
            members: Any = new.__members__
            for name, member in old.__members__.items():
                if name in members:
                    self.pairs[id(member)] = (member, members[name])

    def bind(self) -> None:
        """Updates the classes, and binds names in all modules to the new objects."""
        for old, new in self.classes.items():
            update_class(old, new)
        move_instances(self.classes)
        for module in list(sys.modules.values()) if self.pairs else ():
            names = getattr(module, "__dict__", None)
            if type(names) is not dict:
                continue
            for name, value in list(names.items()):
                found = self.pairs.get(id(value))
                if found is not None:
                    names[name] = found[1]


def is_definition(value: Any) -> bool:
    """Whether a value is a class, a function or a decorated function."""
    return isinstance(value, (type, FunctionType)) or "__wrapped__" in getattr(
        value, "__dict__", ()
    )


def replace_all(before: Dict[str, Any], module: ModuleType) -> None:
    """Updates the functions and classes that the module had `before` its reload."""
    replaced = Replaced()
    for name, old in before.items():
        new = vars(module).get(name)
        if new is not None and getattr(old, "__module__", None) == module.__name__:
            update(old, new)
            replaced.add(old, new)
    replaced.bind()
