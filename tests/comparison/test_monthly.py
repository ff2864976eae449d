"""What a month holds, for a price list: the comparison's own figures, without a replay."""

from __future__ import annotations

from datetime import UTC, datetime

from faregate.app.pricing import pricing_view
from faregate.app.shelf import Shelf
from faregate.bootstrap.front import months_of
from faregate.cli.shelf_options import shelf_of
from faregate.comparison.compare import compare
from faregate.comparison.mix import Mix
from faregate.comparison.monthly import months_on_sale
from faregate.comparison.offers import chosen_offers
from faregate.comparison.workload import of_mix
from faregate.core.instants import from_datetime

NOON = from_datetime(datetime(2026, 11, 20, 12, tzinfo=UTC))


def shelf() -> Shelf:
    return shelf_of((), ())


def test_a_month_of_a_plan_is_what_the_comparison_by_the_standard_mix_says() -> None:
    shop = shelf()
    found = months_on_sale(shop, NOON)
    names = ["agipower/pro", "kimi/andante", "minimax/max", "opencode-go/go"]
    mix = Mix(datetime.fromtimestamp(NOON / 10**6, UTC).date())
    for currency in ("USD", "CNY"):
        said = compare(shop, of_mix(mix, shop.prices), chosen_offers(shop, names, NOON), currency, NOON, workers=1)
        for plan in said["plans"]:
            month = found[plan["id"]]
            if month["currency"] != currency:
                continue
            for figure in ("prompts", "requests", "tokens", "list_value", "band", "derivation"):
                assert month[figure] == plan["holds"][figure], (plan["id"], figure)
            assert month["leverage"] == plan["leverage"]


def test_every_plan_with_a_price_says_what_a_month_holds_and_wallets_do_not() -> None:
    view = pricing_view(shelf(), NOON, months=months_of)
    rows = {plan["plan"]: plan for family in view["families"] for plan in family["plans"]}
    assert {name for name, plan in rows.items() if plan["month"] is None} == {
        name for name, plan in rows.items() if not plan["prices"]
    }
    plus = rows["88code/plus"]["month"]
    assert (plus["bound_by"], plus["requests"], plus["model"]) == ("cap", "172043.011", "anthropic/claude-sonnet-4.5")


def test_without_the_comparison_a_price_list_says_nothing_of_months() -> None:
    assert all(
        plan["month"] is None for family in pricing_view(shelf(), NOON)["families"] for plan in family["plans"]
    )
