"""What a cell shows, found in the page."""

from __future__ import annotations

from playwright.sync_api import Locator, expect


def mime(where: Locator, kind: str) -> Locator:
    """What is drawn from one mime type."""
    return where.locator(f'[data-mime-type="{kind}"]')


def stdout(where: Locator) -> Locator:
    """What is drawn from stdout."""
    return mime(where, "application/vnd.jupyter.stdout")


def stderr(where: Locator) -> Locator:
    """What is drawn from stderr, and tracebacks: Lab gives both the same type."""
    return mime(where, "application/vnd.jupyter.stderr")


def picture_size(picture: Locator) -> list[int]:
    """Width and height of a picture that the browser could decode; zeros for a broken one."""
    expect(picture).to_be_visible()
    size = picture.evaluate(
        "async i => { await i.decode(); return [i.naturalWidth, i.naturalHeight] }"
    )
    return [int(side) for side in size]
