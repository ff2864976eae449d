"""Whether a site asks robots to stay away from a page.

Owns reading robots.txt through the same guarded fetcher, and remembering it for a while. Asked only where the
operator wants it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from faregate.wire.fetching import Fetcher, FetchError

_KEPT_MICROSECONDS: Final = 3_600_000_000
_REMEMBERED: Final = 1_000


class Robots:
    """What sites ask of ``agent``."""

    def __init__(self, fetcher: Fetcher, agent: str) -> None:
        self._fetcher = fetcher
        self._agent = agent
        self._known: OrderedDict[str, tuple[int, RobotFileParser | None]] = OrderedDict()

    async def allow(self, url: str, now: int) -> bool:
        """Whether ``url`` may be read. A site that cannot say is taken to say no; one that has no rules, yes."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        known = self._known.get(site)
        if known is None or now - known[0] > _KEPT_MICROSECONDS:
            known = self._known[site] = now, await self._asked(site)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        rules = known[1]
        return rules is not None and rules.can_fetch(self._agent, url)

    async def _asked(self, site: str) -> RobotFileParser | None:
        try:
            found = await self._fetcher.fetch(f"{site}/robots.txt", ())
        except FetchError:
            return None
        rules = RobotFileParser()
        if 200 <= found.status < 300:
            rules.parse(found.body.decode("utf-8", "replace").splitlines())
        elif 400 <= found.status < 500:
            rules.parse([])
        else:
            return None
        return rules
