"""The request that output belongs to, by context: that of a task, a thread or a comm message.

The client's request becomes the parent_header of what is written, published or asked. Where the
variable is None, it is the request that the thread's shell answers. Loaded as soon as something
can outlive its cell. Source: the contextvars module's documentation; PEP 567.
"""

from _contextvars import ContextVar

import _carme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _contextvars import Token

current: "ContextVar[object]" = ContextVar("parent", default=None)
_carme.set_request_variable(current)


def bind_context() -> Token[object]:
    """Sets the variable in this context to the request that the thread's shell answers."""
    token = current.set(None)
    current.set(_carme.current_request())
    return token
