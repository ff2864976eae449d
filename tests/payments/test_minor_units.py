"""Amounts and coins: exact both ways, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.app.payments_port import Money
from faregate.core.trade.payable import coin
from faregate.payments.minor_units import PLACES, InexactMoney, from_decimal, from_minor, to_decimal, to_minor

CURRENCIES = st.sampled_from(sorted(PLACES))


@given(CURRENCIES, st.integers(-(10**9), 10**9))
def test_coins_come_back_as_they_went(currency: str, coins: int) -> None:
    assert to_minor(from_minor(coins, currency)) == coins


@given(CURRENCIES, st.integers(0, 10**9))
def test_decimals_come_back_as_they_went(currency: str, coins: int) -> None:
    money = from_minor(coins, currency)
    assert from_decimal(to_decimal(money), currency) == money


@given(CURRENCIES, st.integers(0, 10**18))
def test_what_does_not_divide_is_refused_never_rounded(currency: str, amount: int) -> None:
    coin = from_minor(1, currency).amount
    if amount % coin:
        with pytest.raises(InexactMoney):
            to_minor(Money(amount, currency))
    else:
        assert to_minor(Money(amount, currency)) * coin == amount


@pytest.mark.parametrize(
    ("currency", "amount", "coins", "text"),
    [
        ("JPY", 1_200 * 10**9, 1200, "1200"),
        ("USD", 12_500_000_000, 1250, "12.50"),
        ("CNY", 10_000_000, 1, "0.01"),
        ("KWD", 1_001_000_000, 1001, "1.001"),
    ],
)
def test_each_currency_has_its_own_coin(currency: str, amount: int, coins: int, text: str) -> None:
    money = Money(amount, currency)
    assert (to_minor(money), to_decimal(money)) == (coins, text)
    assert from_decimal(text, currency) == money


@pytest.mark.parametrize("text", ["", "x", "1,5", "NaN", "Infinity", "1e30", "0.001", "--1"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InexactMoney):
        from_decimal(text, "USD")


def test_books_and_payment_providers_have_one_coin() -> None:
    assert {currency: coin(currency) for currency in PLACES} == {
        currency: from_minor(1, currency).amount for currency in PLACES
    }


def test_a_currency_that_is_not_known_is_refused() -> None:
    for use in (lambda: from_minor(1, "usd"), lambda: to_minor(Money(1, "XXX")), lambda: from_decimal("1", "BTC")):
        with pytest.raises(InexactMoney):
            use()
    with pytest.raises(InexactMoney):
        from_minor(10**19, "USD")
