"""Comms: the package `comm` wired to the kernel, from the moment that a cell imports it.

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
    """One comm whose messages go to the clients of this kernel."""

    def publish_msg(
        self,
        msg_type: str,
        data: Optional[Dict[str, Any]] = None,
        metadata: Optional[Dict[str, Any]] = None,
        buffers: Optional[List[Any]] = None,
        **keys: Any,
    ) -> None:
        """Sends comm_open, comm_msg or comm_close; buffers are bytes-like, not copied."""
        content = {"data": data or {}, "comm_id": self.comm_id, **keys}
        _carme.publish(msg_type, content, metadata or {}, buffers)

    @property
    def kernel(self) -> Any:
        """The kernel, as ipykernel's comms have it."""
        return get_ipython().kernel

    def handle_msg(self, msg: Dict[str, Any]) -> None:
        """Hands a message to the comm's own callback, between IPython's events where it runs."""
        if self._msg_callback is None:
            return
        shell = State.ipython
        if shell is not None:
            shell.events.trigger("pre_execute")
        self._msg_callback(msg)
        if shell is not None:
            shell.events.trigger("post_execute")


def deliver(message: Dict[str, Any]) -> bool:
    """Hands a client's message to its comm or target. False when nobody has it."""
    manager = comm.get_comm_manager()
    kind, content = message["msg_type"], message["content"]
    known = manager.targets if kind == "comm_open" else manager.comms
    if content.get("target_name" if kind == "comm_open" else "comm_id") not in known:
        return False
    message["buffers"] = [memoryview(buffer) for buffer in message["buffers"]]
    getattr(manager, kind)(None, None, message)
    return True


def install() -> None:
    """Comms that cells make from here on are the kernel's."""
    sys.modules["comm"].create_comm = Comm  # type: ignore[attr-defined]
