"""A headless Chromium for the tests of the console: where one is found, and why none is.

Owns the finding: FAREGATE_CHROMIUM, the system's, then the one that Playwright installed. It installs nothing
(tools/programs does).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

# A window's own toolbar and address line are pages too: a second of a processor for each window. The browser keeps
# one list of what is off, so that Playwright's own stand here too, first.
_OFF = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    *("PreconnectToSearch", "PreloadTopChromeWebUI", "WebUIToolbar", "WebUILocationBar", "WebUIOmniboxPopup"),
    *("WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup"),
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowser(Exception):
    """No Chromium is to be had here; says what was looked for."""


def _program(playwright: Playwright) -> str:
    named = os.environ.get("FAREGATE_CHROMIUM")
    found = named or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None and Path(playwright.chromium.executable_path).is_file():
        found = playwright.chromium.executable_path
    if found is None:
        raise NoBrowser(
            "no Chromium: install one (Debian: apt-get install chromium; elsewhere: playwright install chromium), "
            "or name it in FAREGATE_CHROMIUM"
        )
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for the length of the block. Raises NoBrowser."""
    with sync_playwright() as playwright:
        # Without its sandbox: it opens nothing but this machine's own pages, and containers seldom allow one.
        words = ["--no-sandbox", "--disable-features=" + ",".join(_OFF)]
        browser = playwright.chromium.launch(executable_path=_program(playwright), args=words)
        try:
            yield browser
        finally:
            browser.close()
