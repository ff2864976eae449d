"""The naive oracle's books: pools and windows as plain lists of facts, every figure counted anew when asked.

Owns what was granted, held, drawn and owed, by request. Shares no code with the engine's pools and windows; slow.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from faregate.core.filling import period_after
from faregate.core.instants import anchored_period, calendar_period
from faregate.core.terms import PoolTerms, Refill, Terms, WindowTerms

FOREVER = 1 << 62


@dataclass
class NaiveLot:
    name: str
    cause: str
    balance: int
    expires: int
    order: int
    priority: int = 0


@dataclass
class NaivePool:
    """Lots, what each open hold took from which lot, debt, and the instants of its restores."""

    key: str
    terms: PoolTerms
    lots: list[NaiveLot] = field(default_factory=list)
    held: dict[str, dict[str, int]] = field(default_factory=dict)
    restored: list[int] = field(default_factory=list)
    restored_for: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    owed: int = 0
    made: int = 0
    automatic: bool = False
    next_refill: int | None = None

    @property
    def available(self) -> int:
        return sum(lot.balance for lot in self.lots)

    @property
    def held_total(self) -> int:
        return sum(sum(parts.values()) for parts in self.held.values())

    def held_by(self, request: str) -> int:
        return sum(self.held.get(request, {}).values())

    def restores_left(self, now: int) -> int:
        refill = self.terms.refill
        if refill is None or refill.kind != "restore":
            return 0
        start, end = calendar_period(now, refill.every, refill.zone)
        return refill.times - sum(1 for at in self.restored if start <= at < end)

    def put(self, cause: str, size: int, expires: int | None, priority: int = 0) -> str:
        """A new lot, what is owed repaid first; its name."""
        repaid = min(self.owed, size)
        self.owed -= repaid
        self.made += 1
        name = f"{self.key}-{self.made}"
        ends = FOREVER if expires is None else expires
        self.lots.append(NaiveLot(name, cause, size - repaid, ends, self.made, priority))
        self.lots.sort(key=lambda lot: (lot.priority, lot.expires, lot.order))
        return name

    def refill(self, until: int | None, now: int) -> None:
        assert self.terms.refill is not None
        self.lots = [lot for lot in self.lots if lot.cause != "refill" and lot.expires > now]
        self.put("refill", full(self.terms.refill), until)

    def take(self, amount: int, restored: set[str]) -> dict[str, int]:
        """Burn ``amount``; which lots paid: those just ``restored`` last, since the pool was empty before them."""
        taken: dict[str, int] = {}
        for lot in sorted(self.lots, key=lambda each: each.name in restored):
            part = min(lot.balance, amount)
            if part:
                lot.balance -= part
                amount -= part
                taken[lot.name] = part
        assert amount == 0, "the oracle drew more than there is"
        return taken

    def give_back(self, parts: dict[str, int]) -> None:
        """Return parts to their lots, debt repaid first; what belonged to a lot that is gone lapses."""
        lots = {lot.name: lot for lot in self.lots}
        for name, back in parts.items():
            if name in lots:
                repaid = min(self.owed, back)
                self.owed -= repaid
                lots[name].balance += back - repaid


def full(refill: Refill) -> int:
    return int(refill.amount * (1 + refill.bonus))


@dataclass
class NaiveWindow:
    """Every draw ever made: [request, anchor, amount]; ``anchors`` are the instances or buckets that were opened."""

    terms: WindowTerms
    purchased: int
    draws: list[tuple[str, int, int]] = field(default_factory=list)
    anchors: list[int] = field(default_factory=list)

    def instance(self, at: int) -> tuple[int, int]:
        """[anchor, close) of the instance that a request admitted at ``at`` belongs to."""
        terms, length = self.terms, self.terms.length
        if terms.kind == "calendar":
            return calendar_period(at, terms.every, terms.zone)
        if terms.kind == "purchase":
            return anchored_period(self.purchased, at, terms.every, terms.zone)
        if terms.kind in ("lifetime", "concurrency"):
            return self.purchased, FOREVER
        if terms.kind == "sliding":
            if self.anchors and self.anchors[-1] <= at < self.anchors[-1] + length // 60:
                return self.anchors[-1], self.anchors[-1] + length
            return at, at + length
        for anchor in reversed(self.anchors):
            if abs(at - anchor) < length and (anchor <= at or anchor == self.anchors[-1]):
                return anchor, anchor + length
        return at, at + length

    def closes(self, anchor: int) -> int:
        if self.terms.kind in ("first-use", "sliding"):
            return anchor + self.terms.length
        return self.instance(anchor)[1]

    def used(self, now: int) -> int:
        if self.terms.kind == "sliding":
            return sum(amount for _, anchor, amount in self.draws if anchor + self.terms.length > now)
        if self.terms.kind == "first-use":
            live = [anchor for anchor in self.anchors if now < anchor + self.terms.length][-1:]
        else:
            live = [self.instance(now)[0]]
        return sum(amount for _, anchor, amount in self.draws if anchor in live)

    def of(self, request: str) -> tuple[int, int] | None:
        """(anchor, amount) that the request counts for here."""
        mine = [(anchor, amount) for name, anchor, amount in self.draws if name == request]
        return (mine[0][0], sum(amount for _, amount in mine)) if mine else None

    def record(self, request: str, anchor: int, amount: int) -> None:
        if self.terms.kind == "sliding" and amount <= 0 and anchor not in self.anchors:
            return
        self.draws.append((request, anchor, amount))
        if anchor not in self.anchors:
            self.anchors.append(anchor)
            self.anchors.sort()

    def erase(self, request: str) -> None:
        """The request was released: a first-use instance that nobody else drew on was never opened."""
        mine = {anchor for name, anchor, _ in self.draws if name == request}
        self.draws = [draw for draw in self.draws if draw[0] != request]
        if self.terms.kind == "first-use":
            kept = {anchor for _, anchor, _ in self.draws}
            self.anchors = [anchor for anchor in self.anchors if anchor in kept or anchor not in mine]

    def settle(self, request: str, drawn: tuple[int, int] | None) -> None:
        before = self.of(request)
        self.draws = [draw for draw in self.draws if draw[0] != request]
        if before is not None:
            self.draws.append((request, before[0], drawn[1] if drawn is not None else 0))
        elif drawn is not None and drawn[1] > 0:
            self.record(request, *drawn)

    def reset(self, open_requests: set[str]) -> None:
        """Forget what was settled; what open holds reserve stays counted. Anchors stay."""
        self.draws = [(name, anchor, amount if name in open_requests else 0) for name, anchor, amount in self.draws]
        if self.terms.kind == "sliding":
            self.anchors = sorted({anchor for name, anchor, amount in self.draws if amount})
            self.draws = [draw for draw in self.draws if draw[1] in self.anchors]


@dataclass
class NaiveSubscription:
    key: str
    terms: Terms
    bought: int
    period_start: int
    period_end: int | None
    ends: int | None
    anchor: int
    over: bool = False
    pools: dict[str, NaivePool] = field(default_factory=dict)
    windows: dict[str, NaiveWindow] = field(default_factory=dict)

    def renew(self, now: int) -> None:
        """The next paid period begins at ``now``."""
        end = period_after(now, self.terms.period, self.terms.zone)
        if self.ends is not None:
            self.ends = end
        self.anchor, self.period_start, self.period_end = now, now, end
        for pool in self.pools.values():
            if pool.terms.refill is not None and pool.terms.refill.kind == "renewal":
                pool.refill(end, now)
