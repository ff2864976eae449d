"""What is Stripe's own: several signatures, mandates charged off session, the two modes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from faregate.app.payments_errors import PaymentNotPossible, WebhookUnreadable, WebhookUnsigned
from faregate.app.payments_port import DisputeStatus, Money, PaymentStatus, Period
from tests.payments.desk import Desk, open_desk
from tests.payments.fakes.fake import SECOND, Delivery, Fault
from tests.payments.fakes.stripe import StripeFake

StripeDesk = Desk[StripeFake]


@pytest.fixture
async def stripe() -> AsyncIterator[StripeDesk]:
    async with open_desk("stripe") as desk:
        yield desk


async def mandate_of(desk: StripeDesk) -> str:
    found = await desk.payments.begin(desk.order(mandate=Period("month")))
    assert (await desk.payments.mandate_status(str(found.reference))).state == "pending"
    desk.fake.pay("ord_00000001")
    fact = desk.events()[0].fact
    assert isinstance(fact, PaymentStatus)
    mandate = fact.mandate
    assert mandate is not None
    told = await desk.payments.mandate_status(str(found.reference))
    assert (told.state, told.reference, told.order) == ("active", mandate, "ord_00000001")
    return mandate


async def test_a_webhook_signed_with_the_old_secret_while_it_is_changed_is_believed(stripe: StripeDesk) -> None:
    await stripe.payments.begin(stripe.order())
    stripe.fake.pay("ord_00000001")
    changing = stripe.fake.signed_during_a_change(stripe.fake.outbox[0])
    assert changing.headers["stripe-signature"].count("v1=") == 2
    assert stripe.read(changing).kind == "payment"


@pytest.mark.parametrize("seconds", [-300, 0, 300])
async def test_five_minutes_of_difference_are_borne_with(stripe: StripeDesk, seconds: int) -> None:
    await stripe.payments.begin(stripe.order())
    stripe.fake.pay("ord_00000001")
    stripe.clock.now += seconds * SECOND
    assert stripe.read(stripe.fake.outbox[0]).kind == "payment"


@pytest.mark.parametrize(
    "header", ["", "t=", "t=1,t=2,v1=00", "v1=00", "t=-1,v1=00", "t=9" + "9" * 20 + ",v1=00", "x"]
)
async def test_a_header_that_says_no_moment_is_refused(stripe: StripeDesk, header: str) -> None:
    with pytest.raises(WebhookUnsigned):
        stripe.payments.read_webhook({"stripe-signature": header}, b"{}", stripe.clock.now)


async def test_the_moment_cannot_be_moved_without_the_secret(stripe: StripeDesk) -> None:
    await stripe.payments.begin(stripe.order())
    stripe.fake.pay("ord_00000001")
    delivery = stripe.fake.outbox[0]
    stripe.clock.now += 3600 * SECOND
    second = stripe.clock.now // SECOND
    signature = delivery.headers["stripe-signature"].partition(",")[2]
    moved = Delivery(delivery.url, {"stripe-signature": f"t={second},{signature}"}, delivery.body)
    with pytest.raises(WebhookUnsigned):
        stripe.read(moved)


async def test_an_event_of_live_money_is_refused_by_a_test_key(stripe: StripeDesk) -> None:
    await stripe.payments.begin(stripe.order())
    stripe.fake.pay("ord_00000001")
    event = json.loads(stripe.fake.outbox[0].body)
    event["livemode"] = True
    live = stripe.fake.redelivered(Delivery("", {}, json.dumps(event).encode()))
    with pytest.raises(WebhookUnreadable):
        stripe.read(live)


async def test_a_payment_tells_itself_once_though_stripe_tells_of_session_and_intent(stripe: StripeDesk) -> None:
    await stripe.payments.begin(stripe.order())
    stripe.fake.pay("ord_00000001")
    assert [stripe.read(each).kind for each in stripe.fake.outbox] == ["payment", "ignored"]


async def test_a_mandate_is_charged_without_its_customer(stripe: StripeDesk) -> None:
    mandate = await mandate_of(stripe)
    renewal = stripe.order("ord_00000002", 1999)
    first, second = await stripe.payments.charge(mandate, renewal), await stripe.payments.charge(mandate, renewal)
    assert first == second
    assert (first.state, first.order, first.amount) == ("succeeded", renewal.order, renewal.amount)
    assert stripe.fake.paid_for("ord_00000002") == 1999
    fact = stripe.events()[-1].fact
    assert isinstance(fact, PaymentStatus)
    assert (fact.reference, fact.order) == (first.reference, "ord_00000002")
    refund = stripe.refund_order(renewal, str(first.reference), 1999)
    assert (await stripe.payments.refund(refund)).state == "succeeded"


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_charge_without_an_answer_is_unknown_and_charged_once(stripe: StripeDesk, fault: Fault) -> None:
    if fault is Fault.SILENCE:
        return  # The contract suite waits; here every fault but waiting is worth its time.
    mandate = await mandate_of(stripe)
    stripe.fake.fail("charge", fault, fault)
    renewal = stripe.order("ord_00000002")
    first = await stripe.payments.charge(mandate, renewal)
    assert first.state == "unknown"
    stripe.fake.mend("charge")
    assert (await stripe.payments.charge(mandate, renewal)).state == "succeeded"
    assert stripe.fake.paid_for("ord_00000002") == 1999


async def test_one_lost_connection_is_tried_again_with_the_same_key(stripe: StripeDesk) -> None:
    mandate = await mandate_of(stripe)
    stripe.fake.fail("charge", Fault.CUT)
    charged = await stripe.payments.charge(mandate, stripe.order("ord_00000002"))
    assert charged.state == "succeeded"
    assert stripe.fake.count("charge") == 2
    assert stripe.fake.paid_for("ord_00000002") == 1999


@pytest.mark.parametrize(
    ("decline", "code"),
    [
        ("insufficient_funds", "insufficient_funds"),
        ("authentication_required", "authentication_required"),
        ("lost_card", "declined"),
    ],
)
async def test_a_declined_charge_says_why(stripe: StripeDesk, decline: str, code: str) -> None:
    mandate = await mandate_of(stripe)
    stripe.fake.charge_ends, stripe.fake.decline = "failed", decline
    charged = await stripe.payments.charge(mandate, stripe.order("ord_00000002"))
    assert charged.state == "failed"
    assert charged.problem is not None
    assert charged.problem.code == code
    assert stripe.fake.paid_for("ord_00000002") == 0


async def test_a_charge_that_waits_for_a_bank_is_pending_and_told_later(stripe: StripeDesk) -> None:
    mandate = await mandate_of(stripe)
    stripe.fake.charge_ends = "pending"
    charged = await stripe.payments.charge(mandate, stripe.order("ord_00000002"))
    assert charged.state == "pending"
    stripe.fake.finish_charge("ord_00000002")
    assert (await stripe.payments.status(str(charged.reference))).state == "succeeded"


@pytest.mark.parametrize(("what", "lie"), [("order", "ord_99999999"), ("amount", 1)])
async def test_a_charge_that_is_answered_for_something_else_is_unknown(
    stripe: StripeDesk, what: str, lie: object
) -> None:
    mandate = await mandate_of(stripe)
    stripe.fake.lies[what] = lie
    charged = await stripe.payments.charge(mandate, stripe.order("ord_00000002"))
    assert charged.state == "unknown"


async def test_a_cancelled_mandate_is_charged_no_more(stripe: StripeDesk) -> None:
    mandate = await mandate_of(stripe)
    for _ in range(2):
        assert (await stripe.payments.cancel_mandate(mandate)).state == "ended"
    charged = await stripe.payments.charge(mandate, stripe.order("ord_00000002"))
    assert charged.state == "failed"
    assert charged.problem is not None
    assert charged.problem.code == "mandate_ended"
    assert stripe.fake.paid_for("ord_00000002") == 0


async def test_a_key_used_for_another_amount_is_refused_not_charged(stripe: StripeDesk) -> None:
    mandate = await mandate_of(stripe)
    key = "renewal:1"
    await stripe.payments.charge(mandate, stripe.order("ord_00000002", idempotency_key=key))
    again = await stripe.payments.charge(mandate, stripe.order("ord_00000002", 2000, idempotency_key=key))
    assert again.state == "failed"
    assert stripe.fake.paid_for("ord_00000002") == 1999


async def test_a_dispute_names_the_money_that_is_asked_back(stripe: StripeDesk) -> None:
    await stripe.payments.begin(stripe.order())
    stripe.fake.pay("ord_00000001")
    stripe.fake.dispute("ord_00000001")
    fact = stripe.events()[-1].fact
    assert isinstance(fact, DisputeStatus)
    paid = stripe.events()[0].fact
    assert isinstance(paid, PaymentStatus)
    assert (fact.payment, fact.state, fact.amount) == (paid.transaction, "opened", Money(19_990_000_000, "USD"))


async def test_coins_of_every_exponent_are_sent_exactly(stripe: StripeDesk) -> None:
    for currency, amount, coins in (("JPY", 1999, 1999), ("KWD", 1, 1000), ("EUR", 3, 300)):
        order = stripe.order(f"ord_0000_{currency}", amount=Money(amount * 10**9, currency))
        found = await stripe.payments.begin(order)
        assert stripe.fake.sessions[str(found.reference)].coins == coins
    with pytest.raises(PaymentNotPossible):
        await stripe.payments.begin(stripe.order(amount=Money(10**9 // 1000, "KWD")))
    with pytest.raises(PaymentNotPossible):
        await stripe.payments.begin(stripe.order(amount=Money(10**9 // 2, "JPY")))


async def test_a_session_is_open_for_as_long_as_stripe_allows(stripe: StripeDesk) -> None:
    now = stripe.clock.now
    for minutes, seconds in ((1, 1_860), (60, 3_600), (99_999, 86_340)):
        order = stripe.order(f"ord_000{minutes:05d}", expires_at=now + minutes * 60 * SECOND)
        found = await stripe.payments.begin(order)
        assert found.expires_at == now + seconds * SECOND
