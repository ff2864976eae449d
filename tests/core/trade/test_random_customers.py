"""Customers who do anything at any time, before payment providers that lose and delay what they say: no sum of moves
makes money, loses money, or leaves any where nobody looks."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from faregate.core.instants import DAY, HOUR, MINUTE
from faregate.core.usage import Usage
from tests.core.trade.counter import WALLETS, Counterside

PLANS = {
    "agipower": ["agipower/pro", "agipower/max", "agipower/ultra"],
    "credits": ["credits/starter", "credits/premium", "credits/pro"],
    "glm": ["glm/lite", "glm/pro", "glm/max"],
    "88code": ["88code/plus", "88code/paygo"],
}
PAID_BY = {"agipower": ["stripe"], "credits": ["creem", "nowpayments"], "glm": ["wechat"], "88code": ["wechat"]}
MISHAPS = ("", "lost", "lost", "late", "doubled", "contradicted", "twisted")
DEATHS = ("", "", "before", "after")
families = st.sampled_from(list(PLANS))
plans = st.sampled_from([plan for rows in PLANS.values() for plan in rows])
LENGTHS = (MINUTE, HOUR, 5 * HOUR, DAY - HOUR, DAY, 3 * DAY, 8 * DAY, 27 * DAY, 31 * DAY)


class RandomCustomer(RuleBasedStateMachine):
    """Every rule is one move; laws hold after each, and once everything settled down."""

    def __init__(self) -> None:
        super().__init__()
        self.side = Counterside()

    def _orders(self) -> list[Any]:
        book = self.side.customer.state.book
        return list(book.orders.values()) if book is not None else []

    def _payer(self, plan: str, number: int) -> str:
        payers = PAID_BY[plan.partition("/")[0]]
        return payers[number % len(payers)]

    @rule(plan=plans, number=st.integers(0, 1), once=st.booleans())
    def buys(self, plan: str, number: int, once: bool) -> None:
        self.side.buy(plan, None, self._payer(plan, number), once)

    @rule(plan=plans, number=st.integers(0, 1))
    def buys_and_pays(self, plan: str, number: int) -> None:
        if self.side.buy(plan, None, self._payer(plan, number)):
            self.side.work(4)
            for payment in self.side.signings()[-1:]:
                self.side.sign(payment)
                self.side.hear(self.side.post.pop())
                self.side.work(4)
            for payment in self.side.pending()[-1:]:
                self.side.pay(payment)
                self.side.hear(self.side.post.pop())

    @rule(family=families, data=st.data(), number=st.integers(0, 1))
    def changes(self, family: str, data: st.DataObject, number: int) -> None:
        running = [p for p in self.side.customer.plans_running() if p in PLANS[family]]
        if running:
            to = data.draw(st.sampled_from(PLANS[family]))
            self.side.change(running[0], to, self._payer(to, number))

    @rule(wallet=st.sampled_from(list(WALLETS)), amount=st.sampled_from(["5", "10", "37.01", "500"]))
    def tops_up(self, wallet: str, amount: str) -> None:
        self.side.top_up(wallet, amount, self._payer(wallet, 0))

    @rule(pool=st.sampled_from(["gift", "balance"]), amount=st.sampled_from(["3", "60"]))
    def is_given(self, pool: str, amount: str) -> None:
        self.side.give(pool, amount)

    @rule(data=st.data(), verb=st.sampled_from(["call_off", "call_off", "take_back", "pause", "go_on", "unschedule"]))
    def agrees(self, data: st.DataObject, verb: str) -> None:
        running = self.side.customer.plans_running()
        if running:
            self.side.agree(data.draw(st.sampled_from(running)), verb)

    @rule(data=st.data())
    def asks_for_a_refund(self, data: st.DataObject) -> None:
        running = [p for p in self.side.customer.plans_running() if p.startswith("agipower")]
        if running:
            self.side.refund(data.draw(st.sampled_from(running)))

    @precondition(lambda self: bool(self._orders()))
    @rule(data=st.data())
    def withdraws(self, data: st.DataObject) -> None:
        self.side.withdraw(data.draw(st.sampled_from(self._orders())))

    @rule(how=st.sampled_from(["deliver", "give_back"]))
    def somebody_resolves(self, how: str) -> None:
        for order in [each for each in self._orders() if each.state == "review"]:
            # Who decides looks at the payment provider's own page first.
            for payment, payer, *_ in list(order.received):
                if payment in self.side.truth.payments:
                    self.side.hear(self.side.payers[payer].event(payment, number=9))
            self.side.resolve(order, how)

    @precondition(lambda self: self.side.pending())
    @rule(data=st.data())
    def pays(self, data: st.DataObject) -> None:
        self.side.pay(data.draw(st.sampled_from(self.side.pending())))

    @precondition(lambda self: self.side.post)
    @rule(data=st.data(), times=st.sampled_from([1, 1, 2]), last=st.booleans())
    def post_comes(self, data: st.DataObject, times: int, last: bool) -> None:
        event = data.draw(st.sampled_from(self.side.post))
        for _ in range(times):
            self.side.hear(event)
        if last:
            self.side.post.remove(event)

    @precondition(lambda self: self.side.signings())
    @rule(data=st.data())
    def signs(self, data: st.DataObject) -> None:
        self.side.sign(data.draw(st.sampled_from(self.side.signings())))

    @rule(
        most=st.integers(1, 6), mishaps=st.lists(st.sampled_from(MISHAPS), max_size=3), death=st.sampled_from(DEATHS)
    )
    def is_worked_on(self, most: int, mishaps: list[str], death: str) -> None:
        self.side.mishaps = mishaps
        self.side.work(most, death)

    @rule(length=st.sampled_from(LENGTHS))
    def time_passes(self, length: int) -> None:
        self.side.pass_time(length)

    @rule()
    def a_mandate_charges_by_itself(self) -> None:
        self.side.renew_itself()

    @rule()
    def a_card_is_blocked(self) -> None:
        for mandate in self.side.truth.mandates:
            self.side.truth.mandates[mandate] = False

    @rule(tokens=st.sampled_from([1_000, 100_000]))
    def uses(self, tokens: int) -> None:
        self.side.customer.use("z-ai/glm-4.6", Usage(input=tokens, output=tokens // 10, requests=1, prompts=1))

    @invariant()
    def laws_hold(self) -> None:
        self.side.check()

    def teardown(self) -> None:
        self.side.settle_down()


TestRandomCustomers = RandomCustomer.TestCase
TestRandomCustomers.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
