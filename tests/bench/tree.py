"""The tree in a real Chromium: first paint, frame times while scrolling, bytes, the kernel's memory."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, WebSocket, sync_playwright

from tests.bench.measure import REPOSITORY, Spread, resident
from tests.browser import lab as jupyterlab

SCROLLING = 3.0
"""Seconds of turning the wheel."""

# From running the cell to the second frame after its rows are there: by then they have been painted.
_PAINT = """cell => new Promise(done => {
  const notebook = jupyterapp.shell.currentWidget.content;
  const output = notebook.widgets[cell].node;
  const old = output.querySelector('.wbh-tree');
  const began = performance.now();
  const look = () => {
    const tree = output.querySelector('.wbh-tree');
    if (tree && tree !== old && tree.querySelector('[role=option]')) {
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(output, {childList: true, subtree: true});
  notebook.activeCellIndex = cell;
  jupyterapp.commands.execute('notebook:run-cell');
})"""

_FRAMES = """() => {
  window.benchFrames = [];
  let last = performance.now();
  const frame = now => {
    window.benchFrames.push(now - last);
    last = now;
    window.benchOn = requestAnimationFrame(frame);
  };
  window.benchOn = requestAnimationFrame(now => { last = now; window.benchOn = requestAnimationFrame(frame); });
}"""


@dataclass
class _Traffic:
    """The bytes that have come through the page's web sockets."""

    received: int = 0

    def listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.received += len(payload.encode() if isinstance(payload, str) else payload)


def tree(count: int, repeat: int) -> Iterator[tuple[str, str]]:
    """Measure a tree of `count` revisions beside one of 100; yields what was measured and what came out, in words."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        chromium = jupyterlab.find_chromium(playwright)
        if chromium is None:
            yield (
                "tree in Chromium",
                "not measured: no Chromium or Chrome is installed; WORKBENCH_TEST_CHROMIUM can name one",
            )
            return
        with jupyterlab.running(Path(home)) as server, jupyterlab.launch(playwright, chromium) as browser:
            yield from _measured(jupyterlab.Lab(server, browser), count, repeat)


def _measured(lab: jupyterlab.Lab, count: int, repeat: int) -> Iterator[tuple[str, str]]:
    sizes = (100, count)
    setup = (
        f"import sys\nsys.path.insert(0, {str(REPOSITORY)!r})\nfrom tests import zoo\n"
        "from workbench.widgets.history import HistoryView\n"
        f"trees = [zoo.many(size) for size in {sizes}]"
    )
    lab.write("bench.ipynb", setup, *(f"HistoryView(trees[{place}], None)" for place in range(len(sizes))))
    traffic = _Traffic()
    lab.page.on("websocket", traffic.listen)
    page = lab.open("bench.ipynb")
    lab.run_all()
    page.locator(".wbh-tree [role=option]").nth(0).wait_for()
    page.wait_for_timeout(2000)
    paints: dict[int, list[float]] = {size: [] for size in sizes}
    frames: dict[int, list[float]] = {size: [] for size in sizes}
    slow: dict[int, list[float]] = {size: [] for size in sizes}
    sent: dict[int, int] = {}
    for _ in range(repeat):
        for cell, size in enumerate(sizes, start=1):
            before = traffic.received
            paints[size].append(float(page.evaluate(_PAINT, cell)))
            page.wait_for_timeout(500)
            sent[size] = traffic.received - before
            times = _scrolled(page, cell)
            frames[size].append(statistics.median(times))
            slow[size].append(statistics.quantiles(times, n=20)[-1])
    for size in sizes:
        what = f"tree of {size:,} revisions"
        yield f"{what}: cell run to first paint", f"{Spread(tuple(paints[size])).words(0)} ms"
        yield f"{what}: frame while scrolling, median", f"{Spread(tuple(frames[size])).words(1)} ms"
        yield f"{what}: frame while scrolling, 95th percentile", f"{Spread(tuple(slow[size])).words(1)} ms"
        yield f"{what}: sent to the browser", f"{sent[size] / 1024:,.0f} KiB"
    kernel = lab.python("__import__('os').getpid()")
    assert isinstance(kernel, int)
    yield "kernel with both trees: resident memory", f"{resident(kernel):.0f} MiB"


def _scrolled(page: Page, cell: int) -> list[float]:
    """The milliseconds between frames while the wheel is turned, ten notches down and ten up, over and over."""
    page.locator(".jp-Cell").nth(cell).locator(".wbh-tree").hover()
    page.evaluate(_FRAMES)
    until = time.monotonic() + SCROLLING
    notch = 0
    while time.monotonic() < until:
        page.mouse.wheel(0, 200 if notch % 20 < 10 else -200)
        notch += 1
    times: list[float] = page.evaluate("() => { cancelAnimationFrame(window.benchOn); return window.benchFrames; }")
    return times
