"""Windows at work: which instance is open, how much is used, when room returns.

Owns window state and its lazy roll-over on read (there are no reset jobs). Does not know sources or pools.
State is (anchor, used) or, for sliding windows, at most 60 buckets.
"""

from __future__ import annotations

from faregate.core.instants import anchored_period, calendar_period
from faregate.core.terms import WindowTerms

SLIDING_BUCKETS = 60
NEVER_CLOSES = 2**63 - 1


class Window:
    """State of one window of one subscription.

    ``anchor``..``closes`` is the instance last drawn on (None: none is open); ``draws`` counts the requests in it
    that were not released, so that a release of the only one un-opens a first-use window.
    ``purchased`` anchors purchase windows. ``buckets`` (sliding only): [start, amount] oldest first.
    """

    __slots__ = (
        "anchor",
        "buckets",
        "closes",
        "draws",
        "key",
        "kind",
        "limit",
        "purchased",
        "terms",
        "used",
    )

    def __init__(self, key: str, terms: WindowTerms, purchased: int) -> None:
        self.key = key
        self.terms = terms
        self.kind = terms.kind
        self.limit = terms.limit
        self.purchased = purchased
        self.anchor: int | None = None
        self.closes = 0
        self.used = 0
        self.draws = 0
        self.buckets: list[list[int]] = []

    def used_at(self, now: int) -> int:
        """Amount used in the instance that is open at ``now``."""
        if self.kind == "sliding":
            length = self.terms.length
            buckets = self.buckets
            if buckets and buckets[0][0] + length <= now:
                return sum(amount for start, amount in buckets if start + length > now)
            return self.used
        if self.anchor is None or now >= self.closes:
            return 0
        return self.used

    def room_at(self, now: int) -> int:
        """What may still be drawn at ``now``; below zero when the window was overrun."""
        return self.limit - self.used_at(now)

    def instance_at(self, at: int) -> tuple[int, int | None]:
        """(anchor, close) of the instance that a draw of a request admitted at ``at`` belongs to."""
        if self.anchor is not None and self.anchor <= at < self.closes:
            return self.anchor, self.closes
        if self.kind == "first-use" and self.anchor is not None and at < self.anchor < at + self.terms.length:
            # Another request opened it since: a second one beside it would count for nobody.
            return self.anchor, self.closes
        return self._fresh_instance(at)

    def standing(self, now: int) -> tuple[int, int]:
        """(anchor, room) of the instance a draw at ``now`` would go to: one call for the hot path."""
        anchor = self.anchor
        if anchor is not None and anchor <= now < self.closes:
            return anchor, self.limit - self.used
        return self.instance_at(now)[0], self.limit - self.used_at(now)

    def standing_of(self, anchor: int, now: int) -> tuple[bool, int, int | None]:
        """(live, used at ``now``, when it closes) for a request of the instance at ``anchor``; for the hot path."""
        if anchor == self.anchor and now < self.closes:
            return True, self.used, self.closes if self.closes < NEVER_CLOSES else None
        return self.is_live(anchor, now), self.used_at(now), self.reopens_at(now)

    def _fresh_instance(self, at: int) -> tuple[int, int | None]:
        kind, terms = self.kind, self.terms
        if kind == "first-use":
            return at, at + terms.length
        if kind == "calendar":
            return calendar_period(at, terms.every, terms.zone)
        if kind == "purchase":
            return anchored_period(self.purchased, at, terms.every, terms.zone)
        if kind == "sliding":
            last = self.buckets[-1][0] if self.buckets else None
            if last is not None and last <= at < last + terms.length // SLIDING_BUCKETS:
                return last, last + terms.length
            return at, at + terms.length
        return self.purchased, None

    def is_live(self, anchor: int, now: int) -> bool:
        """Whether the instance opened at ``anchor`` still counts at ``now``."""
        if self.kind == "sliding":
            return anchor + self.terms.length > now
        if self.anchor is not None and anchor < self.anchor:
            return False
        if self.anchor == anchor:
            return now < self.closes
        closes = self._closes(anchor)
        return closes is None or now < closes

    def apply(self, anchor: int, delta: int, draws: int) -> None:
        """Count ``delta`` and ``draws`` in the instance at ``anchor``; an instance already left is history."""
        if self.kind == "sliding":
            self._apply_to_bucket(anchor, delta)
            return
        if self.anchor is None and draws <= 0:
            # An instance before one that was opened and un-opened again: it is over and forgotten.
            return
        if self.anchor is None or anchor > self.anchor:
            self.anchor, self.used, self.draws = anchor, 0, 0
            closes = self._closes(anchor)
            self.closes = closes if closes is not None else NEVER_CLOSES
        elif anchor < self.anchor:
            return
        self.used += delta
        self.draws += draws
        if self.draws <= 0 and draws < 0 and self.kind == "first-use":
            self.anchor, self.closes, self.used, self.draws = None, 0, 0, 0

    def takes(self, now: int, amount: int) -> bool:
        """Count ``amount`` at ``now`` in a sliding window, if there is room for it."""
        if self.used_at(now) + amount > self.limit:
            return False
        self._apply_to_bucket(self._fresh_instance(now)[0], amount)
        return True

    def _closes(self, anchor: int) -> int | None:
        if self.kind == "first-use":
            return anchor + self.terms.length
        return self._fresh_instance(anchor)[1]

    def _apply_to_bucket(self, anchor: int, delta: int) -> None:
        buckets, length = self.buckets, self.terms.length
        if buckets and anchor + length <= buckets[-1][0]:
            # Its bucket had left the window when the newest was opened.
            return
        while buckets and buckets[0][0] + length <= anchor:
            self.used -= buckets.pop(0)[1]
        for bucket in reversed(buckets):
            if bucket[0] == anchor:
                bucket[1] += delta
                break
        else:
            if delta <= 0:
                return
            buckets.append([anchor, delta])
            if len(buckets) > 1 and buckets[-2][0] > anchor:
                buckets.sort()
        self.used += delta

    def reset(self, reserved: dict[int, int]) -> None:
        """Forget what was used but for what open holds reserve, by anchor; the anchor stays where it is."""
        if self.kind == "sliding":
            self.buckets = [[anchor, amount] for anchor, amount in sorted(reserved.items()) if amount]
            self.used = sum(amount for _, amount in self.buckets)
        else:
            self.used = reserved.get(self.anchor, 0) if self.anchor is not None else 0

    def has_room_from(self, now: int, needed: int) -> int | None:
        """First instant at or after ``now`` with room for ``needed`` (at least 1), or None when never."""
        if needed > self.limit:
            return None
        used = self.used_at(now)
        if self.limit - used >= needed:
            return now
        if self.kind != "sliding":
            return None if self.kind in ("lifetime", "concurrency") else self.closes
        for start, amount in self.buckets:
            if start + self.terms.length > now:
                used -= amount
                if self.limit - used >= needed:
                    return start + self.terms.length
        return None

    def reopens_at(self, now: int) -> int | None:
        """When the open instance closes (sliding: when its oldest draw leaves), or None when nothing is open."""
        if self.kind == "sliding":
            live = [start for start, _ in self.buckets if start + self.terms.length > now]
            return live[0] + self.terms.length if live else None
        if self.anchor is None or now >= self.closes or self.kind in ("lifetime", "concurrency"):
            return None
        return self.closes
