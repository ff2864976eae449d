"""Amounts: exact in, exact out, rounded half-even in one place."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.core.amounts import LARGEST, checked, decimal_text, fraction, parse, render, round_half_even
from faregate.core.errors import AmountOverflow, BadAmount


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (1, 3, 0), (2, 3, 1), (-2, 3, -1), (0, 7, 0), (9, 1, 9)],
)
def test_rounding_goes_to_the_nearest_and_ties_to_even(numerator: int, denominator: int, expected: int) -> None:
    assert round_half_even(numerator, denominator) == expected


@given(st.integers(-(10**24), 10**24), st.integers(1, 10**15))
def test_rounding_is_that_of_fractions(numerator: int, denominator: int) -> None:
    assert round_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("1", "USD", 10**9),
        ("0.000000001", "USD", 1),
        ("12.5", "credit", 12_500_000_000),
        ("2160", "flow", 2160 * 10**9),
        ("1", "token", 1_000),
        ("0.5", "prompt", 500),
        ("-3", "request", -3_000),
    ],
)
def test_an_amount_is_read_at_the_scale_of_its_unit(text: str, unit: str, amount: int) -> None:
    assert parse(text, unit) == amount
    assert parse(render(amount, unit), unit) == amount


@pytest.mark.parametrize("text", ["", "abc", "1/0", "0x10", "NaN", "inf", "1,000", "--1", "1//2", "1/2/3", "1e3"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        fraction(text)


@pytest.mark.parametrize(("text", "unit"), [("0.0000000001", "USD"), ("0.0001", "token"), ("1/3", "USD")])
def test_what_is_finer_than_the_unit_is_refused(text: str, unit: str) -> None:
    with pytest.raises(BadAmount):
        parse(text, unit)


def test_what_does_not_fit_64_bits_is_an_error_and_never_a_wrong_number() -> None:
    assert checked(LARGEST) == LARGEST
    for amount in (LARGEST + 1, -LARGEST - 1):
        with pytest.raises(AmountOverflow):
            checked(amount)
    with pytest.raises(AmountOverflow):
        parse("9223372037", "USD")


@given(st.integers(-LARGEST, LARGEST), st.sampled_from(["USD", "token"]))
def test_what_is_printed_reads_back(amount: int, unit: str) -> None:
    assert parse(render(amount, unit), unit) == amount


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(3, 2), "1.5"),
        (Fraction(7, 3), "7/3"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(100), "100"),
        (Fraction(1, 10**9), "0.000000001"),
        (Fraction(5, 198), "5/198"),
    ],
)
def test_a_factor_prints_as_a_decimal_where_it_has_one(value: Fraction, text: str) -> None:
    assert decimal_text(value) == text
