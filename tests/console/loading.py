"""What opening a page costs a browser, told by Chromium itself: bytes of script, what jumps, when what was painted.

Owns the measuring. Each opening is on a cold cache. Says nothing about what is too much.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.console.visitor import Visitor

# Before any script of the page: entries from before an observer was made are buffered, and these three are kept.
_WATCH = """
window.__painted = {shifts: [], largest: null, longest: []};
new PerformanceObserver((list) => { for (const each of list.getEntries()) if (!each.hadRecentInput)
  __painted.shifts.push({value: each.value, at: each.startTime, what: each.sources.map(one => one.node &&
    (one.node.nodeName + '.' + (one.node.className || '') + ' ' + JSON.stringify([one.previousRect, one.currentRect]
    .map(box => [box.x, box.y, box.width, box.height].map(Math.round))))) }); })
  .observe({type: 'layout-shift', buffered: true});
new PerformanceObserver((list) => { for (const each of list.getEntries()) __painted.largest = each.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver((list) => { for (const each of list.getEntries()) __painted.longest.push(each.duration); })
  .observe({type: 'longtask', buffered: true});
"""
# Two frames later everything that was laid out has been painted, and told to the observers.
_TOLD = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
  setTimeout(() => done(window.__painted)))))"""


@dataclass
class Opened:
    """``scripts``: bytes as they came through the network, by file. ``jumps``: layout shifts, 0 for none at all;
    ``jumped``: each of them in words. ``largest`` and ``blocked``: milliseconds until the largest piece was painted,
    and those of long tasks beyond 50 each."""

    path: str
    scripts: dict[str, int] = field(default_factory=dict)
    jumps: float = 0.0
    jumped: list[str] = field(default_factory=list)
    largest: float | None = None
    blocked: float = 0.0

    def script_bytes(self, *without: str) -> int:
        """Of all scripts but those whose file's name begins with one of ``without``."""
        return sum(size for name, size in self.scripts.items() if not name.startswith(without))


class Watch:
    """Opens pages for a visitor, and looks on."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        visitor.page.add_init_script(_WATCH)
        self._network = visitor.page.context.new_cdp_session(visitor.page)
        self._network.send("Network.enable")
        self._network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._names: dict[str, str] = {}
        self._opened = Opened("")
        self._network.on("Network.responseReceived", self._answered)
        self._network.on("Network.loadingFinished", self._finished)

    def slow_down(self, times: float) -> None:
        """Let the pages' scripts run so many times slower."""
        self._network.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def _answered(self, told: dict[str, Any]) -> None:
        self._names[told["requestId"]] = told["response"]["url"].partition("?")[0]

    def _finished(self, told: dict[str, Any]) -> None:
        url = self._names.get(told["requestId"], "")
        if url.endswith(".js"):
            self._opened.scripts[url.rpartition("/")[2]] = int(told["encodedDataLength"])

    def opened(self, path: str) -> Opened:
        """Open a page as if for the first time, until nothing on it is loading."""
        self._opened = opened = Opened(path)
        # From nowhere: a page that differs by what stands after its # alone would not be loaded.
        self._visitor.page.goto("about:blank")
        self._visitor.go(path)
        told = self._visitor.page.evaluate(_TOLD)
        opened.jumps = sum(each["value"] for each in told["shifts"])
        opened.jumped = [f"{each['value']:.3f} at {each['at']:.0f} ms: {each['what']}" for each in told["shifts"]]
        opened.largest = told["largest"]
        opened.blocked = sum(each - 50 for each in told["longest"])
        return opened
