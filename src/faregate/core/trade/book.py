"""The trade book of one account: its orders, agreements, refunds, and what is still to be asked outside.

Owns the structure that the journal builds. Changes only through ``applying``; decides nothing. ``facts`` of orders
and refunds are the record of their own entry, JSON-able; the other fields follow from later entries.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

NEVER = 2**63 - 1
LAPSED = "lapsed"
KEPT_CASES = 50
"""Settled cases (disputes and the like) that are remembered."""
KEPT_CLOSED = 200
"""Closed orders and refunds an account's state remembers; older ones stand in the journal."""

Received = tuple[str, str, str, int, str]
"""Money that came: (payment id, payment provider, reference, amount, currency)."""

LOOKS = ("look", "look_refund")
"""Kinds of effects that look again at what came to nothing."""
OPEN_STATES = frozenset({"waiting", "in_doubt", "review"})


@dataclass(slots=True)
class Order:
    """Something bought, from its placing to its end.

    ``state``: ``waiting`` for money, ``in_doubt`` (a payment's outcome is unknown), ``review`` (money came that does
    not match: a person decides), ``done``, ``closed`` (nothing was delivered; ``reason`` says why).
    ``escrow`` is what lies on its ledger account, in 10⁻⁹ of its currency. ``tries`` are the ids of its payments, the
    last one the current; ``reference`` and ``link`` are the payment provider's name of it and how to pay.
    ``received`` are the payments that brought money: (payment id, payment provider, reference, amount, currency).
    """

    id: str
    at: int
    facts: dict[str, Any]
    state: str = "waiting"
    escrow: int = 0
    expires_at: int | None = None
    tries: int = 1
    reference: str | None = None
    link: dict[str, Any] | None = None
    reason: str = ""
    received: list[Received] = field(default_factory=list)
    done_at: int | None = None
    invoice: str | None = None
    refunded: int = 0

    @property
    def payment(self) -> str:
        """Id of the current payment, as payment providers know it."""
        return f"{self.id}_{self.tries}"

    @property
    def currency(self) -> str:
        return str(self.facts["currency"])

    @property
    def outside(self) -> int:
        """What is to come from a payment provider."""
        return int(self.facts["outside"])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_left_over(self) -> bool:
        """Whether it is paid for the next period of what is over."""
        return self.state == "paid" and self.reason == LAPSED


@dataclass(slots=True)
class Agreement:
    """How a bought subscription goes on: who pays its periods, and what it becomes.

    ``auto``: it goes on period by period; ``renews_itself``: the payment provider charges each by itself.
    ``mandate`` lets ``payer`` (a payment provider) be charged without the customer; ``root`` is the order that left
    it behind. ``next``: the plan and price it is renewed as. ``order`` is the open order of its renewal. ``orders``
    paid for the running period; ``used`` is what the subscription drew in that period, by unit, ``worth`` its list
    value by currency. ``failures`` counts charges in vain. ``notice``: called off too late for the next period, which
    is its last; ``reason`` says why it was called off where its owner did not. ``paused`` is (since when, length
    left of the period, its switch before). ``refund`` is one on its way, ``switch_before`` what its switch was before
    that. ``stood``: how long the running period was paused before. ``binding`` is a mandate that is being signed: its
    id, the payment provider, and how to sign once known.
    """

    auto: bool
    currency: str
    payer: str | None = None
    mandate: str | None = None
    next: tuple[str, str] | None = None
    order: str | None = None
    orders: tuple[str, ...] = ()
    used: dict[str, int] = field(default_factory=dict)
    worth: dict[str, int] = field(default_factory=dict)
    renews_itself: bool = False
    root: str | None = None
    failures: int = 0
    notice: bool = False
    paused: tuple[int, int | None, bool | None] | None = None
    refund: str | None = None
    switch_before: bool | None = None
    reason: str = ""
    binding: dict[str, Any] | None = None
    stood: int = 0

    @property
    def charges_itself(self) -> bool:
        """Whether the payment provider takes the next period's money by itself."""
        return self.renews_itself and self.mandate is not None


@dataclass(slots=True)
class Refund:
    """Money on its way back. ``state``: ``processing``, ``in_doubt``, ``succeeded``, ``failed`` or ``cancelled``.

    ``facts``: the order and payment it returns, the amount in ``currency``, why, and the sum it came from.
    """

    id: str
    at: int
    facts: dict[str, Any]
    state: str = "processing"
    reason: str = ""
    reference: str | None = None
    done_at: int | None = None
    note: str | None = None

    @property
    def amount(self) -> int:
        return int(self.facts["amount"])


