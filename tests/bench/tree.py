"""The tree in a real Chromium: first paint, frame times while scrolling, bytes, the kernel's memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, WebSocket

from tests.bench import chromium
from tests.bench.measure import Spread, resident
from tests.browser import lab as jupyterlab

SCROLLING = 3.0
"""Seconds of turning the wheel."""

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
    with chromium.opened() as lab:
        if lab is None:
            yield (
                "tree in Chromium",
                "not measured: no Chromium or Chrome is installed; WORKBENCH_TEST_CHROMIUM can name one",
            )
            return
        yield from _measured(lab, count, repeat)


def _measured(lab: jupyterlab.Lab, count: int, repeat: int) -> Iterator[tuple[str, str]]:
    sizes = (100, count)
    setup = (
        "from tests import zoo",
        "from workbench.widgets.history import HistoryView",
        f"trees = [zoo.many(size) for size in {sizes}]",
    )
    traffic = _Traffic()
    lab.page.on("websocket", traffic.listen)
    cells = [f"HistoryView(trees[{place}], None)" for place in range(len(sizes))]
    page = chromium.notebook(lab, setup, cells, ".wbh-tree [role=option]")
    paints: dict[int, list[float]] = {size: [] for size in sizes}
    frames: dict[int, list[float]] = {size: [] for size in sizes}
    slow: dict[int, list[float]] = {size: [] for size in sizes}
    sent: dict[int, int] = {}
    for _ in range(repeat):
        for cell, size in enumerate(sizes, start=1):
            before = traffic.received
            paints[size].append(chromium.paint(page, cell, ".wbh-tree", "[role=option]"))
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
