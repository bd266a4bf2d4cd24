"""Placeholders in a child process for functions, classes and variables that it can not have.

Used by forked_child.py and by spawned_main.py, whose file starts with a copy of this one.
Source: the pickle module's documentation, "Pickling Class Instances"; multiprocessing.pool.worker.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

OPERATIONS = (
    "call getitem setitem delitem iter next len bool enter exit aenter aexit await contains eq ne "
    "lt le gt ge str format add radd sub rsub mul rmul truediv rtruediv floordiv mod pow neg "
    "abs index int"
)

DEFINED_LATER = (
    "no cell had defined `{}` when this process was started: start it, or its pool, after the cell "
    "that does"
)


def placeholder(why: str) -> Any:
    """Return a class that raises RuntimeError with this text in any use of it or its instances.

    Unpickling an instance raises nothing: an error there would end the worker of a pool, and the
    pool would start new workers without end.
    """

    def refuse(self: object, *args: object, **options: object) -> NoReturn:
        raise RuntimeError(why)

    def find(self: object, name: str) -> NoReturn:
        raise AttributeError(name) if name.startswith("__") else RuntimeError(why)

    def make(cls: Any, *args: object, **options: object) -> Any:
        return object.__new__(cls)

    def restore(self: object, state: object) -> None:
        pass

    space: dict[str, Any] = {f"__{name}__": refuse for name in OPERATIONS.split()}
    space["__getattr__"] = find
    kind = type("Missing", (type,), {**space, "__hash__": type.__hash__})
    made = {"__new__": make, "__setstate__": restore, "__hash__": object.__hash__}
    return kind("Missing", (), {**space, **made})


def is_unpickling(frame: Any) -> bool:
    """Whether the frame is of a worker that reads what it was sent."""
    module = str(frame.f_globals.get("__name__"))
    return module.startswith(("multiprocessing.", "concurrent.futures."))
