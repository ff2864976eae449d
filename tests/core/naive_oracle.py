"""The naive oracle: what an account's plans should say, decided slowly with fractions and plain lists.

Owns the rules once more, written apart from the engine: who pays what share of a request at admission and at
settlement, and what time itself does. Prices come from ``generated_plans``; amounts are exact until a piece is
rounded half-even.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from faregate.core.amounts import MILLI, NANO
from faregate.core.terms import ByModel, BySchedule, Progressive, SourceTerms
from faregate.core.usage import Usage
from tests.core.generated_plans import PRICES
from tests.core.naive_books import FOREVER, NaivePool, NaiveSubscription, NaiveWindow, full

UNLIMITED = Fraction(FOREVER)


def nearest(value: Fraction) -> int:
    return round(value)  # of a Fraction: half to even, exact


def listed(model: str, usage: Usage) -> Fraction:
    prices = PRICES[model]
    parts = (("input", usage.input), ("cached", usage.cached), ("output", usage.output))
    return sum((prices[name] * amount for name, amount in parts), Fraction(0)) * NANO


def quantity(unit: str, model: str, usage: Usage) -> Fraction:
    if unit == "token":
        return Fraction(usage.total_input + usage.output) * MILLI
    if unit == "uncached":
        return Fraction(usage.input + usage.output) * MILLI
    if unit == "request":
        return Fraction(usage.requests) * MILLI
    if unit == "prompt":
        return Fraction(usage.prompts) * MILLI
    return listed(model, usage)


def is_whole(unit: str) -> bool:
    return unit in ("request", "prompt")


@dataclass
class Source:
    """One source of one subscription, with what it counts for one model."""

    subscription: NaiveSubscription
    terms: SourceTerms

    @property
    def key(self) -> str:
        return f"{self.subscription.key}/{self.terms.id}"

    @property
    def pool(self) -> NaivePool | None:
        return self.subscription.pools[self.terms.pool] if self.terms.pool else None

    @property
    def unit(self) -> str:
        return self.terms.meter.unit

    @property
    def rule(self) -> Progressive | None:
        return next((each for each in self.terms.multipliers if isinstance(each, Progressive)), None)

    def fixed(self, model: str) -> Fraction:
        value = Fraction(1)
        for rule in self.terms.multipliers:
            if isinstance(rule, ByModel):
                value *= dict(rule.values).get(model, Fraction(1))
            elif isinstance(rule, BySchedule):
                value *= rule.values[0][1]
        return value

    def progress(self) -> NaiveWindow:
        assert self.rule is not None
        return self.subscription.windows[f"{self.terms.id}.{self.rule.name}"]

    def counts(self, model: str, usage: Usage, bracket: int) -> list[tuple[NaiveWindow, Fraction, bool]]:
        """(window, what the whole request counts in it, whether that never splits)."""
        value = self.rule.brackets[bracket][1] if self.rule else Fraction(1)
        found = []
        for name in self.terms.windows:
            window = self.subscription.windows[name]
            meter = window.terms.meter
            unit = self.unit if meter is None else "uncached" if meter.name == "uncached" else meter.unit
            counted = quantity(unit, model, usage)
            if window.terms.multiplied:
                counted *= self.fixed(model) * value
            found.append((window, counted, is_whole(unit)))
        return found


@dataclass
class Piece:
    """What one source pays at one bracket: exact until rounded."""

    source: Source
    bracket: int
    share: Fraction = Fraction(0)
    amount: Fraction = Fraction(0)
    debt: Fraction = Fraction(0)
    counted: dict[str, Fraction] = field(default_factory=dict)
    lots: dict[str, int] = field(default_factory=dict)
    value: int = 0

    def row(self) -> tuple[str, int, int, int, int]:
        return (self.source.key, self.bracket, nearest(self.amount), nearest(self.debt), self.value)


@dataclass
class NaiveHold:
    request: str
    model: str
    usage: Usage
    at: int
    expires: int
    pieces: list[Piece]
    uncovered: bool
    guards: list[NaiveWindow]
    charge: bool


class Walk:
    """One distribution of one request over sources. ``hold`` is the request's own hold when it is being settled."""

    def __init__(self, request: str, model: str, usage: Usage, at: int, now: int, hold: NaiveHold | None) -> None:
        self.request, self.model, self.usage, self.at, self.now, self.hold = request, model, usage, at, now, hold
        self.left = Fraction(1)
        self.pieces: list[Piece] = []
        self.restores: list[tuple[NaivePool, str, int]] = []
        self.whole_done: set[int] = set()
        self.short = False

    # What this walk has drawn so far, in rounded amounts, since only whole smallest parts leave a pool.

    def drawn_of_pool(self, pool: NaivePool, beside: Piece | None = None) -> int:
        """What the walk takes beyond what its hold reserved, less what it restored."""
        taken = 0
        for piece in self.pieces:
            if piece.source.pool is pool and piece is not beside:
                taken += nearest(piece.amount)
        if self.hold is not None:
            taken -= pool.held_by(self.request)
        return taken - sum(size for owner, _, size in self.restores if owner is pool)

    def drawn_of_window(self, window: NaiveWindow, beside: Piece | None = None) -> int:
        return sum(
            nearest(amount)
            for piece in self.pieces
            for name, amount in piece.counted.items()
            if piece.source.subscription.windows[name] is window and piece is not beside
        )

    def anchor(self, window: NaiveWindow) -> int:
        own = window.of(self.request) if self.hold is not None else None
        return own[0] if own is not None else window.instance(self.at)[0]

    def room(self, window: NaiveWindow, beside: Piece | None = None) -> Fraction:
        anchor = self.anchor(window)
        if window.closes(anchor) <= self.now:
            return UNLIMITED
        own = window.of(self.request) if self.hold is not None else None
        reserved = own[1] if own is not None else 0
        free = max(window.terms.limit - window.used(self.now), 0)
        return Fraction(free + reserved - self.drawn_of_window(window, beside))

    def piece(self, source: Source, bracket: int) -> Piece:
        for piece in self.pieces:
            if piece.source.key == source.key and piece.bracket == bracket:
                return piece
        self.pieces.append(Piece(source, bracket))
        return self.pieces[-1]

    def need(self, source: Source, bracket: int) -> Fraction:
        value = source.rule.brackets[bracket][1] if source.rule else Fraction(1)
        return quantity(source.unit, self.model, self.usage) * source.fixed(self.model) * value

    def bracket(self, source: Source) -> tuple[int, int | None]:
        """(bracket the source is in now, list value left in it)."""
        if source.rule is None:
            return 0, None
        window = source.progress()
        anchor = self.anchor(window)
        own = window.of(self.request) if self.hold is not None else None
        paid = self.drawn_of_window(window) - (own[1] if own is not None else 0)
        if window.closes(anchor) <= self.now:
            # The day of the admission is over and forgotten: no cheaper than what the request has paid so far.
            first = max((piece.bracket for piece in self.pieces if piece.source.key == source.key), default=0)
            return first, None
        paid += window.used(self.now)
        for index, (up_to, _) in enumerate(source.rule.brackets):
            if up_to is None:
                return index, None
            if paid < up_to:
                return index, up_to - paid
        raise AssertionError

    def count(self, piece: Piece, share: Fraction) -> None:
        source = piece.source
        for window, counted, whole in source.counts(self.model, self.usage, piece.bracket):
            if counted <= 0:
                continue
            if whole:
                if id(window) in self.whole_done:
                    continue
                self.whole_done.add(id(window))
            part = counted if whole else counted * share
            before = piece.counted.get(window.terms.id, Fraction(0))
            capacity = max(self.room(window, piece), Fraction(0))
            if self.hold is None and nearest(before + part) > capacity:
                part, self.short = capacity - before, True
            piece.counted[window.terms.id] = piece.counted.get(window.terms.id, Fraction(0)) + part
        if source.rule is not None:
            name = source.progress().terms.id
            piece.counted[name] = piece.counted.get(name, Fraction(0)) + listed(self.model, self.usage) * share
        piece.share += share
        self.left -= share

    def pay_whole(self, piece: Piece) -> None:
        """A meter that does not split: all of it, as far as there is something to pay it with."""
        source = piece.source
        need, pool = self.need(source, piece.bracket), source.pool
        if pool is None:
            if self.hold is None:
                for window, _, _ in source.counts(self.model, self.usage, piece.bracket):
                    if window.terms.meter is None and window.terms.multiplied:
                        need = min(need, max(self.room(window), Fraction(0)))
            piece.amount += need
            self.short = self.short or piece.amount < self.need(source, piece.bracket)
            return
        paid = min(need, Fraction(max(pool.available - self.drawn_of_pool(pool, piece), 0)))
        piece.amount += paid
        if self.hold is not None:
            piece.debt += need - paid
        else:
            self.short = self.short or paid < need

    def draw_reserved(self, held: Piece) -> None:
        source, need = held.source, self.need(held.source, held.bracket)
        reserved = nearest(held.amount)
        if is_whole(source.unit):
            piece = self.piece(source, held.bracket)
            self.pay_whole(piece)
            self.count(piece, self.left)
            return
        share = self.left
        if need > 0 and nearest(need * share) > reserved:
            share = min(share, reserved / need)
        for window, counted, whole in source.counts(self.model, self.usage, held.bracket):
            if not whole and counted > 0 and nearest(counted * share) > self.room(window):
                share = min(share, max(self.room(window), Fraction(0)) / counted)
        if share <= 0:
            return
        piece = self.piece(source, held.bracket)
        piece.amount += need * share
        self.count(piece, share)

    def offer(self, source: Source, overdraw: bool) -> None:
        pool = source.pool
        while self.left > 0:
            bracket, bracket_room = self.bracket(source)
            need = self.need(source, bracket)
            if pool is not None and pool.owed > 0 and need > 0:
                return
            share, by_pool = self.most(source, bracket, overdraw)
            at_edge = False
            if bracket_room is not None and not is_whole(source.unit) and listed(self.model, self.usage) > 0:
                edge = bracket_room / listed(self.model, self.usage)
                if edge < share:
                    share, at_edge = edge, True
            if share > 0 or at_edge:
                piece = self.piece(source, bracket)
                if is_whole(source.unit):
                    self.pay_whole(piece)
                else:
                    piece.amount += need * share
                self.count(piece, share)
            if self.left > 0 and not at_edge and not (by_pool and self.restore(source, bracket)):
                return

    def most(self, source: Source, bracket: int, overdraw: bool) -> tuple[Fraction, bool]:
        """The largest share that the source's pool and windows allow, and whether the pool is what sets it."""
        share, by_pool = self.left, False
        pool, need = source.pool, self.need(source, bracket)
        mine = next((p for p in self.pieces if p.source.key == source.key and p.bracket == bracket), None)
        if pool is not None and need > 0:
            capacity = Fraction(pool.available - self.drawn_of_pool(pool, mine))
            allowed = self.allowed(capacity, mine.amount if mine else 0, need, is_whole(source.unit), overdraw)
            if allowed < share:
                share, by_pool = allowed, True
        for window, counted, whole in source.counts(self.model, self.usage, bracket):
            if counted <= 0 or (whole and id(window) in self.whole_done):
                continue
            drawn = mine.counted.get(window.terms.id, 0) if mine else 0
            at_once = whole or is_whole(source.unit)
            allowed = self.allowed(self.room(window, mine), drawn, counted, at_once, overdraw)
            if allowed < share:
                share, by_pool = allowed, False
        return share, by_pool

    def allowed(
        self, capacity: Fraction, drawn: Fraction | int, need: Fraction, whole: bool, overdraw: bool
    ) -> Fraction:
        """The share that ``capacity`` lets one piece draw, beside what the piece has ``drawn`` of it before."""
        if capacity - drawn <= 0:
            return Fraction(0)
        if whole:
            return self.left if overdraw or capacity - drawn >= need else Fraction(0)
        if nearest(drawn + need * self.left) <= capacity:
            return self.left
        return (capacity - drawn) / need

    def restore(self, source: Source, bracket: int) -> bool:
        pool = source.pool
        assert pool is not None
        refill = pool.terms.refill
        if refill is None or refill.kind != "restore" or not pool.automatic:
            return False
        done = sum(1 for owner, _, _ in self.restores if owner is pool)
        if pool.restores_left(self.now) - done <= 0:
            return False
        counts = source.counts(self.model, self.usage, bracket)
        if any(counted > 0 and self.room(window) <= 0 for window, counted, _ in counts):
            return False
        others = pool.held_total - pool.held_by(self.request)
        size = full(refill) - others - max(pool.available - self.drawn_of_pool(pool), 0)
        if size <= 0:
            return False
        self.restores.append((pool, str(pool.made + 1 + done), size))
        return True

    def needed(self, index: int) -> bool:
        """Whether anything was drawn out of a restore: if not, it was not made."""
        pool, _, _ = self.restores[index]
        before = sum(size for owner, _, size in self.restores[:index] if owner is pool)
        everything = sum(size for owner, _, size in self.restores if owner is pool)
        return self.drawn_of_pool(pool) + everything > pool.available + before

    def overrun(self, source: Source) -> None:
        bracket = self.pieces[-1].bracket if self.pieces else self.bracket(source)[0]
        piece = self.piece(source, bracket)
        rest = self.need(source, bracket) * self.left
        paid = rest
        if source.pool is not None:
            capacity = source.pool.available - self.drawn_of_pool(source.pool, piece)
            free = max(capacity - piece.amount, Fraction(0))
            paid = min(rest, free) if source.pool.terms.debt == "carry" else Fraction(0)
        piece.amount += paid
        piece.debt += rest - paid
        self.count(piece, self.left)

    def finish(self) -> list[Piece]:
        """List values: each rounded, the last one taking the rest where all is covered."""
        whole = listed(self.model, self.usage)
        given = 0
        for index, piece in enumerate(self.pieces):
            last = self.left == 0 and index == len(self.pieces) - 1
            piece.value = nearest(whole) - given if last else nearest(whole * piece.share)
            given += piece.value
        self.restores = [made for index, made in enumerate(self.restores) if self.needed(index)]
        return self.pieces
