"""What is measured in a page. Times in seconds, sizes in MB of 10^6 bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from lite.kernel import Kernel
from lite.server import Server

from .sites import Subject

Values = dict[str, float]
TIMEOUT = 300_000  # milliseconds
LINES = 10_000
WORK = """\
def _work():
    total = 0
    for number in range(1_000_000):
        total += number * number % 7
    return total

def _best():
    from time import perf_counter
    best = 9e9
    for _ in range(5):
        start = perf_counter()
        assert _work() == 1_999_998
        best = min(best, perf_counter() - start)
    return best
"""
ROUND_TRIPS = """async ([key, times]) => {
  const kernel = window.carmeTest.kernel(key);
  const took = [];
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    const reply = await kernel.requestExecute({ code: 'pass' }).done;
    if (reply.content.status !== 'ok') {
      throw new Error('not ok');
    }
    took.push(performance.now() - start);
  }
  return took.sort((a, b) => a - b)[times >> 1] / 1000;
}"""
# From the kernel's being handed a request to the last message that it sends, without JupyterLite's
# simulated socket, whose timers are longer than the kernels take.
INSIDE = """async ([key, times]) => {
  const kernel = window.carmeTest.kernel(key);
  const client = window.carmeTest.manager().kernels._kernelAPIClient;
  const inner = client._kernels.get(kernel.id);
  const handle = inner.handleMessage.bind(inner);
  const socketOf = client._clients.get.bind(client._clients);
  let start = 0;
  let end = 0;
  inner.handleMessage = (msg) => {
    start = performance.now();
    return handle(msg);
  };
  client._clients.get = (id) => {
    end = performance.now();
    return socketOf(id);
  };
  const took = [];
  for (let n = 0; n < times; n++) {
    await kernel.requestExecute({ code: 'pass' }).done;
    took.push(end - start);
  }
  return took.sort((a, b) => a - b)[times >> 1] / 1000;
}"""
BARE = """async ([url, work]) => {
  const source = `import { loadPyodide } from '${url}';
    const pyodide = await loadPyodide();
    postMessage(pyodide.runPython(${JSON.stringify(work + '\\n_best()')}));`;
  const blob = new Blob([source], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(blob), { type: 'module' });
  return await new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
}"""


@contextmanager
def visit(browser: Browser, subject: Subject, path: str = "") -> Iterator[tuple[Page, Server]]:
    """A first visit: nothing is in the browser's caches."""
    server = Server(subject.folder, subject.isolated)
    server.configure(exposeAppInBrowser=True)
    server.put_files({"lines.ipynb": notebook(subject.kernel)})
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    query = f"?path={path}" if path else ""
    try:
        page.goto(f"{server.url}lab/index.html{query}", wait_until="commit")
        page.wait_for_function("() => window.jupyterapp !== undefined")
        yield page, server
    finally:
        context.close()
        server.close()


def notebook(kernel: str) -> bytes:
    """One cell with many lines of output."""
    source = f"for n in range({LINES}):\n    print(n)"
    cell = {"id": "a", "cell_type": "code", "metadata": {}, "source": source}
    cells = [cell | {"outputs": [], "execution_count": None}]
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": cells}
    return json.dumps(whole).encode()


def first(browser: Browser, subject: Subject) -> Values:
    """From the address to the first result; then what a running kernel does."""
    start = time.perf_counter()
    with visit(browser, subject) as (page, server):
        kernel = Kernel(page, "bench.ipynb", subject.kernel)
        if kernel.run("1+1", TIMEOUT).value != "2":
            raise RuntimeError(f"{subject.name}: 1+1 is not 2")
        values = {"result": time.perf_counter() - start, "bytes": server.sent / 1e6}
        values["execute"] = page.evaluate(ROUND_TRIPS, [kernel.key, 200])
        values["inside"] = page.evaluate(INSIDE, [kernel.key, 200])
        values["loop"] = float(kernel.run(WORK + "print(_best())", TIMEOUT).text)
        return values


def lines(browser: Browser, subject: Subject) -> Values:
    """A cell that prints many lines, until the notebook has drawn the last."""
    with visit(browser, subject, "lines.ipynb") as (page, _):
        status = page.locator(".jp-Notebook-ExecutionIndicator")
        status.and_(page.locator("[data-status=idle]")).wait_for()
        page.locator(".jp-Cell .cm-content").first.click()
        start = time.perf_counter()
        page.keyboard.press("Shift+Enter")
        page.locator(".jp-OutputArea", has_text=f"{LINES - 2}\n{LINES - 1}\n").wait_for()
        status.and_(page.locator("[data-status=idle]")).wait_for()
        return {"lines": time.perf_counter() - start}


def bare(browser: Browser, subject: Subject) -> float:
    """The loop in Pyodide alone, in a worker."""
    with visit(browser, subject) as (page, server):
        url = f"{server.url}static/pyodide/pyodide.mjs"
        return float(page.evaluate(BARE, [url, WORK]))
