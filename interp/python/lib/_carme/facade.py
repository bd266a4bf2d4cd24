"""What get_ipython() gives: the part of IPython's shell that libraries and notebooks ask for.

Source: IPython's documentation, IPython.core.interactiveshell; ipykernel's, ipykernel.zmqshell.
"""

import sys

import _carme
from _carme import inspection, parents
from _carme.shell import cell, describe, namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _contextvars import Token
    from typing import Any, Dict, List, Mapping, Optional

    Message = Dict[str, Any]
else:
    Message = dict


class Parent(Message):
    """A client's message, and the request that it is: interp/python/received.h has the members."""

    request: object = None


def parent_of(request: object) -> Parent:
    """The message of a request; an empty one when there is none."""
    parent = Parent(_carme.message(request) if request is not None else {})
    parent.request = request
    return parent


class Identities:
    """The identities that the last request of each channel came from; ipykernel's _parent_ident."""

    def __getitem__(self, channel: str) -> List[bytes]:
        identities: List[bytes] = kernel.get_parent(channel).get("idents", [])
        return identities


class Kernel:
    """What code that knows ipykernel asks its kernel for."""

    _parent_ident = Identities()
    shell: Any = None  # as get_ipython() gives it

    def get_parent(self, channel: Optional[str] = None) -> Parent:
        """The request of `shell` (this cell's, the default) or the last one of `control`."""
        return parent_of(_carme.hold_control() if channel == "control" else _carme.hold())


class ZMQInteractiveShell:
    """The shell, by the name by which libraries (pandas, rich, tqdm) know a notebook."""

    @property
    def kernel(self) -> Kernel:
        """The kernel, as far as there is something to ask it for."""
        return kernel

    @property
    def user_ns(self) -> Dict[str, Any]:
        """The namespace of the cells."""
        return namespace

    @property
    def execution_count(self) -> int:
        """The number of the cell that runs."""
        return cell.count

    def set_next_input(self, text: str, replace: bool = False) -> None:
        """Asks the client to put `text` into the next cell, or in place of this one."""
        payload = {"source": "set_next_input", "text": text, "replace": replace}
        cell.payload[:] = [p for p in cell.payload if p["source"] != payload["source"]]
        cell.payload.append(payload)

    def showtraceback(self, exc_tuple: Any = None, **options: Any) -> None:
        """Shows the exception that is being handled; the cell has not failed by that."""
        kind, error, traceback = exc_tuple or sys.exc_info()
        if error is not None:
            _carme.publish("error", describe(error.with_traceback(traceback)), {})

    def object_inspect(self, oname: str, detail_level: int = 0) -> Dict[str, Any]:
        """What is known of a name: inspect_reply's content."""
        return inspection.inspect(oname, len(oname), detail_level, namespace)

    def get_parent(self) -> Parent:
        """The client's message that output from here belongs to."""
        return kernel.get_parent("shell")

    def set_parent(self, parent: Mapping[str, Any]) -> None:
        """Output from this thread or task belongs to the cell whose get_parent() is given."""
        self.set_thread_parent(parent)

    def set_thread_parent(self, parent: Mapping[str, Any]) -> Token[object]:
        """As set_parent; for reset_thread_parent. A message of no request is the running cell's."""
        return parents.current.set(getattr(parent, "request", None))

    def reset_thread_parent(self, token: Token[object]) -> None:
        """As it was before set_thread_parent()."""
        parents.current.reset(token)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"get_ipython() has no {name!r} here: it needs IPython's own shell")


shell = ZMQInteractiveShell()
kernel = Kernel()
kernel.shell = shell
