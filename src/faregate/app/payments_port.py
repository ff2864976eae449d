"""Payments: what the application asks of whoever collects and returns money.

Owns the Protocol and its values, the same for every payment provider. Does not know orders' prices, the journal, or
what a payment buys: it carries facts, and the caller compares them.

The rules that every payment provider keeps:

- **A fact is what the payment provider says, never what we asked for.** ``order`` and ``amount`` of a status are
  read from its answer; ``disagreements`` compares them with the order. None means that it did not say.
- **Unknown is never guessed.** A time-out, a 5xx, or an answer that contradicts itself is the state ``unknown`` with
  a ``problem``. The caller parks it and asks again: the same call with the same order is safe to repeat, always.
- **One order id is one payment.** It is begun or charged once; repeating sends the same idempotency key, or the order
  id where the payment provider keeps payments by it. Another amount, or a second try after ``failed``, is another id.
- **A webhook is verified before it is read**, and says which bytes are the same event.

Time is microseconds UTC. Nothing here is secret; ``repr`` of everything may be logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

PaymentsKind: TypeAlias = Literal["creem", "nowpayments", "stripe", "wechat_pay", "alipay", "manual"]

State: TypeAlias = Literal["pending", "succeeded", "failed", "cancelled", "unknown"]
"""``succeeded``, ``failed`` and ``cancelled`` are final; ``pending`` waits for the customer or for a bank;
``unknown`` waits for somebody to ask again."""

MandateState: TypeAlias = Literal["pending", "active", "ended", "unknown"]
DisputeState: TypeAlias = Literal["opened", "won", "lost"]

PROBLEMS = (
    "unreachable",
    "timed_out",
    "server_error",
    "unauthorised",
    "contradiction",
    "not_found",
    "rejected",
    "declined",
    "insufficient_funds",
    "authentication_required",
    "expired",
    "mandate_ended",
    "partially_paid",
    "paid_twice",
    "amount_too_small",
    "too_late",
    "not_paid",
)
"""Every ``code`` of a Problem. The first five, to ``contradiction``, come with ``unknown`` and with nothing else."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: ``amount`` in 10⁻⁹ of ``currency`` (ISO 4217 in upper case, or a crypto currency's code)."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a state is not the one hoped for. ``code`` is one of PROBLEMS; ``message`` is for people, in the payment
    provider's words where it gives any."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a payment provider can do.

    ``checkout``: the customer pays by link, code or instructions. ``mandate``: an order can ask for one.
    ``mandate_first``: such an order is only signed for at ``begin``; when its mandate is active, ``charge`` the same
    order with it. ``off_session``: a mandate can be charged by us. ``renews_itself``: the payment provider charges
    the mandate each period by itself and tells by ``renewal`` events. ``refund``, ``partial_refund``,
    ``cancel_mandate``, and ``abandon``: an unpaid payment can be closed so that it cannot be paid any more.
    ``by_hand``: an operator's confirmation stands for webhooks (``ConfirmedByHand``). ``names_refunds``: what it
    tells of a refund that we asked for bears our id of it.
    """

    checkout: bool = True
    mandate: bool = False
    mandate_first: bool = False
    off_session: bool = False
    renews_itself: bool = False
    refund: bool = False
    partial_refund: bool = False
    cancel_mandate: bool = False
    abandon: bool = False
    by_hand: bool = False
    names_refunds: bool = True


@dataclass(frozen=True, slots=True)
class Period:
    """How often a mandate is charged: every ``count`` of ``unit``. Only said for mandates."""

    unit: Literal["day", "month", "year"]
    count: int = 1


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """What the customer shall pay.

    ``order`` is our id of this payment (8 to 32 of ``A-Z a-z 0-9 _``; see "one order id is one payment").
    ``customer`` is our id of who pays, the same each time. ``return_url`` is where the customer's browser goes
    afterwards, which proves nothing; ``notify_url`` is where this payment provider's webhooks go. ``mandate``: ask
    for one, charged so often. ``product`` names what is sold, for payment providers that keep a list of products.
    ``method`` chooses within a payment provider (for crypto: the coin). ``expires_at``: it can be paid until then.
    ``begun_as``: an earlier begin of this very order was not answered, but told of itself under this reference.
    """

    order: str
    amount: Money
    description: str
    customer: str
    idempotency_key: str
    notify_url: str
    return_url: str
    at: int
    expires_at: int | None = None
    email: str | None = None
    mandate: Period | None = None
    product: str | None = None
    method: str | None = None
    begun_as: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the customer's browser here."""

    url: str


@dataclass(frozen=True, slots=True)
class QrText:
    """Show this text as a QR code, to be scanned with the payment provider's app."""

    text: str


@dataclass(frozen=True, slots=True)
class Instructions:
    """Show these lines, (label, text) in order, and wait. Labels are codes: ``address``, ``amount``,
    ``payment_code``, ``account`` and the like; the client puts them into the reader's language."""

    lines: tuple[tuple[str, str], ...]


