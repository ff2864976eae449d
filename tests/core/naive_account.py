"""The naive oracle's account: plans bought, requests admitted, settled and released, time passing.

Owns the oracle's state. The machine in ``histories`` compares it with the engine after every step.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.amounts import MILLI
from faregate.core.filling import period_after
from faregate.core.instants import SECOND, calendar_period
from faregate.core.terms import Progressive, Terms, WindowTerms
from faregate.core.usage import Usage
from tests.core.naive_books import FOREVER, NaivePool, NaiveSubscription, NaiveWindow, full
from tests.core.naive_oracle import NaiveHold, Piece, Source, Walk, nearest


class NaiveAccount:
    """Subscriptions in the order bought; ``journal`` counts nothing: the oracle keeps only what is true now."""

    def __init__(self) -> None:
        self.subscriptions: list[NaiveSubscription] = []
        self.holds: dict[str, NaiveHold] = {}

    # ---- plans

    def subscribe(self, terms: Terms, now: int) -> None:
        key = f"{terms.plan}#{len(self.subscriptions) + 1}"
        end = period_after(now, terms.period, terms.zone)
        new = NaiveSubscription(key, terms, now, now, end, None if terms.renews else end, now)
        for pool_terms in terms.pools:
            pool = new.pools[pool_terms.id] = NaivePool(f"{key}:{pool_terms.id}", pool_terms)
            if pool_terms.granted:
                pool.put("purchase", pool_terms.granted, None)
            refill = pool_terms.refill
            if refill is None:
                continue
            pool.automatic = refill.automatic
            expires = None
            if refill.kind == "calendar":
                expires = pool.next_refill = calendar_period(now, refill.every, refill.zone)[1]
            elif refill.kind == "renewal":
                expires = end
            pool.put("purchase" if refill.kind == "restore" else "refill", full(refill), expires)
        for window in terms.windows:
            new.windows[window.id] = NaiveWindow(window, now)
        for source in terms.sources:
            for rule in source.multipliers:
                if isinstance(rule, Progressive):
                    name = f"{source.id}.{rule.name}"
                    counter = WindowTerms(name, "calendar", FOREVER, "USD", every=rule.every, zone=rule.zone)
                    new.windows[name] = NaiveWindow(counter, now)
        self.subscriptions.append(new)

    def running(self) -> list[NaiveSubscription]:
        order = [each for each in self.subscriptions if not each.over]
        return sorted(order, key=lambda each: (each.terms.rank, each.bought))

    def sources(self, model: str) -> list[Source]:
        return [
            Source(each, terms)
            for each in self.running()
            for terms in each.terms.sources
            if terms.models in (("*",), (model,))
        ]

    # ---- time

    def advance(self, now: int) -> None:
        for each in self.subscriptions:
            if not each.over:
                self._advance(each, now)
        for hold in list(self.holds.values()):
            if hold.expires <= now:
                if hold.charge:
                    self.settle(hold.request, hold.usage, now)
                else:
                    self.release(hold.request)

    def _advance(self, each: NaiveSubscription, now: int) -> None:
        if each.ends is not None and each.ends <= now:
            each.over = True
            for pool in each.pools.values():
                pool.lots = []
            return
        while each.period_end is not None and each.period_end <= now:
            start = each.period_end
            end = each.period_end = period_after(start, each.terms.period, each.terms.zone, each.anchor)
            for pool in each.pools.values():
                if pool.terms.refill is not None and pool.terms.refill.kind == "renewal":
                    pool.refill(end, start)
        for pool in each.pools.values():
            refill = pool.terms.refill
            while pool.next_refill is not None and pool.next_refill <= now:
                assert refill is not None
                start, end = calendar_period(pool.next_refill, refill.every, refill.zone)
                pool.refill(end, start)
                pool.next_refill = end
            pool.lots = [lot for lot in pool.lots if lot.expires > now]

    # ---- requests

    def throttled(self, model: str, now: int) -> list[NaiveWindow]:
        full_ones = []
        for window in self.guards(model):
            if window.terms.kind == "concurrency":
                if len(self.holds) * MILLI >= window.terms.limit:
                    full_ones.append(window)
            elif window.used(now) + MILLI > window.terms.limit:
                full_ones.append(window)
        return full_ones

    def guards(self, model: str) -> list[NaiveWindow]:
        paying = {source.subscription.key for source in self.sources(model)}
        return [
            each.windows[terms.id]
            for each in self.running()
            if each.key in paying
            for terms in each.terms.windows
            if terms.guard
        ]

    def admit(self, request: str, model: str, usage: Usage, now: int) -> NaiveHold | None:
        """The hold, already booked, or None when refused."""
        sources = self.sources(model)
        if not sources or self.throttled(model, now):
            return None
        walk = Walk(request, model, usage, now, now, None)
        for source in sources:
            walk.offer(source, source.subscription.terms.admission == "open")
        uncovered = walk.left > 0
        opened = any(piece.source.subscription.terms.admission == "open" for piece in walk.pieces)
        if not walk.pieces or (uncovered and not opened):
            return None
        pieces = walk.finish()
        guards = [window for window in self.guards(model) if window.terms.kind != "concurrency"]
        terms = sources[0].subscription.terms
        charge = pieces[0].source.subscription.terms.lost_hold == "charge"
        expires = now + terms.hold_seconds * SECOND
        hold = NaiveHold(request, model, usage, now, expires, pieces, uncovered or walk.short, guards, charge)
        restored = self._restore(request, walk, now)
        for piece in pieces:
            pool = piece.source.pool
            if pool is not None:
                piece.lots = pool.take(nearest(piece.amount), restored)
                mine = pool.held.setdefault(request, {})
                for name, part in piece.lots.items():
                    mine[name] = mine.get(name, 0) + part
        anchors = {name: walk.anchor(window) for piece in pieces for name, window in _windows(piece)}
        for piece in pieces:
            for name, window in _windows(piece):
                window.record(request, anchors[name], nearest(piece.counted[name.rpartition("|")[2]]))
        for window in guards:
            window.record(request, window.instance(now)[0], MILLI)
        self.holds[request] = hold
        return hold

    def _restore(self, request: str, walk: Walk, now: int) -> set[str]:
        made = set()
        for pool, _, size in walk.restores:
            name = pool.put("restore", size, None)
            pool.restored.append(now)
            pool.restored_for.setdefault(request, []).append((name, size))
            made.add(name)
        return made

    def settle(self, request: str, usage: Usage, now: int) -> list[Piece]:
        hold = self.holds.pop(request)
        usage = usage._replace(requests=1, prompts=hold.usage.prompts)
        walk = Walk(request, hold.model, usage, hold.at, now, hold)
        if usage == hold.usage and not hold.uncovered:
            walk.pieces, walk.left = hold.pieces, Fraction(0)
        else:
            for held in hold.pieces:
                if walk.left > 0:
                    walk.draw_reserved(held)
            for source in self.sources(hold.model):
                walk.offer(source, True)
            if walk.left > 0:
                walk.overrun(walk.pieces[-1].source if walk.pieces else hold.pieces[0].source)
            walk.finish()
        self._close(hold, walk, now)
        return walk.pieces

    def _close(self, hold: NaiveHold, walk: Walk, now: int) -> None:
        request, paid = hold.request, walk.pieces
        drawn: dict[int, tuple[NaiveWindow, int, int]] = {}
        for piece in paid:
            for name, window in _windows(piece):
                amount = nearest(piece.counted[name.rpartition("|")[2]])
                _, anchor, before = drawn.get(id(window), (window, walk.anchor(window), 0))
                drawn[id(window)] = (window, anchor, before + amount)
        restored = self._restore("", walk, now)
        for piece in paid:
            if piece.source.pool is not None and piece.source.pool.terms.debt == "carry":
                piece.source.pool.owed += nearest(piece.debt)
        pools = {id(pool): pool for pool in (each.source.pool for each in (*hold.pieces, *paid)) if pool is not None}
        for pool in pools.values():
            self._close_in(pool, hold, paid, restored)
        for each in self.running():  # no window outlives its subscription: the others stay as they ended
            for window in each.windows.values():
                if not any(window is guard for guard in hold.guards) and (id(window) in drawn or window.of(request)):
                    found = drawn.get(id(window))
                    window.settle(request, found[1:] if found is not None else None)

    def _close_in(self, pool: NaivePool, hold: NaiveHold, paid: list[Piece], restored: set[str]) -> None:
        """What was held of one pool is used, or given back; what is wanted beyond it is burnt."""
        reserved = pool.held.pop(hold.request, {})
        kept: dict[str, int] = {}
        wanted = sum(nearest(piece.amount) for piece in paid if piece.source.pool is pool)
        for name, part in reserved.items():
            kept[name] = min(part, wanted)
            wanted -= kept[name]
        pool.give_back({name: part - kept[name] for name, part in reserved.items()})
        if wanted:
            for name, part in pool.take(wanted, restored).items():
                kept[name] = kept.get(name, 0) + part
        self._undo(pool, hold.request, hold.at, {name for name, part in kept.items() if part})

    def release(self, request: str) -> None:
        hold = self.holds.pop(request)
        for each in self.subscriptions:
            for pool in each.pools.values():
                if request in pool.held:
                    pool.give_back(pool.held.pop(request))
                    self._undo(pool, request, hold.at, set())
            for window in each.windows.values() if not each.over else ():
                window.erase(request)

    def _undo(self, pool: NaivePool, request: str, at: int, used: set[str]) -> None:
        """A restore of this hold that nobody needed never happened; a needed one lifts no pool over its cap."""
        for name, size in pool.restored_for.pop(request, []):
            lot = next((each for each in pool.lots if each.name == name), None)
            if lot is None:
                continue
            if name not in used and lot.balance == size:
                pool.lots.remove(lot)
                pool.restored.remove(at)
                continue
            assert pool.terms.refill is not None
            excess = pool.available + pool.held_total - pool.terms.refill.full
            lot.balance -= max(0, min(excess, lot.balance))


def _windows(piece: Piece) -> list[tuple[str, NaiveWindow]]:
    subscription = piece.source.subscription
    return [(f"{subscription.key}|{name}", subscription.windows[name]) for name in piece.counted]
