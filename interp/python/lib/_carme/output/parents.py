"""Whose output it is: the client's request that a task, a thread or a comm message belongs to.

A context without one belongs to the request that its thread's shell answers. Loaded when something
can outlive its cell. Source: the contextvars module's documentation; PEP 567.
"""

from _contextvars import ContextVar

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _contextvars import Token

current: "ContextVar[object]" = ContextVar("parent", default=None)
_carme.set_parents(current)


def adopt() -> Token[object]:
    """From here on this context belongs to the request that is being answered."""
    token = current.set(None)
    current.set(_carme.hold())
    return token
