"""Pretty printing in a given width, with the output of IPython.lib.pretty.

Objects define their own through ``_repr_pretty_(printer, cycle)``, where `printer` is a
Printer.
"""

import sys

from _carme.display.layout import MAX_SEQ_LENGTH, MAX_WIDTH, Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

# Types whose repr is one line.
_REPR_TYPES: frozenset[type] = frozenset(
    (int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented))
)
# Names in these modules are printed without the module.
_UNNAMED_MODULES = (None, "builtins", "exceptions")
# type's own descriptors: a metaclass may define these attributes differently.
_MODULE_OF = type.__dict__["__module__"].__get__
_NAME_OF = type.__dict__["__name__"].__get__


class Registered:
    """text_function(cls): the function that prints a class, or None; formatters.py sets it."""

    text_function: Any = None


def pretty(obj: object, max_width: int = MAX_WIDTH) -> str:
    """Return the text/plain representation of `obj`, broken to `max_width` columns.

    Raises:
        Exception: whatever the ``__repr__`` or ``_repr_pretty_`` of an object raises.
    """
    if type(obj) in _REPR_TYPES and Registered.text_function is None:
        return repr(obj)
    printer = Printer(max_width)
    printer.pretty(obj)
    printer.flush()
    return printer.value()


class Printer(Layout):
    """A Layout that prints objects: the `p` of ``_repr_pretty_(p, cycle)``."""

    verbose = False

    def __init__(
        self,
        max_width: int = MAX_WIDTH,
        max_seq_length: int = MAX_SEQ_LENGTH,
        newline: str = "\n",
    ) -> None:
        super().__init__(max_width, max_seq_length, newline)
        self.stack: list[int] = []

    def pretty(self, obj: object) -> None:
        """Print `obj`; raises whatever its own methods raise."""
        cls = type(obj)
        registered = Registered.text_function(cls) if Registered.text_function is not None else None
        if registered is None and cls in _REPR_TYPES:
            self.text(repr(obj))
            return
        ident = id(obj)
        cycle = ident in self.stack
        self.stack.append(ident)
        self.begin_group()
        try:
            (registered or _printer_for(cls))(obj, self, cycle)
        finally:
            self.end_group()
            self.stack.pop()

    def call(self, name: str, *args: object, **kwargs: object) -> None:
        """Print ``name(arg, key=value)``, broken between the arguments."""
        prefix = name + "("
        # The outer group gives the call the depth it has in IPython, where it is an object.
        self.begin_group()
        self.begin_group(len(prefix), prefix)
        pairs: list[tuple[str, object]] = [("", arg) for arg in args]
        pairs += [(key + "=", value) for key, value in kwargs.items()]
        for index, (key, value) in enumerate(pairs):
            if index:
                self.text(",")
                self.breakable()
            self._argument(key, value)
        self.end_group(len(prefix), ")")
        self.end_group()

    def _argument(self, key: str, value: object) -> None:
        if key:
            with self.group(len(key), key):
                self.pretty(value)
        else:
            self.pretty(value)


def _printer_for(cls: type) -> Callable[[Any, Printer, bool], None]:
    """Return the function that prints instances of `cls`: the first one along its MRO."""
    for klass in cls.__mro__:
        printer = _BY_ID.get(id(klass))
        if printer is not None:
            return printer
        printer = _BY_NAME.get((_MODULE_OF(klass), _NAME_OF(klass)))
        if printer is not None:
            return printer
        members = klass.__dict__
        if "_repr_pretty_" in members:
            method = klass._repr_pretty_  # type: ignore[attr-defined]
            if callable(method):
                return method  # type: ignore[no-any-return]
        if klass is not object and "__repr__" in members:
            return _print_repr
    return _print_default


def _print_repr(obj: object, p: Printer, cycle: bool) -> None:
    p.begin_group()
    for index, line in enumerate(repr(obj).splitlines()):
        if index:
            p.break_()
        p.text(line)
    p.end_group()


def _print_default(obj: object, p: Printer, cycle: bool) -> None:
    p.begin_group(1, "<")
    p.pretty(type(obj))
    p.text(f" at {id(obj):#x}")
    if cycle:
        p.text(" ...")
    p.end_group(1, ">")


def _print_items(items: Iterable[object], p: Printer, begin: str, end: str) -> None:
    p.begin_group(len(begin), begin)
    for index, item in p._enumerate(items):
        if index:
            p.text(",")
            p.breakable()
        p.pretty(item)
    p.end_group(len(begin), end)


def _print_list(obj: list[object], p: Printer, cycle: bool) -> None:
    if cycle:
        p.text("[...]")
    else:
        _print_items(obj, p, "[", "]")


def _print_tuple(obj: tuple[object, ...], p: Printer, cycle: bool) -> None:
    if cycle:
        p.text("(...)")
    else:
        _print_items(obj, p, "(", ",)" if len(obj) == 1 else ")")


def _sorted_items(obj: Iterable[object]) -> list[object]:
    items = list(obj)
    try:
        return sorted(items)  # type: ignore[type-var]
    except Exception:
        try:
            return sorted(items, key=str)
        except Exception:
            return items


def _print_set(obj: set[object], p: Printer, cycle: bool) -> None:
    frozen = isinstance(obj, frozenset)
    begin, end = ("frozenset({", "})") if frozen else ("{", "}")
    if cycle:
        p.text(begin + "..." + end)
    elif not obj:
        p.text(type(obj).__name__ + "()")
    else:
        short = not p.max_seq_length or len(obj) < p.max_seq_length
        _print_items(_sorted_items(obj) if short else obj, p, begin, end)


