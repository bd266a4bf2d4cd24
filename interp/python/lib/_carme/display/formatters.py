"""Representations that are registered for types, beside the methods that objects have.

Source: IPython's documentation, "Custom display logic" and IPython.core.formatters.
"""

from _carme.display.pretty import Registered
from _carme.session.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, Optional, Tuple

    Printer = Callable[..., Any]

MIMES = (
    "text/plain",
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "application/pdf",
    "image/jpeg",
    "text/latex",
    "application/json",
    "application/javascript",
)


class Formatter:
    """The printers of one mime type: functions of an object; None from one means: not this one.

    A text/plain printer takes the object, a printer with text(), and whether it is in a cycle.
    """

    enabled = True

    def __init__(self, mime: str) -> None:
        """With no printers."""
        self.format_type = mime
        self.type_printers: Dict[type, Printer] = {}
        self.deferred_printers: Dict[Tuple[str, str], Printer] = {}

    def for_type(self, cls: Any, function: Optional[Printer] = None) -> Optional[Printer]:
        """Registers a printer for a class, also "module.Class"; returns the one before it."""
        if isinstance(cls, str):
            module, _, name = cls.rpartition(".")
            return self.for_type_by_name(module, name, function)
        before = self.type_printers.get(cls)
        if function is not None:
            self.type_printers[cls] = function
            State.plain -= {cls}
        return before

    def for_type_by_name(
        self, module: str, name: str, function: Optional[Printer] = None
    ) -> Optional[Printer]:
        """Registers for a class that is perhaps not imported yet."""
        before = self.deferred_printers.get((module, name))
        if function is not None:
            self.deferred_printers[module, name] = function
        return before

    def pop(self, cls: Any, default: Any = None) -> Any:
        """Takes a class's printer away and returns it."""
        return self.type_printers.pop(cls, default)

    def lookup_by_type(self, cls: type) -> Printer:
        """The printer of a class or of its nearest base. KeyError: there is none."""
        for base in cls.__mro__:
            if base in self.type_printers:
                return self.type_printers[base]
            key = (base.__module__, base.__qualname__)
            if key in self.deferred_printers:
                self.type_printers[base] = self.deferred_printers.pop(key)
                return self.type_printers[base]
        raise KeyError(cls)

    def has_printers(self) -> bool:
        """Whether anything is registered."""
        return bool(self.type_printers or self.deferred_printers)

    def lookup(self, obj: object) -> Printer:
        """The printer of an object. KeyError: there is none."""
        return self.lookup_by_type(type(obj))

    def __contains__(self, cls: type) -> bool:
        try:
            self.lookup_by_type(cls)
        except KeyError:
            return False
        return True

    def __call__(self, obj: object) -> Any:
        """What the registered printer makes of the object, or None."""
        try:
            printer = self.lookup(obj)
        except KeyError:
            return None
        if self.format_type != "text/plain":
            return printer(obj)
        from _carme.display.pretty import pretty

        return pretty(obj)


class DisplayFormatter:
    """What get_ipython().display_formatter is."""

    def __init__(self) -> None:
        """With a formatter for each mime type."""
        self.formatters: Dict[str, Formatter] = {mime: Formatter(mime) for mime in MIMES}
        self.active_types = list(MIMES)
        # (module, class) to a function that gives data and metadata by mime type
        self.bundles: Dict[Tuple[str, str], Callable[[Any], Tuple[Any, Any]]] = {}

    def format(
        self, obj: object, include: Any = None, exclude: Any = None
    ) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        """(data by mime type, metadata by mime type) of an object."""
        from _carme.display import display

        data, metadata = display.bundle(obj)
        chosen = {
            mime
            for mime in data
            if (not include or mime in include) and (not exclude or mime not in exclude)
        }
        return (
            {mime: data[mime] for mime in data if mime in chosen},
            {mime: metadata[mime] for mime in metadata if mime in chosen},
        )


def registered(obj: object) -> Iterator[Tuple[str, Any]]:
    """(mime type, function of the object) for what is registered for its type."""
    for mime, formatter in the.formatters.items():
        if formatter.has_printers() and type(obj) in formatter:
            yield mime, formatter


def printer_of(cls: type) -> Optional[Printer]:
    """What is registered for the text of a type, or None."""
    try:
        return the.formatters["text/plain"].lookup_by_type(cls)
    except KeyError:
        return None


def whole_bundle(obj: object) -> Optional[Callable[[Any], Tuple[Any, Any]]]:
    """The function that makes all of the object's representations but text/plain, or None."""
    for base in type(obj).__mro__ if the.bundles else ():
        found = the.bundles.get((base.__module__, base.__qualname__))
        if found is not None:
            return found
    return None


class FloatPrinter:
    """Writes floats by a %-format."""

    def __init__(self, form: str) -> None:
        """Such as "%.3f"."""
        self.form = form

    def __call__(self, value: float, printer: Any, cycle: bool) -> None:
        """Writes one."""
        printer.text(self.form % value)


def set_float_format(form: str) -> None:
    """How floats are shown: a %-format; "%r" for Python's own way."""
    text = the.formatters["text/plain"]
    if form == "%r":
        text.pop(float)
    else:
        text.for_type(float, FloatPrinter(form))


the = DisplayFormatter()
Registered.lookup = printer_of
