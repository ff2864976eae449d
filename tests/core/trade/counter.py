"""A customer at a counter: the books of one account, payment providers with books of their own, and the post between.

Owns the moves that a random walk is made of, and the laws that hold after each. Asks payment providers through the
application's own questions, without a loop: scripted payers answer at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from faregate.app.answers import done
from faregate.app.payments_port import MandateStatus, PaymentProvider, PaymentStatus, RefundStatus, WebhookEvent
from faregate.app.questions import ask, fact_of, hear_return
from faregate.core.commands import find_subscription, grant
from faregate.core.errors import CoreError
from faregate.core.evolve import evolve
from faregate.core.instants import DAY
from faregate.core.roll import roll
from faregate.core.trade import agreeing, outbox, quote, refunding
from faregate.core.trade.agenda import next_due, open_matters
from faregate.core.trade.book import Order
from faregate.core.trade.buying import change_later, place_order
from faregate.core.trade.draft import Draft
from faregate.core.trade.keeping import book_data
from faregate.core.trade.mandates import MandateFact, hear_mandate
from faregate.core.trade.ordering import Payer, withdraw
from faregate.core.trade.payments import hear, hear_renewal, order_of
from faregate.core.trade.quote import Discount
from faregate.core.trade.resolving import resolve
from tests.core.trade.customer import Customer, money, shelf
from tests.money.scripted_payer import ScriptedPayer, Truth

PAYERS = {"stripe": "charged", "creem": "renews_itself", "nowpayments": "coins", "wechat": "signed_first"}
"""Names that plans know, and what kind each is."""
Result = TypeVar("Result")
WALLETS = {"agipower/payg": "USD", "credits/pay2go": "USD", "glm/api": "CNY"}


class Counterside:
    """One account, its customer, and everybody who is paid. ``mishap`` is what befalls the next answers."""

    def __init__(self, shapes: Mapping[str, str] | None = None) -> None:
        self.customer = Customer()
        self.truth = Truth()
        self.mishaps: list[str] = []
        self.calls = 0
        self.mishap: Callable[[str], str] = lambda call: self.mishaps.pop() if self.mishaps else ""
        self.befell = ""
        self.post: list[WebhookEvent] = []
        self.numbers = 0
        self.payers: dict[str, ScriptedPayer] = {}
        for name, shape in {**PAYERS, **(shapes or {})}.items():
            self.payers[name] = ScriptedPayer(self.truth, name, self._mishap, shape=shape)

    def _mishap(self, call: str) -> str:
        self.calls += 1
        self.befell = self.mishap(call)
        return self.befell

    def payer(self, name: str) -> Payer:
        """A payment provider as rules know it."""
        can = self.payers[name].capabilities
        return Payer(name, charges=can.off_session, renews_itself=can.renews_itself, signs_first=can.mandate_first)

    # ---- acts, each all or nothing

    def act(self, make: Callable[[Draft, int, str], Any]) -> bool:
        """Whether it could be done."""
        customer = self.customer
        customer.until(customer.now)
        draft = customer.draft()
        try:
            make(draft, customer.now, customer.key())
        except CoreError:
            return False
        customer.take(draft)
        return True

    def buy(
        self, plan: str, price: str | None, payer: str, once: bool = False, off: tuple[Discount, ...] = ()
    ) -> bool:
        def make(draft: Draft, now: int, key: str) -> None:
            terms = shelf().sold(plan, now).terms
            quoted = quote.buy(draft.state, terms, price, now, draft.market, off, once)
            place_order(draft, quoted, self.payer(payer), now, key)

        return self.act(make)

    def top_up(self, plan: str, amount: str, payer: str) -> bool:
        def make(draft: Draft, now: int, key: str) -> None:
            wallet = find_subscription(draft.state, plan)
            asked = quote.top_up(draft.state, wallet, money(amount, WALLETS[plan]), payer, draft.market)
            place_order(draft, asked, self.payer(payer), now, key)

        return self.act(make)

    def change(self, plan: str, to: str, payer: str, price: str | None = None) -> bool:
        def make(draft: Draft, now: int, key: str) -> None:
            running = find_subscription(draft.state, plan)
            quoted = quote.change(draft.state, running, shelf().sold(to, now).terms, price, now, draft.market)
            if quoted.kind == "scheduled":
                change_later(draft, quoted, now, key)
            else:
                place_order(draft, quoted, self.payer(payer), now, key)

        return self.act(make)

    def agree(self, plan: str, verb: str) -> bool:
        def make(draft: Draft, now: int, key: str) -> None:
            running, state = find_subscription(draft.state, plan), draft.state
            match verb:
                case "call_off":
                    draft.add(agreeing.call_off(state, running, now, key, draft.market))
                case "take_back":
                    draft.add(agreeing.take_back(state, running, now, key, draft.market))
                case "pause":
                    draft.add(agreeing.pause(state, running, now, key))
                case "go_on":
                    draft.add(agreeing.go_on(state, running, now, key, draft.market))
                case _:
                    draft.add(agreeing.schedule(state, running, None, now, key))

        return self.act(make)

    def refund(self, plan: str) -> bool:
        def make(draft: Draft, now: int, key: str) -> None:
            running = find_subscription(draft.state, plan)
            quoted = refunding.refund_quote(draft.state, running, now, draft.market)
            assert 0 < quoted.amount <= quoted.paid
            refunding.ask_refund(draft, quoted, now, key)

        return self.act(make)

    def withdraw(self, order: Order) -> bool:
        return self.act(lambda draft, now, key: draft.add(withdraw(draft.state, order, now, key)))

    def resolve(self, order: Order, how: Any) -> bool:
        def make(draft: Draft, now: int, key: str) -> None:
            resolve(draft, draft.state.book.orders[order.id], how, "seen", now, key)  # type: ignore[union-attr]

        return self.act(make)

    def give(self, pool: str, amount: str) -> bool:
        """The house puts money into a purse."""

        def make(draft: Draft, now: int, key: str) -> None:
            wallet = find_subscription(draft.state, "glm/api")
            draft.add(grant(draft.state, wallet, wallet.pools[pool], money(amount, "CNY"), now, key))

        return self.act(make)

    # ---- those who are paid

    def work(self, most: int = 3, death: str = "") -> None:
        """Ask what is due, at most so many things. ``death``: the process dies ``before`` it asks the last of them,
        or ``after`` that, before the answer is written down.
        """
        customer = self.customer
        for number in range(most):
            customer.until(customer.now)
            if customer.state.book is None:
                return
            due = outbox.due(customer.state, customer.now)
            if not due:
                return
            customer.add(outbox.attempt(customer.state, due[0], customer.now))
            asked = customer.book.effects[due[0].id]
            self.befell, dies = "", death if number == most - 1 else ""
            if dies == "before":
                return
            if asked.kind in ("give", "take", "coupon_used", "coupon_back"):
                answer = done("done")
            else:
                payer: PaymentProvider = self.payers[str(asked.facts["payer"])]
                answer = at_once(ask(payer, customer.state, asked, customer.now, "https://gate.example"))
            for each in self.payers.values():
                self.post += each.news
                each.news.clear()
            if dies == "after":
                return
            for _ in range(2 if self.befell == "doubled" else 1):
                draft = customer.draft()
                answer.write(draft, asked.id, customer.now)
                customer.take(draft)

    def pay(self, payment: str) -> None:
        """The customer pays something that is asked of them, whatever became of the order; the post has it."""
        payer = self.payers[self._payer_of(payment)]
        self.post.append(payer.pay(payment))

    def sign(self, payment: str) -> None:
        """The customer signs what is charged later."""
        self.post.append(self.payers[self._payer_of(payment)].sign(payment))

    def _payer_of(self, payment: str) -> str:
        return str(self.customer.book.orders[order_of(payment)].facts["payer"])

    def pending(self) -> list[str]:
        """Payments that can be paid."""
        return [payment for payment, (_, state) in self.truth.payments.items() if state == "pending"]

    def signings(self) -> list[str]:
        """What can be signed."""
        return list(self.truth.signings)

    def renew_itself(self) -> None:
        """A payment provider that renews by itself takes money for a mandate that lives."""
        for key, agreement in (self.customer.book.agreements if self.customer.state.book else {}).items():
            if not (agreement.mandate and agreement.renews_itself and self.truth.mandates.get(agreement.mandate)):
                continue
            running, first_paid = self.customer.state.subscriptions[key], agreement.mandate.removeprefix("m_")
            if running.period_end is None or running.period_end - self.customer.now > 2 * DAY:
                continue
            payment = f"{first_paid}r{running.period_end}"
            if payment in self.truth.payments:
                continue
            first, _ = self.truth.payments[first_paid]
            self.truth.payments[payment] = (first, "succeeded")
            name, mandate = str(agreement.payer), agreement.mandate
            fact = PaymentStatus(name, payment, first_paid, first.amount, "succeeded", None, None, mandate)
            self.post.append(WebhookEvent(name, f"evt_{payment}", "renewal", fact, 0))

    def hear(self, event: WebhookEvent) -> None:
        """A webhook comes."""
        fact = event.fact
        customer = self.customer
        customer.until(customer.now)
        draft, key = customer.draft(), f"{event.payment_provider}:{event.event}"
        if isinstance(fact, PaymentStatus):
            assert fact.order is not None
            order = customer.book.orders.get(order_of(fact.order))
            assert order is not None, "orders are kept as long as they may be paid"
            said = fact_of(fact, fact.order)
            if event.kind == "renewal":
                hear_renewal(draft, order, said, customer.now, key)
            else:
                hear(draft, order, said, customer.now, key)
        elif isinstance(fact, RefundStatus):
            refund = customer.book.refunds[str(fact.refund)]
            hear_return(draft, refund, fact, customer.now, key)
        elif isinstance(fact, MandateStatus):
            assert fact.reference is not None
            told = MandateFact(event.payment_provider, fact.reference, fact.state, str(fact.order))
            hear_mandate(draft, told, customer.now, key)
        customer.take(draft)

    def pass_time(self, length: int) -> None:
        """Time passes; in one step it brings the same as in two."""
        customer = self.customer
        customer.until(customer.now)
        halves = customer.state.copy()
        for at in (customer.now + length // 3, customer.now + length):
            while (entry := roll(halves, at, customer.market)) is not None:
                halves = apply(customer, halves, entry)
        customer.until(customer.now + length)
        if customer.state.book is not None:
            assert halves.book is not None
            assert _in_order(book_data(halves.book)) == _in_order(book_data(customer.book)), "two steps are one"
        periods = [
            {key: (each.terms.plan, each.period_start, each.period_end, each.ends_at) for key, each in rows.items()}
            for rows in (halves.subscriptions, customer.state.subscriptions)
        ]
        assert periods[0] == periods[1]

    # ---- laws

    def check(self) -> None:
        """What holds after every step."""
        customer = self.customer
        balances = customer.balances()
        for ledger, units in balances.items():
            if ledger.startswith(("lot:", "order:", "refund:", "held:")):
                assert all(amount >= 0 for amount in units.values()), (ledger, units)
        if customer.state.book is None:
            return
        for order in customer.book.orders.values():
            kept = balances.get(f"order:{order.id}", {})
            if order.state in ("done", "closed") and any(kept.values()):
                stuck = [each.facts["order"] for each in customer.book.refunds.values() if each.state == "failed"]
                assert order.id in stuck, (order.state, order.reason, kept)
            assert kept.get(order.currency, 0) == order.escrow
        self._once_charged()
        assert next_due(customer.state) is None or customer.state.due_at >= 0

    def _once_charged(self) -> None:
        """What an order keeps is what it costs, or it waits for a person."""
        back: Counter[str] = Counter()
        for refund in self.customer.book.refunds.values():
            if refund.facts["source"] != "house:sales" and refund.state != "cancelled":
                back[refund.facts["order"]] += refund.amount
        for order in self.customer.book.orders.values():
            money_in = sum(amount for *_, amount, currency in order.received if currency == order.currency)
            if order.state != "review" and "resolved" not in order.reason and order.facts["outside"]:
                kept = money_in - back[order.id]
                assert kept in (0, order.outside), (order.state, kept, order.outside)

    def settle_down(self) -> None:
        """Everybody answers, the post comes, nobody does anything new: the books hold what really moved."""
        self.mishaps.clear()
        if self.customer.state.book is None:
            return
        for _ in range(12):
            for event in self.post:
                self.hear(event)
            self.work(40)
            due = [each.due_at for each in self.customer.book.effects.values()]
            asks = [at for at in due if at <= self.customer.now + DAY]
            if not asks:
                break
            self.customer.until(max(self.customer.now, min(asks)))
        self.check()
        self.customer.check()
        self._same_money()

    def _same_money(self) -> None:
        customer = self.customer
        paid_in = [units for ledger, units in customer.balances().items() if ledger.startswith("external:")]
        outside = {unit: -sum(units.get(unit, 0) for units in paid_in) for unit in ("USD", "CNY")}
        assert outside == {unit: self.truth.taken(unit) for unit in outside}
        matters = {matter.id for matter in open_matters(customer.state)}
        for order in customer.book.orders.values():
            told = order.id in matters or order.expires_at is not None or order.state == "paid"
            assert not order.is_open or told, f"{order.state} without a reason"


def _in_order(book: dict[str, Any]) -> dict[str, Any]:
    """A book without the order in which things came into it."""
    rows = {name: sorted(book[name], key=lambda row: str(row["id"])) for name in ("orders", "refunds", "effects")}
    return book | rows


def apply(customer: Customer, state: Any, entry: Any) -> Any:
    """``state`` with one entry more."""
    return evolve(state, entry, customer.plans)


def at_once(asked: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine gives that waits for nobody."""
    try:
        asked.send(None)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
    raise AssertionError("a scripted payer does not wait")
