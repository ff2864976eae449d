"""What is NowPayments' own: coins, payments in part, and a signature over sorted names."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faregate.app.payments_errors import PaymentNotPossible
from faregate.app.payments_port import Instructions, PaymentStatus
from faregate.payments.fields import Unreadable
from faregate.payments.nowpayments.sorted_json import sorted_json
from tests.payments.desk import Desk, open_desk
from tests.payments.fakes.nowpayments import NowPaymentsFake, _sorted

CoinDesk = Desk[NowPaymentsFake]


@pytest.fixture
async def coins() -> AsyncIterator[CoinDesk]:
    async with open_desk("nowpayments") as desk:
        yield desk


async def test_what_to_send_is_shown_with_the_memo_that_must_not_be_lost(coins: CoinDesk) -> None:
    found = await coins.payments.begin(coins.order(method="xrp"))
    assert isinstance(found.how, Instructions)
    assert [label for label, _ in found.how.lines] == ["address", "amount", "coin", "memo", "network"]
    assert dict(found.how.lines)["coin"] == "xrp"


async def test_a_coin_that_is_not_configured_is_refused(coins: CoinDesk) -> None:
    with pytest.raises(PaymentNotPossible):
        await coins.payments.begin(coins.order(method="doge"))


async def test_the_price_is_sent_as_it_is_without_a_float(coins: CoinDesk) -> None:
    await coins.payments.begin(coins.order(coins=1999))
    assert b'"price_amount":19.99,' in coins.fake.asked[0][1].body


async def test_too_little_is_refused_by_name(coins: CoinDesk) -> None:
    found = await coins.payments.begin(coins.order(coins=199))
    assert found.state == "failed"
    assert found.problem is not None
    assert found.problem.code == "amount_too_small"


async def test_only_finished_is_paid(coins: CoinDesk) -> None:
    await coins.payments.begin(coins.order())
    coins.fake.pay("ord_00000001")
    states = [event.fact.state for event in coins.events() if isinstance(event.fact, PaymentStatus)]
    assert states == ["pending", "pending", "pending", "succeeded"]


async def test_a_part_waits_with_its_reason(coins: CoinDesk) -> None:
    await coins.payments.begin(coins.order())
    coins.fake.reach("ord_00000001", "partially_paid")
    fact = coins.events()[-1].fact
    assert isinstance(fact, PaymentStatus)
    assert fact.state == "pending"
    assert fact.problem is not None
    assert fact.problem.code == "partially_paid"


async def test_coins_sent_again_to_a_paid_address_are_nobodys_order(coins: CoinDesk) -> None:
    await coins.payments.begin(coins.order())
    coins.fake.pay("ord_00000001")
    coins.fake.reach("ord_00000001", "finished", parent="5000000000")
    fact = coins.events()[-1].fact
    assert isinstance(fact, PaymentStatus)
    assert fact.state == "unknown"
    assert fact.problem is not None
    assert fact.problem.code == "paid_twice"
    assert coins.fake.paid_for("ord_00000001") == 1999


def test_numbers_are_signed_as_they_were_written() -> None:
    assert sorted_json(b'{"b": 15.0, "a": [1e-7, {"d": "\\u00e9", "c": null}], "A": true}') == (
        '{"A":true,"a":[1e-7,{"c":null,"d":"é"}],"b":15.0}'.encode()
    )


@pytest.mark.parametrize("body", [b'{"a":1,"a":1}', b'{"a":NaN}', b"", b"\xff", b"[" * 9_999])
def test_what_two_readers_could_read_in_two_ways_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        sorted_json(body)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), _VALUES, max_size=3))
def test_the_sorted_form_is_the_one_that_the_sender_signs(data: dict[str, object]) -> None:
    text = json.dumps(data)
    assert sorted_json(text.encode()).decode() == _sorted(text)
