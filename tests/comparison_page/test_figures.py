"""Figures as people read them, from exact decimal strings."""

from __future__ import annotations

from datetime import UTC

import pytest

from faregate.comparison.page import figures
from faregate.comparison.page.detail import linked


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0", "CNY", "¥0"),
        ("49", "CNY", "¥49"),
        ("49.5", "CNY", "¥49.50"),
        ("1234.5", "USD", "$1,235"),
        ("0.05", "USD", "$0.05"),
        ("0.000412", "USD", "$0.00041"),
        ("0.00998", "USD", "$0.01"),
        ("-12.345", "EUR", "−€12.35"),
        ("3", "XTS", "XTS 3"),
    ],
)
def test_money_has_its_sign_and_as_many_places_as_matter(amount: str, currency: str, shown: str) -> None:
    assert figures.money(amount, currency) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        ("0", "0%"),
        ("1", "100%"),
        ("0.5", "50%"),
        ("0.9734", "97.3%"),
        ("0.9996", ">99.9%"),
        ("0.0003", "<0.1%"),
        ("1.5", "150%"),
    ],
)
def test_a_share_is_never_rounded_up_to_all_or_down_to_nothing(share: str, shown: str) -> None:
    assert figures.share(share) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        ("0", "0"),
        ("312", "312"),
        ("8210", "8.21K"),
        ("457142857", "457M"),
        ("5760000000", "5.76B"),
        ("999999", "1M"),
        ("2.5", "2.5"),
    ],
)
def test_large_counts_keep_three_digits(count: str, shown: str) -> None:
    assert figures.compact(count) == shown


@pytest.mark.parametrize(
    ("hours", "span"),
    [
        ("0", ("hours", "0")),
        ("0.4", ("minutes", "24")),
        ("0.001", ("minutes", "1")),
        ("3.54", ("hours", "3.5")),
        ("120", ("days", "5")),
    ],
)
def test_a_span_of_time_is_told_in_the_unit_people_use(hours: str, span: tuple[str, str]) -> None:
    assert figures.span(hours) == span


@pytest.mark.parametrize(("value", "shown"), [("0.854", "×0.85"), ("12.44", "×12.4"), ("1240", "×1,240")])
def test_a_leverage_is_told_as_a_multiple(value: str, shown: str) -> None:
    assert figures.times(value) == shown


def test_an_unknown_time_zone_reads_utc() -> None:
    assert figures.zone_of("Nowhere/Atlantis") is UTC
    assert figures.zone_of("../../etc/passwd") is UTC
    assert figures.clock("2026-06-01T15:30:00Z", figures.zone_of("Asia/Shanghai")) == "06-01 23:30"


def test_only_web_addresses_become_links() -> None:
    text = 'Plan <b>, https://a.example/x?y=1&z="2, read 2026-02-16. javascript:alert(1)'
    assert linked(text) == (
        'Plan &lt;b&gt;, <a href="https://a.example/x?y=1&amp;z=" rel="noopener noreferrer">https://a.example/x?y=1&amp;z=</a>'
        "&quot;2, read 2026-02-16. javascript:alert(1)"
    )