HowToPay: TypeAlias = Redirect | QrText | Instructions


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment that the customer can now make.

    ``state`` is ``pending`` with ``reference`` and ``how``; or ``failed`` or ``unknown`` with a ``problem``.
    ``reference`` names the payment in every later call and fact, from begin to refund.
    """

    payment_provider: str
    order: str
    amount: Money
    state: State
    reference: str | None = None
    how: HowToPay | None = None
    expires_at: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """What a payment provider says of a payment.

    ``order`` and ``amount`` are its words; None where it says none. ``transaction`` is its own number of the money
    that moved, for reconciliation. ``mandate`` is what ``charge`` takes, once the payment left one behind.
    """

    payment_provider: str
    reference: str | None
    order: str | None
    amount: Money | None
    state: State
    problem: Problem | None = None
    transaction: str | None = None
    mandate: str | None = None


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money to give back: ``refund`` is our id of it (as order ids), ``order`` and ``payment`` (the reference) what
    it was paid with, ``paid`` all that was paid then, ``amount`` what is given back now."""

    refund: str
    order: str
    payment: str
    paid: Money
    amount: Money
    reason: str
    idempotency_key: str
    notify_url: str
    at: int


@dataclass(frozen=True, slots=True)
class RefundStatus:
    """What a payment provider says of a refund. ``reference`` is what ``refund_status`` takes; ``payment``,
    ``order``, ``refund`` and ``amount`` are its words, None where it says none. ``total`` is all that went back of
    the payment so far, where it says that and not this one's amount."""

    payment_provider: str
    reference: str | None
    refund: str | None
    payment: str | None
    order: str | None
    amount: Money | None
    state: State
    problem: Problem | None = None
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class MandateStatus:
    """What a payment provider says of a mandate. ``reference`` is what ``charge`` and ``cancel_mandate`` take, None
    before it is active; ``order`` is the order that asked for it."""

    payment_provider: str
    reference: str | None
    state: MandateState
    order: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DisputeStatus:
    """A customer asked their bank for the money back."""

    payment_provider: str
    reference: str
    payment: str | None
    order: str | None
    amount: Money | None
    state: DisputeState


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A webhook that was verified.

    ``event`` is the same for every delivery of one event. ``occurred_at`` orders events, as far as the payment
    provider keeps time; deliveries come in any order. ``kind`` is ``ignored`` (and ``fact`` None) for what is true
    but of no use. ``renewal`` is a payment that the payment provider made of a mandate by itself: the fact's
    ``order`` is then the order that made the mandate, its ``reference`` the new payment.
    """

    payment_provider: str
    event: str
    kind: Literal["payment", "renewal", "refund", "mandate", "dispute", "ignored"]
    fact: PaymentStatus | RefundStatus | MandateStatus | DisputeStatus | None
    occurred_at: int


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the sender of a webhook wants to hear, else it sends again."""

    body: bytes = b""
    content_type: str = "text/plain"
    status: int = 200


class PaymentProvider(Protocol):
    """One configured payment provider. Made inside a running loop; ``close`` it at the end."""

    @property
    def name(self) -> str:
        """As configured; in every fact and in the webhook's address."""

    @property
    def kind(self) -> PaymentsKind: ...

    @property
    def currencies(self) -> frozenset[str]:
        """What orders may be in."""

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def acknowledgement(self) -> Acknowledgement: ...

    async def begin(self, order: PaymentOrder) -> Begun:
        """Let the customer pay. Raises PaymentNotPossible before anything is sent."""

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        """Charge a mandate, the customer not being there. Raises PaymentNotPossible, PaymentUnsupported."""

    async def status(self, reference: str, order: str | None = None) -> PaymentStatus:
        """Ask how a payment stands; ``order`` is our id of it, where the caller knows it."""

    async def abandon(self, reference: str, order: str | None = None) -> PaymentStatus:
        """Close an unpaid payment; the answer says what it came to (``succeeded`` when it was paid meanwhile)."""

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """Give money back. Raises PaymentNotPossible, PaymentUnsupported."""

    async def refund_status(self, reference: str, order: RefundOrder) -> RefundStatus:
        """Ask how a refund stands."""

    async def mandate_status(self, payment: str) -> MandateStatus:
        """Ask for the mandate that the order begun as ``payment`` (its reference) left behind."""

    async def cancel_mandate(self, mandate: str) -> MandateStatus:
        """End a mandate at once: nothing is charged to it any more. Cancelled before is ``ended`` too."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> WebhookEvent:
        """The event in a webhook, verified. Header names in lower case. Raises WebhookRefused."""

    async def close(self) -> None:
        """Close connections."""


class RenewsItself(Protocol):
    """What a payment provider has besides that charges mandates by itself."""

    async def renewal(self, mandate: str) -> PaymentStatus:
        """The last payment that it made of ``mandate`` by itself; ``pending`` where there is none yet."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What an operator saw: money that came in for ``order``, or went out for ``refund`` of it.

    ``amount`` is what was seen, not what was ordered. ``seen`` is where: a line of a bank statement, a receipt.
    """

    order: str
    refund: str | None
    amount: Money
    state: Literal["succeeded", "failed", "cancelled"]
    operator: str
    seen: str
    at: int


class ConfirmedByHand(Protocol):
    """A payment provider without webhooks. The caller has made sure that an operator speaks."""

    def confirm(self, confirmation: Confirmation) -> WebhookEvent:
        """The event that this confirmation is. Saying it twice is one event."""


def disagreements(order: PaymentOrder, fact: Begun | PaymentStatus) -> tuple[str, ...]:
    """In what a fact differs from the order it is about: of ``order``, ``amount``, ``currency``; empty is agreement.

    What a fact does not say is a disagreement too, except where the payment has no answer yet.
    """
    if fact.amount is None and fact.order is None and fact.state in ("unknown", "failed", "cancelled"):
        return ()
    found = []
    if fact.order != order.order:
        found.append("order")
    if fact.amount is None or fact.amount.amount != order.amount.amount:
        found.append("amount")
    if fact.amount is None or fact.amount.currency != order.amount.currency:
        found.append("currency")
    return tuple(found)