@dataclass(slots=True)
class Effect:
    """Something to be asked of a payment provider, again and again until there is an answer.

    ``id`` is its idempotency key. ``kind``: ``begin``, ``charge``, ``ask`` (how a payment stands), ``abandon``,
    ``refund``, ``ask_refund``, ``sign`` (a mandate for a subscription), ``ask_mandate``, ``cancel_mandate``,
    ``ask_renewal`` (of a mandate that is charged over there), ``look`` and ``look_refund`` (again, at what came to
    nothing), or ``give`` (to another account). ``due_at`` is when to
    ask next: a worker that begins to ask moves it first. ``problem`` is why there was no answer, the last time that
    one was due, and ``silent_since`` the first time.
    """

    id: str
    kind: str
    about: str
    due_at: int
    facts: dict[str, Any]
    tries: int = 0
    problem: str = ""
    silent_since: int | None = None


class Book:
    """Everything an account ever ordered that still matters."""

    __slots__ = (
        "agreements",
        "coupons",
        "credit_notes",
        "effects",
        "facts",
        "invoices",
        "orders",
        "paid",
        "refunds",
        "trials",
    )

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.agreements: dict[str, Agreement] = {}
        self.refunds: dict[str, Refund] = {}
        self.effects: dict[str, Effect] = {}
        self.invoices = 0
        self.credit_notes = 0
        # Families in which the account paid for something, each with the first time; trials it had, by plan.
        self.paid: dict[str, int] = {}
        self.trials: set[str] = set()
        # Coupons it used, each with the times.
        self.coupons: dict[str, int] = {}
        # What else is known of it: who invited it, rewards on their way.
        self.facts: dict[str, Any] = {}

    def copy(self) -> Book:
        """An independent copy; records of entries are shared."""
        shared: dict[int, Any] = {}
        records: list[Order | Refund | Effect] = [
            *self.orders.values(),
            *self.refunds.values(),
            *self.effects.values(),
        ]
        for each in records:
            shared[id(each.facts)] = each.facts
        twin = Book()
        for name in Book.__slots__:
            setattr(twin, name, deepcopy(getattr(self, name), shared))
        return twin

    def order(self, id: str | None) -> Order | None:
        return self.orders.get(id) if id is not None else None

    def next_step(self) -> int:
        """When an order gives up waiting, or a reward moves on, at the earliest; far away when nothing does."""
        waiting = [each.expires_at for each in self.orders.values() if each.state == "waiting" or each.is_left_over]
        reward = self.facts.get("reward", {})
        waiting.append(
            {"waiting": reward.get("review_from"), "review": reward.get("given_at")}.get(reward.get("state"))
        )
        return min((at for at in waiting if at is not None), default=NEVER)

    def goes_on(self, subscription: str) -> bool:
        """Whether the end of that subscription's period asks for something: not while an order for it is open."""
        agreement = self.agreements.get(subscription)
        if agreement is None:
            return True
        order = self.order(agreement.order)
        open_order = order is not None and order.state in ("waiting", "in_doubt", "review")
        return agreement.auto and agreement.paused is None and agreement.refund is None and not open_order

    def is_paused(self, subscription: str) -> bool:
        """Whether the clock of that subscription stands still."""
        agreement = self.agreements.get(subscription)
        return agreement is not None and agreement.paused is not None

    def due_at(self) -> int | None:
        """When something is to be asked outside, or None."""
        return min((effect.due_at for effect in self.effects.values()), default=None)

    def count(self, slices: list[Any]) -> None:
        """Count what a settlement drew, for subscriptions that were paid for."""
        for piece in slices:
            agreement = self.agreements.get(piece[0].rpartition("/")[0])
            if agreement is None:
                continue
            unit, amount, list_value, currency = piece[3], piece[4] + piece[5], piece[6], piece[7]
            agreement.used[unit] = agreement.used.get(unit, 0) + amount
            if currency:
                agreement.worth[currency] = agreement.worth.get(currency, 0) + list_value

    def tidy(self) -> None:
        """Forget the oldest of what is closed beyond KEPT_CLOSED."""
        kinds: tuple[dict[str, Any], ...] = (self.orders, self.refunds)
        for kept in kinds:
            excess = len(kept) - KEPT_CLOSED
            if excess > 0:
                _forget(kept, excess, self)


def _forget(kept: Any, excess: int, book: Book) -> None:
    needed = {order for each in book.agreements.values() for order in (*each.orders, each.order, each.root)}
    needed |= {effect.about for effect in book.effects.values()}
    over = [id for id, each in kept.items() if each.done_at is not None]
    for id in [id for id in over if id not in needed and kept[id].facts.get("order") not in needed][:excess]:
        del kept[id]
