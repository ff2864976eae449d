"""What an upstream costs: exact, by list prices or its own, with a share of either."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from faregate.core.usage import Usage
from faregate.ratecards import load_shipped
from faregate.upstreams.cost import CostTerms, read_cost

MODEL = "anthropic/claude-sonnet-4"
AT = 1_780_000_000_000_000
NANO = 1_000_000_000

OWN_PRICES = """\
maker: anthropic
currency: CNY
sources:
  contract: {title: Contract, read: 2026-01-01}
models:
  anthropic/claude-sonnet-4:
    name: Claude Sonnet 4
    prices:
      - {from: 2026-01-01, source: [contract], per_million: {input: 10, output: 40}}
"""


def test_own_prices_go_before_the_list_and_leave_other_models_to_it(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN_PRICES)
    terms = read_cost("0.9", "own.yaml", tmp_path, "a")
    assert terms is not None
    listed = load_shipped().card
    card = terms.card(MODEL, listed)
    assert card is not None
    cost = terms.of(Usage(input=1_000_000, output=1_000_000), card, AT)
    assert cost is not None
    assert (cost.amount, cost.currency) == (45 * NANO, "CNY")
    other = "anthropic/claude-haiku-4.5"
    assert terms.card(other, listed) == listed(other) is not None


def test_a_share_of_list_prices_is_exact() -> None:
    card = load_shipped().card(MODEL)
    assert card is not None
    usage = Usage(input=1_000_000, output=100_000)
    listed = card.version_at(AT).list_value(usage)
    cost = CostTerms(Fraction(7, 10)).of(usage, card, AT)
    assert cost is not None
    assert (cost.currency, cost.share) == ("USD", "7/10")
    assert Fraction(cost.amount) == Fraction(*listed) * 7 / 10
    assert cost.card.startswith(MODEL + "@")


@given(
    st.fractions(0, 3, max_denominator=1000),
    st.integers(0, 10**7),
    st.integers(0, 10**6),
)
def test_a_cost_is_rounded_once_and_never_by_more_than_half(share: Fraction, cached: int, output: int) -> None:
    usage = Usage(input=7, cached=cached, output=output)
    card = load_shipped().card(MODEL)
    assert card is not None
    cost = CostTerms(share).of(usage, card, AT)
    assert cost is not None
    exact = Fraction(*card.version_at(AT).list_value(usage)) * share
    assert abs(cost.amount - exact) <= Fraction(1, 2)


def test_what_is_beyond_all_measure_has_no_cost() -> None:
    card = load_shipped().card(MODEL)
    assert card is not None
    assert CostTerms(Fraction(1000)).of(Usage(output=2**53), card, AT) is None


def test_nobody_says_what_it_costs() -> None:
    assert read_cost(None, None, Path(), "a") is None
