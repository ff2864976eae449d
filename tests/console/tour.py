"""A visitor who opens every page as if for the first time: what that costs, and each look of the page then.

Owns the looks, the budgets of script and of what jumps, and the pictures (FAREGATE_SHOTS). Knows no page. Sizes and
places only, which are the same on every machine; how long it takes is measured by `python -m bench.console_vitals`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.console.loading import Opened, Watch
from tests.console.visitor import Visitor

# Each language with each theme and with each width. For pictures: all.
LOOKS = {"en": [("light", 390), ("dark", 1440)], "zh": [("light", 1440), ("dark", 390)]}
if "FAREGATE_SHOTS" in os.environ:
    LOOKS = {"en": [*LOOKS["en"], *LOOKS["zh"]], "zh": [*LOOKS["zh"], *LOOKS["en"]]}
SCRIPT_BYTES = 220_000
"""Of any page before its charts, its editor of plan files or its colours of code, which come when they are shown."""
LATER = ("BarChart", "DayChart", "MoneyChart", "YamlEditor", "colours", "CartesianChart")
ALL_BYTES = 320_000
JUMPS = 0.1
"""The bound of Web Vitals for "good": CLS."""
# What comes after the page: charts, the editor and its first look at the file.
_CHART, _DIFFERENCE = ".recharts-surface", "[data-testid=diff]"
_AFTER = {"/usage": _CHART, "/office/revenue": _CHART, "/office/plans/edit": _DIFFERENCE}
_ONE = re.compile(r"(acc|req|ord)_(?!none)\w+")


def costly(opened: Opened) -> list[str]:
    """What of a page is beyond its budget."""
    found = []
    assert opened.scripts, f"{opened.path}: no script came through the network"
    assert opened.largest is not None, f"{opened.path}: nothing was painted"
    if opened.script_bytes(*LATER) > SCRIPT_BYTES:
        found.append(f"{opened.path}: {opened.script_bytes(*LATER)} bytes of script: {opened.scripts}")
    if opened.script_bytes() > ALL_BYTES:
        found.append(f"{opened.path}: {opened.script_bytes()} bytes of script with all that is shown later")
    if opened.jumps >= JUMPS:
        found += [f"{opened.path}: jumps by {each}" for each in opened.jumped]
    return found


class Tour:
    """``found``: in words, what is wrong with the pages seen so far."""

    def __init__(self, visit: Callable[..., Visitor], language: str) -> None:
        self.found: list[str] = []
        self._language = language
        self._looks = LOOKS[language]
        self.visitor = visit(language, *self._looks[0])
        self._watch = Watch(self.visitor)

    def sees(self, paths: Iterable[str], of: str = "") -> None:
        """Open each page once and look at it in every look; the first of them is opened in each. ``of`` names their
        pictures. Every other page is opened in the dark: in both languages together each in both widths."""
        for place, path in enumerate(paths):
            looks = self._looks if place % 2 == 0 else self._looks[::-1]
            self.visitor.wear(*looks[0])
            self.found += costly(self._watch.opened(path))
            self._wait_for_the_rest(path)
            for look in looks:
                self.visitor.wear(*look)
                if place == 0:
                    self.visitor.page.reload()
                    self.visitor.settle()
                    self._wait_for_the_rest(path)
                self._look(path, of)

    def looks(self, name: str) -> None:
        """Look at what stands above the page, in every look."""
        for look in self._looks:
            self.visitor.wear(*look)
            self._look(name)

    def _wait_for_the_rest(self, path: str) -> None:
        for page, selector in _AFTER.items():
            if path.startswith(page):
                self.visitor.page.locator(selector).first.wait_for()

    def _look(self, name: str, of: str = "") -> None:
        visitor = self.visitor
        look = f"{self._language}-{visitor.theme}-{visitor.width}"
        self.found += [f"{name} ({look}): {each}" for each in visitor.violations()]
        self.found += [f"{name} ({look}): {visitor.overflow()} px too wide"] * (visitor.overflow() > 0)
        if shots := os.environ.get("FAREGATE_SHOTS"):
            file = re.sub(r"\W+", "_", f"{look}-{of}-{_ONE.sub('one', name)}").strip("_")
            visitor.page.screenshot(path=Path(shots) / f"{file}.png", full_page="dialog" not in name)
