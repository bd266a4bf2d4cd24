"""A notebook in JupyterLab, driven as a user drives it: keys, clicks, and what the page shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Locator, Page, expect

from harness import kernels
from harness.client import SLOW
from lab.server import Server

TIMEOUT = 15_000 * SLOW  # milliseconds
MARKDOWN = "#!md\n"
LOAD = 40_000 * SLOW  # milliseconds: the first load of the page compiles 10 MB of JavaScript


def write(path: Path, cells: tuple[str, ...]) -> None:
    """A notebook file; a cell that starts with a line MARKDOWN is text."""
    made: list[dict[str, Any]] = []
    for index, source in enumerate(cells):
        cell: dict[str, Any] = {"id": f"cell-{index}", "metadata": {}}
        if source.startswith(MARKDOWN):
            cell |= {"cell_type": "markdown", "source": source.removeprefix(MARKDOWN)}
        else:
            cell |= {"cell_type": "code", "source": source, "outputs": [], "execution_count": None}
        made.append(cell)
    spec = {"name": "carme", "display_name": "Carme", "language": "python"}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": made}
    nbformat.validate(whole)
    path.write_text(json.dumps(whole))


def picture(name: str) -> Path:
    """Where a picture of that name belongs."""
    path = kernels.ROOT / "build" / "screenshots" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


class Notebook:
    """One opened notebook. Cells count from 0."""

    def __init__(self, page: Page, server: Server, path: Path) -> None:
        self.page, self.server, self.path = page, server, path
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.cells = self.panel.locator(".jp-Cell")
        self.status = self.panel.locator(".jp-Notebook-ExecutionIndicator")

    def open(self) -> None:
        """Loads the page; returns when the kernel is idle."""
        where = f"{self.server.url}lab/tree/{self.path.name}?reset&token={self.server.token}"
        self.page.goto(where, wait_until="commit", timeout=LOAD)
        self.ready()

    def ready(self) -> None:
        """Waits until the notebook is there and its kernel idle."""
        expect(self.cells.first).to_be_visible(timeout=LOAD)
        self.idle()

    def idle(self) -> None:
        """Waits until toolbar and status bar say that the kernel has nothing to do."""
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("(Carme) | Idle")
        expect(self.status).to_have_attribute("data-status", "idle")

    def busy(self) -> None:
        """Waits until the indicator says that the kernel works."""
        expect(self.status).to_have_attribute("data-status", "busy")

    def editor(self, index: int) -> Locator:
        """The text of a cell."""
        return self.cells.nth(index).locator(".cm-content")

    def output(self, index: int) -> Locator:
        """Everything below a cell."""
        return self.cells.nth(index).locator(".jp-OutputArea")

    def prompt(self, index: int) -> Locator:
        """The cell's number in brackets."""
        return self.cells.nth(index).locator(".jp-InputArea-prompt")

    def start(self, index: int) -> Locator:
        """Runs a cell by Shift+Enter and does not wait; its outputs."""
        self.editor(index).click()
        self.page.keyboard.press("Shift+Enter")
        return self.output(index)

    def run(self, index: int) -> Locator:
        """Runs a cell to its end; its outputs."""
        outputs = self.start(index)
        self.done(index)
        return outputs

    def done(self, index: int) -> None:
        """Waits until a cell has its number and the kernel is idle."""
        expect(self.prompt(index)).to_contain_text("[")
        expect(self.prompt(index)).not_to_contain_text("*")
        expect(self.prompt(index)).not_to_contain_text("[ ]")
        self.idle()

    def type(self, index: int, text: str) -> None:
        """Puts text at the end of a cell, key by key."""
        self.editor(index).click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def button(self, command: str) -> None:
        """Presses a button of the notebook's toolbar, such as notebook:interrupt-kernel."""
        self.panel.locator(f'.jp-Toolbar [data-command="{command}"]').click()

    def menu(self, *path: str) -> None:
        """Chooses an entry of the main menu."""
        self.page.locator("#jp-MainMenu").get_by_text(path[0], exact=True).click()
        for label in path[1:]:
            self.page.locator(".lm-Menu-itemLabel").get_by_text(label, exact=True).click()

    def save(self) -> Any:
        """Presses the save button; the file's content, once the tab is no longer marked."""
        self.button("docmanager:save")
        expect(self.page.locator(".lm-DockPanel-tabBar .jp-mod-dirty")).to_have_count(0)
        return json.loads(self.path.read_text())

    def shot(self, name: str) -> Path:
        """A picture of what the user sees, in build/screenshots."""
        path = picture(name)
        self.page.screenshot(path=path, animations="disabled", caret="hide")
        return path