def _mapping_printer(begin: str, end: str) -> Callable[[Any, Printer, bool], None]:
    def print_mapping(obj: Any, p: Printer, cycle: bool) -> None:
        if cycle:
            p.text("{...}")
            return
        p.begin_group(len(begin), begin)
        for index, key in p._enumerate(obj.keys()):
            if index:
                p.text(",")
                p.breakable()
            p.pretty(key)
            p.text(": ")
            p.pretty(obj[key])
        p.end_group(len(begin), end)

    return print_mapping


def _print_super(obj: Any, p: Printer, cycle: bool) -> None:
    p.begin_group(8, "<super: ")
    p.pretty(obj.__thisclass__)
    p.text(",")
    p.breakable()
    p.pretty(obj.__self__)
    p.end_group(8, ">")


def _print_type(obj: Any, p: Printer, cycle: bool) -> None:
    owner = next(cls for cls in type(obj).__mro__ if "__repr__" in cls.__dict__)
    if owner is not type:
        _print_repr(obj, p, cycle)
        return
    name = getattr(obj, "__qualname__", None)
    if not isinstance(name, str):
        name = obj.__name__ if isinstance(obj.__name__, str) else "<unknown type>"
    module = getattr(obj, "__module__", None)
    p.text(name if module in _UNNAMED_MODULES else f"{module}.{name}")


def _print_function(obj: Any, p: Printer, cycle: bool) -> None:
    name = getattr(obj, "__qualname__", obj.__name__)
    module = obj.__module__
    if module and module not in _UNNAMED_MODULES:
        name = f"{module}.{name}"
    p.text(f"<function {name}{_signature(obj)}>")


def _signature(obj: Any) -> str:
    import inspect

    try:
        if sys.version_info >= (3, 14):
            from annotationlib import Format

            return str(inspect.signature(obj, annotation_format=Format.FORWARDREF))
        return str(inspect.signature(obj))
    except Exception:
        return ""


def _print_exception(obj: BaseException, p: Printer, cycle: bool) -> None:
    cls = type(obj)
    module = cls.__module__
    name = cls.__qualname__
    p.call(name if module in _UNNAMED_MODULES else f"{module}.{name}", *getattr(obj, "args", ()))


def _print_namespace(obj: Any, p: Printer, cycle: bool) -> None:
    if cycle:
        p.text("namespace(...)")
    else:
        p.call("namespace", **obj.__dict__)


def _constructor_printer(
    arguments: Callable[[Any], tuple[object, ...]],
) -> Callable[[Any, Printer, bool], None]:
    """Return a function that prints an object as the call of its class with these arguments."""

    def print_constructor(obj: Any, p: Printer, cycle: bool) -> None:
        name = type(obj).__name__
        if cycle:
            p.text(name + "(...)")
        else:
            p.call(name, *arguments(obj))

    return print_constructor


def _print_deque(obj: Any, p: Printer, cycle: bool) -> None:
    name = type(obj).__name__
    if cycle:
        p.text(name + "(...)")
    elif obj.maxlen is None:
        p.call(name, list(obj))
    else:
        p.call(name, list(obj), maxlen=obj.maxlen)


# The bits of re.RegexFlag, without importing re.
_RE_FLAGS = (
    (2, "IGNORECASE"),
    (4, "LOCALE"),
    (8, "MULTILINE"),
    (16, "DOTALL"),
    (32, "UNICODE"),
    (64, "VERBOSE"),
    (128, "DEBUG"),
)


def _print_pattern(obj: Any, p: Printer, cycle: bool) -> None:
    p.begin_group(11, "re.compile(")
    p.text("r" + repr(obj.pattern).replace("\\\\", "\\"))
    if obj.flags:
        p.text(",")
        p.breakable()
        p.text("|".join("re." + name for bit, name in _RE_FLAGS if obj.flags & bit))
    p.end_group(11, ")")


_print_mapping = _mapping_printer("{", "}")

_BY_TYPE: tuple[tuple[type, Callable[[Any, Printer, bool], None]], ...] = (
    (tuple, _print_tuple),
    (list, _print_list),
    (dict, _print_mapping),
    (set, _print_set),
    (frozenset, _print_set),
    (super, _print_super),
    (type, _print_type),
    (type(pretty), _print_function),
    (type(len), _print_function),
    (BaseException, _print_exception),
    (type(type.__dict__), _mapping_printer("mappingproxy({", "})")),
    (type(sys.implementation), _print_namespace),
    *((atom, _print_repr) for atom in _REPR_TYPES),
)
# By id: a metaclass may define __hash__; these types live as long as the interpreter.
_BY_ID = {id(cls): function for cls, function in _BY_TYPE}
_BY_NAME: dict[tuple[object, str], Callable[[Any, Printer, bool], None]] = {
    ("collections", "deque"): _print_deque,
    ("collections", "defaultdict"): _constructor_printer(
        lambda obj: (obj.default_factory, dict(obj))
    ),
    ("collections", "OrderedDict"): _constructor_printer(
        lambda obj: (list(obj.items()),) if obj else ()
    ),
    ("collections", "Counter"): _constructor_printer(
        lambda obj: (dict(obj.most_common()),) if obj else ()
    ),
    ("collections", "UserList"): _constructor_printer(lambda obj: (obj.data,)),
    ("os", "_Environ"): _mapping_printer("environ{", "}"),
    ("re", "Pattern"): _print_pattern,
}
