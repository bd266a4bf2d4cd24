"""A kernel in a page, driven without the notebook around it."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

DRIVER = Path(__file__).with_name("driver.js").read_text()
START = 60_000  # milliseconds: page and Python
TIMEOUT = 60_000  # of any wait: reached only when what is waited for does not happen
NUMBERS = itertools.count(1)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Outcome:
    """How a cell has ended."""

    outputs: list[dict[str, Any]]
    reply: dict[str, Any]

    @property
    def text(self) -> str:
        """What it wrote to stdout."""
        return self.stream("stdout")

    @property
    def value(self) -> str:
        """Its last expression as text."""
        found = [o["content"]["data"] for o in self.outputs if o["type"] == "execute_result"]
        return str(found[0]["text/plain"]) if found else ""

    @property
    def error(self) -> str:
        """The exception's name, or ''."""
        return str(self.reply.get("ename", ""))

    @property
    def traceback(self) -> str:
        """Without colours."""
        return COLOURS.sub("", "\n".join(self.reply.get("traceback", [])))

    def stream(self, name: str) -> str:
        """What it wrote to a stream."""
        streams = (o["content"] for o in self.outputs if o["type"] == "stream")
        return "".join(content["text"] for content in streams if content["name"] == name)


class Kernel:
    """One kernel; `key` names it within its page."""

    def __init__(self, page: Page, path: str = "test.ipynb", name: str = "carme") -> None:
        self.page, self.key = page, f"kernel-{next(NUMBERS)}"
        if not page.evaluate("() => 'carmeTest' in window"):
            page.evaluate(DRIVER)
        self.call("start", self.key, path, name)

    def call(self, name: str, *values: Any) -> Any:
        """A function of driver.js."""
        return self.page.evaluate(
            "([name, values]) => window.carmeTest[name](...values)", [name, list(values)]
        )

    def begin(self, code: str, cell_id: str = "", **content: Any) -> int:
        """Sends a cell and does not wait. `cell_id`: as a notebook does, for "run all"."""
        metadata = {"cellId": cell_id} if cell_id else {}
        return int(self.call("begin", self.key, {"code": code, **content}, metadata))

    def finish(self, cell: int, timeout: int = TIMEOUT) -> Outcome:
        """Waits for reply and idle."""
        made = self.call("finish", cell, timeout)
        assert made["error"] is None, made
        return Outcome(made["outputs"], made["reply"])

    def run(self, code: str, timeout: int = TIMEOUT, **content: Any) -> Outcome:
        """A cell from beginning to end."""
        return self.finish(self.begin(code, **content), timeout)

    def value(self, code: str) -> Any:
        """What an expression is, by way of JSON."""
        outcome = self.run(f"import json\nprint(json.dumps({code}))")
        assert not outcome.error, outcome.traceback
        return json.loads(outcome.text)

    def question(self, cell: int, count: int = 1) -> dict[str, Any]:
        """Waits until the cell has asked so often; the last question."""
        asked: dict[str, Any] = self.call("question", cell, count, TIMEOUT)
        return asked

    def said(self, cell: int, text: str) -> None:
        """Waits until the text is in the cell's outputs."""
        self.call("said", cell, text, TIMEOUT)

    def answer(self, cell: int, value: str) -> None:
        """Types an answer."""
        self.call("answer", cell, value)

    def interrupt(self) -> None:
        """Presses stop."""
        self.call("interrupt", self.key)

    def restart(self) -> None:
        """Presses restart."""
        self.call("restart", self.key)
        assert self.value("1") == 1
