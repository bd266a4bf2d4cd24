"""A cell that a client has sent, with all that came back for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from harness.wire import Message

OUTPUT = ("stream", "display_data", "update_display_data", "execute_result", "error")


def plain(text: str) -> str:
    """A text without the escapes that colour it."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def kinds(messages: list[Message]) -> list[str]:
    """Types in order, statuses by their state."""
    return [message.state or message.type for message in messages]


@dataclass
class Cell:
    """An execute_request with all that came back for it."""

    request: dict[str, Any]
    reply: Message
    iopub: list[Message] = field(default_factory=list)

    @property
    def status(self) -> str:
        """ok, error or aborted."""
        return str(self.reply.content["status"])

    @property
    def outputs(self) -> list[Message]:
        """What a notebook would keep."""
        return [message for message in self.iopub if message.type in OUTPUT]

    def text(self, name: str) -> str:
        """All text of the stream `name`."""
        streams = [m.content for m in self.iopub if m.type == "stream"]
        return "".join(content["text"] for content in streams if content["name"] == name)

    @property
    def stdout(self) -> str:
        """All text written to stdout."""
        return self.text("stdout")

    @property
    def stderr(self) -> str:
        """All text written to stderr."""
        return self.text("stderr")

    @property
    def data(self) -> dict[str, Any]:
        """The execute_result's mime bundle; {} without a result."""
        results = [m.content["data"] for m in self.iopub if m.type == "execute_result"]
        assert len(results) <= 1, f"{len(results)} results"
        return dict(results[0]) if results else {}

    @property
    def result(self) -> str | None:
        """The result as plain text; None without a result."""
        return self.data.get("text/plain")

    @property
    def error(self) -> str | None:
        """
        The exception's name, after a check that reply and error message agree; None for ok.

        A UsageError of a magic has a line on stderr in the message's place, as IPython has it.
        """
        errors = [m.content for m in self.iopub if m.type == "error"]
        if self.status != "error":
            assert not errors, f"status {self.status}, but an error message: {errors}"
            return None
        content = self.reply.content
        if content["ename"] == "UsageError":
            assert not errors and f"UsageError: {content['evalue']}\n" in self.stderr
        else:
            assert [e["ename"] for e in errors] == [content["ename"]], f"{errors} {content}"
        return str(content["ename"])

    @property
    def traceback(self) -> str:
        """The traceback as one text."""
        return "\n".join(self.reply.content["traceback"])

    @property
    def count(self) -> int:
        """The cell's number."""
        return int(self.reply.content["execution_count"])
