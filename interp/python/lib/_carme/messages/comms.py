"""Comms: connects the package `comm` to the kernel, once a cell has imported it.

Source: Messaging in Jupyter, "Custom Messages"; the package comm's base_comm.
"""

import sys

import comm
from comm.base_comm import BaseComm

import _carme
from _carme.session.current import get_ipython
from _carme.session.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional


class Comm(BaseComm):
    """A comm whose messages are published by the kernel."""

    def publish_msg(
        self,
        msg_type: str,
        data: Optional[Dict[str, Any]] = None,
        metadata: Optional[Dict[str, Any]] = None,
        buffers: Optional[List[Any]] = None,
        **keys: Any,
    ) -> None:
        """Publishes comm_open, comm_msg or comm_close; buffers are bytes-like, not copied."""
        content = {"data": data or {}, "comm_id": self.comm_id, **keys}
        _carme.publish(msg_type, content, metadata or {}, buffers)

    @property
    def kernel(self) -> Any:
        """The kernel object, as on ipykernel's comms."""
        return get_ipython().kernel

    def handle_msg(self, msg: Dict[str, Any]) -> None:
        """Calls the comm's callback, between the events of IPython's shell if it is in use."""
        if self._msg_callback is None:
            return
        shell = State.ipython
        if shell is not None:
            shell.events.trigger("pre_execute")
        self._msg_callback(msg)
        if shell is not None:
            shell.events.trigger("post_execute")


def deliver(message: Dict[str, Any]) -> bool:
    """Passes a client's message to its comm or target. False if that is unknown."""
    manager = comm.get_comm_manager()
    msg_type, content = message["msg_type"], message["content"]
    known = manager.targets if msg_type == "comm_open" else manager.comms
    if content.get("target_name" if msg_type == "comm_open" else "comm_id") not in known:
        return False
    message["buffers"] = [memoryview(buffer) for buffer in message["buffers"]]
    getattr(manager, msg_type)(None, None, message)
    return True


def install() -> None:
    """Called when comm has been imported: create_comm() makes the kernel's comms."""
    sys.modules["comm"].create_comm = Comm  # type: ignore[attr-defined]
