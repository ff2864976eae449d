"""The state of one account: its subscriptions with their pools and windows, its open holds, its segments.

Owns the structure that the journal builds. Changes only through ``evolve``; decides nothing.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faregate.core.extra_state import ExtraUsage
from faregate.core.pool import Lot, Pool
from faregate.core.terms import SourceTerms, Terms
from faregate.core.window import Window

if TYPE_CHECKING:
    from faregate.core.flags import Flag
    from faregate.core.request import Asker
    from faregate.core.route import Route
    from faregate.core.trade.book import Book

NEVER = 2**63 - 1


@dataclass(slots=True)
class Subscription:
    """One plan on the account. ``key`` is ``plan#n``; paid periods count from ``anchor``.

    ``period`` is the length of a paid one as bought, ``price`` the id of its price. ``ends_at`` is when it stops
    for good (None: it goes on). ``switch`` is its owner's choice for an opt-in wallet (None: never made). ``former``
    are terms it was under before, each with the entry that ended them. ``prompt_calls`` maps a session to (prompt
    key, calls under that prompt). ``extra`` is its Extra Usage, None until its owner first chose; ``key_limits`` are
    what single keys have under guards by key, by window id.
    """

    key: str
    terms: Terms
    bought_at: int
    anchor: int
    period_start: int
    period_end: int | None
    ends_at: int | None
    switch: bool | None = None
    pools: dict[str, Pool] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    prompt_calls: dict[str, tuple[str, int]] = field(default_factory=dict)
    former: tuple[tuple[int, Terms], ...] = ()
    period: str | None = None
    price: str | None = None
    extra: ExtraUsage | None = None
    key_limits: dict[str, int] = field(default_factory=dict)

    @property
    def switched_on(self) -> bool:
        return self.switch is True or (self.switch is None and not self.terms.opt_in)

    def terms_of(self, seq: int) -> Terms:
        """The terms it was under when entry ``seq`` was made."""
        for until, terms in self.former:
            if seq < until:
                return terms
        return self.terms

    def pool_of(self, source: SourceTerms) -> Pool | None:
        return self.pools[source.pool] if source.pool is not None else None


@dataclass(slots=True)
class Hold:
    """An open hold: what a request has reserved. ``data`` is the hold entry's own record."""

    request: str
    at: int
    seq: int
    expires_at: int
    data: dict[str, Any]


class AccountState:
    """Everything the engine knows of one account. ``seq`` is the last entry applied (0: none)."""

    __slots__ = (
        "account",
        "book",
        "due_at",
        "ended",
        "flags",
        "holds",
        "lots",
        "next_flag",
        "next_subscription",
        "prompts",
        "reserves",
        "routes",
        "routes_revision",
        "segments",
        "seq",
        "subscriptions",
        "windows",
    )

    def __init__(self, account: str) -> None:
        self.account = account
        self.seq = 0
        # What was bought and paid for; None for an account that never ordered anything.
        self.book: Book | None = None
        self.subscriptions: dict[str, Subscription] = {}
        # Subscriptions that are over but still have open holds.
        self.ended: dict[str, Subscription] = {}
        self.holds: dict[str, Hold] = {}
        # Indexes, by ledger account and by key: lots and windows of running subscriptions, and under ``held:…`` the
        # pools of those and of the ended ones.
        self.lots: dict[str, tuple[Pool, Lot]] = {}
        self.reserves: dict[str, Pool] = {}
        self.windows: dict[str, Window] = {}
        self.segments: dict[str, tuple[int, int | None, str]] = {}
        self.next_subscription = 1
        self.flags: dict[str, Flag] = {}
        self.next_flag = 1
        # The keys of prompts asked of late, each with the request that was counted for it.
        self.prompts: dict[str, str] = {}
        self.due_at = NEVER
        # Compiled routes by model: a cache, dropped whenever terms, segments or the market change.
        self.routes: dict[tuple[str, Asker], Route] = {}
        self.routes_revision = -1

    def copy(self) -> AccountState:
        """An independent copy; terms and hold records are shared, caches are not carried over."""
        shared: dict[int, Any] = {}
        for subscription in (*self.subscriptions.values(), *self.ended.values()):
            shared[id(subscription.terms)] = subscription.terms
            shared[id(subscription.former)] = subscription.former
            for pool in subscription.pools.values():
                shared[id(pool.terms)] = pool.terms
            for window in subscription.windows.values():
                shared[id(window.terms)] = window.terms
        twin = AccountState(self.account)
        twin.seq, twin.due_at = self.seq, self.due_at
        twin.next_subscription = self.next_subscription
        twin.subscriptions = deepcopy(self.subscriptions, shared)
        twin.ended = deepcopy(self.ended, shared)
        twin.holds = dict(self.holds)
        twin.segments = dict(self.segments)
        twin.flags, twin.next_flag = dict(self.flags), self.next_flag
        twin.prompts = dict(self.prompts)
        twin.book = self.book.copy() if self.book is not None else None
        twin.index()
        return twin

    def index(self) -> None:
        """Make the indexes of lots and windows anew."""
        self.lots = {}
        self.reserves = {}
        self.windows = {}
        for over in self.ended.values():
            for pool in over.pools.values():
                self.reserves["held:" + pool.key] = pool
        for subscription in self.subscriptions.values():
            for pool in subscription.pools.values():
                self.reserves["held:" + pool.key] = pool
                for lot in pool.lots:
                    self.lots[lot.ledger] = (pool, lot)
            for window in subscription.windows.values():
                self.windows[window.key] = window
        self.routes = {}

    def subscription(self, key: str) -> Subscription | None:
        """The subscription of that key, running or over with holds still open."""
        return self.subscriptions.get(key) or self.ended.get(key)

    def reserved_in(self, window: str) -> dict[int, int]:
        """What open holds reserve in the window of that key, by anchor."""
        reserved: dict[int, int] = {}
        for hold in self.holds.values():
            draws = [draw for piece in hold.data["slices"] for draw in piece[12]]
            for key, anchor, amount in (*draws, *hold.data.get("guards", ())):
                if key == window:
                    reserved[anchor] = reserved.get(anchor, 0) + amount
        return reserved

    def find_pool(self, key: str) -> Pool | None:
        """The pool of that key, also of a subscription that is over but has holds."""
        return self.reserves.get("held:" + key)

    def of_plan(self, plan: str) -> Subscription | None:
        """The running subscription of ``plan``, the latest if there are several."""
        for subscription in reversed(self.subscriptions.values()):
            if subscription.terms.plan == plan:
                return subscription
        return None

    def in_segment(self, segment: str, at: int) -> bool:
        held = self.segments.get(segment)
        return held is not None and held[0] <= at and (held[1] is None or at < held[1])

    def burn_order(self) -> list[Subscription]:
        """Subscriptions as they pay: families in the order they joined, inside one by rank, then by purchase."""
        families: dict[str, int] = {}
        for subscription in self.subscriptions.values():
            families.setdefault(subscription.terms.family, len(families))
        return sorted(
            self.subscriptions.values(),
            key=lambda subscription: (
                families[subscription.terms.family],
                subscription.terms.rank,
                subscription.bought_at,
            ),
        )
