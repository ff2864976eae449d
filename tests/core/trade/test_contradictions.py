"""Refunds that are said to have ended otherwise than was booked, and money that could not be sent: asked about once
more, booked once, and looked at by a person."""

from __future__ import annotations

import pytest

from faregate.core.errors import BadCommand
from faregate.core.trade.agenda import open_matters
from faregate.core.trade.book import Refund
from faregate.core.trade.cases import Decision, settle_case
from faregate.core.trade.contradictions import confirm, contradicts, hear_contradiction
from tests.core.trade.customer import Customer, money
from tests.core.trade.test_gaming import outside


def refunded(said: str) -> tuple[Customer, Refund]:
    """A purchase, and a refund of it that ended."""
    customer = Customer()
    customer.buy("agipower/pro")
    refund = customer.refund("agipower")
    customer.hear_refund(refund, said)
    return customer, refund


def now_of(customer: Customer, refund: Refund) -> Refund:
    return customer.book.refunds[refund.id]


def hear(customer: Customer, refund: Refund, said: str, asked: bool = False) -> str:
    kept = now_of(customer, refund)
    if not contradicts(kept, said):
        return "known"
    draft = customer.draft()
    came = hear_contradiction(draft, kept, said, "rr-1", asked, customer.now, customer.key())
    customer.take(draft)
    return came


def kinds(customer: Customer) -> list[str]:
    return [each.kind for each in open_matters(customer.state)]


def settle(customer: Customer, matter: str, how: Decision) -> None:
    draft = customer.draft()
    settle_case(draft, matter, how, "seen", customer.now, customer.key(), customer.market)
    customer.take(draft)


@pytest.mark.parametrize(("first", "then"), [("succeeded", "failed"), ("failed", "succeeded")])
def test_what_is_told_unasked_changes_nothing_and_is_asked_about(first: str, then: str) -> None:
    customer, refund = refunded(first)
    before = outside(customer)
    assert hear(customer, refund, then) == "contradicted"
    assert hear(customer, refund, then) == "known", "it is asked about once"
    assert len(customer.effects("ask_refund")) == 1
    assert (now_of(customer, refund).state, outside(customer), kinds(customer)) == (first, before, ["refund"])
    draft = customer.draft()
    confirm(draft, now_of(customer, refund), customer.now, "again")
    customer.take(draft)
    assert (now_of(customer, refund).state, kinds(customer)) == (first, [])
    customer.check()


def test_a_refund_that_went_after_all_is_booked_once_and_a_person_decides_about_the_plan() -> None:
    customer, refund = refunded("failed")
    assert customer.plans_running() == ["agipower/pro", "agipower/payg"]
    assert hear(customer, refund, "succeeded", asked=True) == "turned"
    assert hear(customer, refund, "succeeded", asked=True) == hear(customer, refund, "failed") == "known"
    assert outside(customer) == money("1")
    assert kinds(customer) == ["refund_outside"]
    assert now_of(customer, refund).note is not None
    settle(customer, f"refund_outside:{refund.id}", "end")
    assert customer.plans_running() == ["agipower/payg", "agipower/free"]
    assert kinds(customer) == []
    customer.check()


def test_a_refund_that_came_back_is_booked_once_and_can_be_sent_again() -> None:
    customer, refund = refunded("succeeded")
    assert outside(customer) == money("1")
    assert hear(customer, refund, "failed", asked=True) == "turned"
    assert (outside(customer), kinds(customer)) == (money("20"), ["refund_failed"])
    settle(customer, f"refund_failed:{refund.id}", "again")
    (again,) = [each for each in customer.book.refunds.values() if each.facts["why"] == "again"]
    assert kinds(customer) == ["refund"]
    customer.hear_refund(again)
    assert (outside(customer), kinds(customer)) == (money("1"), [])
    customer.check()


@pytest.mark.parametrize(("how", "kept"), [("again", 0), ("keep", 20)])
def test_money_that_nobody_owed_and_that_could_not_be_sent_waits_for_a_decision(how: Decision, kept: int) -> None:
    customer = Customer()
    order = customer.buy("agipower/pro")
    assert customer.hear(order, reference="twice") == "returned"
    (refund,) = customer.book.refunds.values()
    customer.hear_refund(refund, "failed")
    assert kinds(customer) == ["refund_failed"]
    with pytest.raises(BadCommand):
        settle(customer, refund.id, "won")
    settle(customer, refund.id, how)
    with pytest.raises(BadCommand):
        settle(customer, refund.id, how)
    for each in list(customer.book.refunds.values()):
        customer.hear_refund(each)
    assert kinds(customer) == []
    assert outside(customer) == money("20") + money(str(kept))
    customer.check()
