"""Functions that are registered for types and make representations of their objects.

Source: IPython's documentation, "Custom display logic" and IPython.core.formatters.
"""

from _carme.display import bundles, pretty
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
    """The functions of one mime type; one that returns None makes no representation.

    Each takes the object; one of text/plain takes (object, pretty.Printer, cycle).
    """

    enabled = True

    def __init__(self, mime: str) -> None:
        """Nothing is registered."""
        self.format_type = mime
        self.type_printers: Dict[type, Printer] = {}
        self.deferred_printers: Dict[Tuple[str, str], Printer] = {}

    def for_type(self, cls: Any, function: Optional[Printer] = None) -> Optional[Printer]:
        """Registers a function for a class, or for "module.Class"; returns the previous one."""
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
        """Registers a function for a class that need not be imported yet."""
        before = self.deferred_printers.get((module, name))
        if function is not None:
            self.deferred_printers[module, name] = function
        return before

    def pop(self, cls: Any, default: Any = None) -> Any:
        """Removes a class's function and returns it."""
        return self.type_printers.pop(cls, default)

    def lookup_by_type(self, cls: type) -> Printer:
        """The function of a class or of its nearest base. KeyError: there is none."""
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
        """The function of an object's class. KeyError: there is none."""
        return self.lookup_by_type(type(obj))

    def __contains__(self, cls: type) -> bool:
        try:
            self.lookup_by_type(cls)
        except KeyError:
            return False
        return True

    def __call__(self, obj: object) -> Any:
        """What the registered function returns for the object; None without one."""
        try:
            printer = self.lookup(obj)
        except KeyError:
            return None
        if self.format_type != "text/plain":
            return printer(obj)
        return pretty.pretty(obj)


class DisplayFormatter:
    """The class of get_ipython().display_formatter."""

    def __init__(self) -> None:
        """A formatter for each mime type."""
        self.formatters: Dict[str, Formatter] = {mime: Formatter(mime) for mime in MIMES}
        self.active_types = list(MIMES)
        # by (module, class): functions that return (data, metadata) by mime type
        self.bundles: Dict[Tuple[str, str], Callable[[Any], Tuple[Any, Any]]] = {}

    def format(
        self, obj: object, include: Any = None, exclude: Any = None
    ) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        """(data by mime type, metadata by mime type) of an object."""
        data, metadata = bundles.bundle(obj)
        chosen = {
            mime
            for mime in data
            if (not include or mime in include) and (not exclude or mime not in exclude)
        }
        return (
            {mime: data[mime] for mime in data if mime in chosen},
            {mime: metadata[mime] for mime in metadata if mime in chosen},
        )


def formatters_for(obj: object) -> Iterator[Tuple[str, Any]]:
    """(mime type, formatter) for each mime type that has a function for the object's class."""
    for mime, formatter in display_formatter.formatters.items():
        if formatter.has_printers() and type(obj) in formatter:
            yield mime, formatter


def text_function(cls: type) -> Optional[Printer]:
    """The function of text/plain for a class, or None."""
    try:
        return display_formatter.formatters["text/plain"].lookup_by_type(cls)
    except KeyError:
        return None


def bundle_function(obj: object) -> Optional[Callable[[Any], Tuple[Any, Any]]]:
    """The function that makes all of an object's representations but text/plain, or None."""
    for base in type(obj).__mro__ if display_formatter.bundles else ():
        found = display_formatter.bundles.get((base.__module__, base.__qualname__))
        if found is not None:
            return found
    return None


class FloatPrinter:
    """Prints floats in a %-format."""

    def __init__(self, form: str) -> None:
        """Such as "%.3f"."""
        self.form = form

    def __call__(self, value: float, printer: Any, cycle: bool) -> None:
        """Prints a float."""
        printer.text(self.form % value)


def set_float_format(form: str) -> None:
    """Sets the %-format of floats in text/plain; "%r": their repr."""
    formatter = display_formatter.formatters["text/plain"]
    if form == "%r":
        formatter.pop(float)
    else:
        formatter.for_type(float, FloatPrinter(form))


display_formatter = DisplayFormatter()
pretty.Registered.text_function = text_function
bundles.Registered.bundle_function = bundle_function
bundles.Registered.formatters = formatters_for
