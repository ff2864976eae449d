"""Money converts at the rate of its month, and the rate that was used can be named: its day, its source, its way."""

from __future__ import annotations

from fractions import Fraction

import pytest

from faregate.core.instants import parse_instant
from faregate.ratecards import CurrencyPair, NoRate, PriceBook


def day(text: str) -> int:
    return parse_instant(f"{text}T00:00:00Z")


MONTHS = ((day("2026-01-01"), Fraction("6.97")), (day("2026-02-01"), Fraction("6.9064")))
YUAN = CurrencyPair("USD", "CNY", MONTHS, "a bank, read 2026-03-01")
EURO = CurrencyPair("USD", "EUR", ((day("2026-02-01"), Fraction("0.8")),), "another bank")
BOOK = PriceBook(exchange=(YUAN, EURO))


@pytest.mark.parametrize(
    ("base", "quote", "on", "rate"),
    [
        ("USD", "CNY", "2025-06-01", Fraction("6.97")),
        ("USD", "CNY", "2026-01-31", Fraction("6.97")),
        ("USD", "CNY", "2026-02-01", Fraction("6.9064")),
        ("USD", "CNY", "2027-01-01", Fraction("6.9064")),
        ("CNY", "USD", "2026-01-01", 1 / Fraction("6.97")),
        ("CNY", "CNY", "2026-01-01", Fraction(1)),
        ("EUR", "CNY", "2026-02-03", Fraction("6.9064") / Fraction("0.8")),
        ("CNY", "EUR", "2026-02-03", Fraction("0.8") / Fraction("6.9064")),
    ],
)
def test_money_converts_at_the_rate_of_its_month_exactly(base: str, quote: str, on: str, rate: Fraction) -> None:
    conversion = BOOK.conversion(base, quote, day(on))
    assert conversion.rate == rate
    assert conversion.convert(Fraction(300)) == 300 * rate


def test_the_rate_used_is_named_with_its_day_and_source_as_printed() -> None:
    (step,) = BOOK.conversion("CNY", "USD", day("2026-02-20")).steps
    assert step == ("USD", "CNY", Fraction("6.9064"), day("2026-02-01"), "a bank, read 2026-03-01", False)


def test_equal_currencies_use_no_rate_and_a_third_currency_uses_two() -> None:
    assert BOOK.conversion("XAU", "XAU", 0).steps == ()
    steps = BOOK.conversion("EUR", "CNY", day("2026-02-03")).steps
    assert [(step.base, step.quote) for step in steps] == [("USD", "EUR"), ("USD", "CNY")]


@pytest.mark.parametrize(
    ("on", "carried"),
    [("2025-12-31", True), ("2026-01-01", False), ("2026-02-28", False), ("2026-03-01", True)],
)
def test_a_rate_that_stands_for_another_month_says_so(on: str, carried: bool) -> None:
    (step,) = BOOK.conversion("USD", "CNY", day(on)).steps
    assert step.carried is carried


def test_without_a_way_the_currencies_that_are_known_are_named() -> None:
    with pytest.raises(NoRate, match="from JPY to USD; rates are known between: CNY, EUR, USD") as failure:
        BOOK.conversion("JPY", "USD", 0)
    assert failure.value.known == ["CNY", "EUR", "USD"]
    with pytest.raises(NoRate):
        PriceBook(exchange=(CurrencyPair("USD", "CNY", ()),)).conversion("USD", "CNY", 0)


def test_the_shipped_rates_lead_between_dollar_yuan_and_euro(shipped: PriceBook) -> None:
    march = parse_instant("2026-03-15T12:00:00Z")
    assert shipped.conversion("USD", "CNY", march).rate == Fraction("6.8921")
    assert shipped.conversion("USD", "EUR", march).rate == Fraction("0.8653")
    assert [step.source[:21] for step in shipped.conversion("CNY", "EUR", march).steps] == [
        "Federal Reserve G.5 m"
    ] * 2
