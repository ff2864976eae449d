"""Every answer of every kind of payment provider goes wrong once, in each way that answers can: a purchase, a
renewal, a switch and a refund take the money once, or say why they did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from faregate.core.instants import DAY, HOUR, MINUTE
from faregate.core.trade.agenda import open_matters
from tests.core.trade.counter import Counterside
from tests.money.scripted_payer import SHAPES

TROUBLES = ("lost", "doubled", "late", "contradicted", "twisted")
POST = ("comes", "is lost", "comes twice", "comes last")


@dataclass
class Life:
    """A customer with a payment provider of one kind; ``post`` says what becomes of its webhooks."""

    side: Counterside
    post: str = "comes"

    def work(self) -> None:
        """What is due is asked; webhooks come, or not."""
        for _ in range(6):
            self.side.work(10)
            waiting = list(self.side.post)
            if self.post != "comes last":
                self.side.post.clear()
            if self.post in ("comes", "comes twice"):
                for event in waiting * (2 if self.post == "comes twice" else 1):
                    self.side.hear(event)
            if not waiting:
                return

    def passes(self, length: int) -> None:
        self.side.customer.until(self.side.customer.now + length)
        self.work()

    def pays(self) -> None:
        """The customer does what they are shown, as soon as they are shown it."""
        for _ in range(20):
            self.work()
            if self.shown():
                break
            self.passes(2 * MINUTE)
        for payment in self.shown():
            if payment in self.side.signings():
                self.side.sign(payment)
            if payment in self.side.pending():
                self.side.pay(payment)
        for length in (0, 2 * MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR):
            self.passes(length)

    def shown(self) -> list[str]:
        """What the customer is told how to pay or sign."""
        book = self.side.customer.state.book
        return [each.payment for each in book.orders.values() if each.is_open and each.link] if book else []

    def running(self) -> list[str]:
        return sorted(self.side.customer.plans_running())


def buy(life: Life) -> None:
    assert life.side.buy("agipower/pro", None, "stripe")
    life.pays()


def renew(life: Life) -> None:
    buy(life)
    if "agipower/pro" not in life.running():
        return
    end = life.side.customer.subscription("agipower").period_end
    assert end is not None
    if life.side.payers["stripe"].capabilities.renews_itself:
        life.passes(end - HOUR - life.side.customer.now)
        life.side.renew_itself()
    life.passes(end - life.side.customer.now)
    life.pays()


def switch(life: Life) -> None:
    assert life.side.buy("credits/starter", "monthly", "creem")
    life.pays()
    if "credits/starter" not in life.running():
        return
    start = life.side.customer.subscription("credits").period_start
    life.passes(start + 14 * DAY - life.side.customer.now)
    assert life.side.change("credits/starter", "credits/premium", "creem", "monthly")
    life.pays()


def refund(life: Life) -> None:
    buy(life)
    if "agipower/pro" in life.running():
        life.side.refund("agipower/pro")
        for length in (0, 2 * MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR):
            life.passes(length)


@dataclass
class Case:
    """``plans`` and money ``taken`` where all goes well; ``family`` is what else may be left."""

    acts: Callable[[Life], None]
    payer: str
    plans: list[str]
    taken: int


CASES = {
    "buy": Case(buy, "stripe", ["agipower/payg", "agipower/pro"], 20),
    "renew": Case(renew, "stripe", ["agipower/payg", "agipower/pro"], 40),
    "switch": Case(switch, "creem", ["credits/pay2go", "credits/premium"], 35),
    "refund": Case(refund, "stripe", ["agipower/free", "agipower/payg"], 1),
}


def lived(name: str, shape: str, post: str, number: int = 0, trouble: str = "") -> Life:
    """A life in which answer ``number`` goes wrong; ``lost``: the next two as well."""
    case = CASES[name]
    life = Life(Counterside({case.payer: shape}), post)
    side = life.side

    def mishap(call: str) -> str:
        hit = side.calls == number or (trouble == "lost" and number < side.calls <= number + 2)
        return trouble if hit else ""

    side.mishap = mishap
    case.acts(life)
    side.check()
    return life


def check_end(life: Life, case: Case) -> None:
    """Once everybody answered and all post came: the end that was wanted, or another that says why."""
    side = life.side
    plans, taken = life.running(), side.truth.taken()
    reasons = [order.reason for order in side.customer.book.orders.values() if order.state == "closed"]
    open_ones = [matter.kind for matter in open_matters(side.customer.state)]
    failed = [each for each in side.customer.book.refunds.values() if each.state == "failed"]
    if not any(open_ones) and not reasons and not failed:
        assert (plans, taken) == (case.plans, case.taken * 10**9)
    charged: Counter[str] = Counter()
    for payment, (_, state) in side.truth.payments.items():
        charged[payment.rpartition("_")[0]] += state == "succeeded"
    back = Counter(str(each.facts["order"]) for each in side.customer.book.refunds.values())
    for order, times in charged.items():
        of_it = [payment.rpartition("_")[2] for payment in side.truth.payments if payment.startswith(order)]
        renewals = sum("r" in payment for payment in of_it)
        assert times - renewals <= 1 or back[order] or open_ones, "charged twice, and nobody sees it"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", CASES)
def test_without_trouble_everything_is_done_at_once(name: str, shape: str) -> None:
    for post in POST:
        life = lived(name, shape, post)
        if post != "comes last":
            assert (life.running(), life.side.truth.taken()) == (CASES[name].plans, CASES[name].taken * 10**9), post
        life.side.settle_down()
        check_end(life, CASES[name])


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", CASES)
def test_any_answer_may_go_wrong(name: str, shape: str, trouble: str) -> None:
    answers = 0
    for post in POST:
        if post == "is lost" and trouble in ("contradicted", "twisted"):
            continue  # What is said falsely, and never otherwise, is believed.
        number = 1
        while True:
            life = lived(name, shape, post, number, trouble)
            last = life.side.calls
            life.side.mishap = lambda call: ""
            life.side.settle_down()
            check_end(life, CASES[name])
            if number >= last:
                break
            number += 1
        answers += number
    assert answers > 3, "there were answers"
