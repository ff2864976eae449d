"""The shipped files say what their sources print: the tables of S0, S1.1 and S2, out of the documents."""

from __future__ import annotations

from fractions import Fraction

import pytest

from faregate.core.amounts import render
from faregate.core.terms import BySchedule, BySegment, PoolTerms, Progressive, Terms
from faregate.planfile import Plan, shipped_catalogue
from faregate.planfile.figures import facts_at

CATALOGUE = shipped_catalogue()


def plan(name: str) -> Plan:
    return CATALOGUE.plan(name)


def limit(terms: Terms, window: str) -> str:
    found = terms.window(window)
    return f"{render(found.limit, found.unit)} {found.unit}"


def full(pool: PoolTerms) -> str:
    assert pool.refill is not None
    return render(pool.refill.full, pool.unit)


def test_every_plan_of_s0_s1_and_s2_is_shipped() -> None:
    families = ("88code", "agipower", "credits")
    assert [plan.id for plan in CATALOGUE if plan.id.partition("/")[0] in families] == [
        *(f"88code/{name}" for name in ("free", "plus", "pro", "max", "paygo")),
        *(f"agipower/{name}" for name in ("free", "pro", "max", "ultra", "payg")),
        *(f"credits/{name}" for name in ("free", "starter", "premium", "pro", "master", "ultra", "pay2go")),
    ]


def test_s0_1_free_monthly_and_paygo_stand_side_by_side_and_monthly_plans_replace_each_other() -> None:
    ranks = {name: plan(f"88code/{name}").terms.rank for name in ("free", "plus", "pro", "max", "paygo")}
    assert ranks == {"free": 0, "plus": 1, "pro": 1, "max": 1, "paygo": 2}
    groups = {plan(f"88code/{name}").terms.exclusive for name in ("plus", "pro", "max")}
    assert groups == {"88code/monthly"}
    assert plan("88code/free").terms.exclusive is None


def test_s0_3_free_is_20_usd_a_day_at_twice_the_price() -> None:
    free = plan("88code/free")
    [pool] = free.terms.pools
    assert pool.refill is not None
    assert (pool.refill.kind, pool.refill.every, pool.refill.zone) == (
        "calendar",
        "day",
        "Asia/Shanghai",
    )
    assert (full(pool), pool.unit, pool.debt) == ("20", "USD", "forgive")
    [source] = free.terms.sources
    assert source.multipliers == (BySchedule("season", ((0, Fraction(2)),), "Asia/Shanghai"),)
    assert [(str(price.amount), price.currency, price.period) for price in free.prices] == [
        ("0", "CNY", None),
        ("88", "CNY", "year"),
    ]
    assert free.terms_for("yearly").period == "year"


@pytest.mark.parametrize(
    ("name", "price", "cap", "day"),
    [("plus", 198, "50", "100"), ("pro", 298, "70", "140"), ("max", 598, "100", "200")],
)
def test_s0_4_monthly_plans(name: str, price: int, cap: str, day: str) -> None:
    monthly = plan(f"88code/{name}")
    [pool] = monthly.terms.pools
    assert pool.refill is not None
    assert (pool.refill.kind, pool.refill.times, pool.refill.automatic) == ("restore", 2, True)
    assert full(pool) == cap
    assert limit(monthly.terms, "day") == f"{day} USD"
    assert monthly.terms.window("day").zone == "Asia/Shanghai"
    assert [(str(p.amount), p.currency, p.period, p.renews) for p in monthly.prices] == [
        (str(price), "CNY", "month", True)
    ]


def test_s0_5_paygo_is_200_usd_once_with_rising_brackets() -> None:
    paygo = plan("88code/paygo")
    [pool] = paygo.terms.pools
    assert (render(pool.granted, "USD"), pool.refill, paygo.terms.period) == ("200", None, None)
    [source] = paygo.terms.sources
    nano = 10**9
    assert source.multipliers == (
        Progressive(
            "daily_use",
            "day",
            "Asia/Shanghai",
            "USD",
            ((20 * nano, Fraction(1)), (50 * nano, Fraction(3, 2)), (None, Fraction(2))),
        ),
    )


@pytest.mark.parametrize(
    ("model", "paid"),
    [
        ("anthropic/claude-sonnet-4", True),
        ("anthropic/claude-opus-4.5", True),
        ("openai/gpt-5.2-codex", True),
        ("openai/gpt-5", True),
        ("openai/codex-mini", True),
        ("openai/gpt-image-1.5", False),
        ("google/gemini-2.5-pro", False),
    ],
)
def test_s0_6_claude_and_codex_models_are_paid(model: str, paid: bool) -> None:
    assert all((p.model(model) is not None) is paid for p in CATALOGUE if p.id.startswith("88code/"))


S1_1 = [
    ("starter", 10, "1200", "100", "300", "20", "3000", "100"),
    ("premium", 25, "3000", "250", "750", "40", "7500", "250"),
    ("pro", 50, "6000", "500", "1500", "60", "15000", "500"),
    ("master", 100, "12000", "1000", "3000", "80", "30000", "1000"),
    ("ultra", 200, "24000", "2000", "6000", "120", "60000", "2000"),
]


@pytest.mark.parametrize(("name", "price", "main", "day", "week", "rpm", "backup", "budget"), S1_1)
def test_s1_1_the_table_of_paid_tiers(
    name: str, price: int, main: str, day: str, week: str, rpm: str, backup: str, budget: str
) -> None:
    tier = plan(f"credits/{name}")
    terms = tier.terms
    assert full(terms.pool("main")) == main
    assert full(terms.pool("backup")) == backup
    assert limit(terms, "day") == f"{day} credit"
    assert limit(terms, "week") == f"{week} credit"
    assert limit(terms, "rpm") == f"{rpm} request"
    assert limit(terms, "budget") == f"{budget} USD"
    bought = [(p.id, str(p.amount), p.currency, p.period, p.renews, p.pay_with) for p in tier.prices]
    assert bought == [
        ("monthly", str(price), "USD", "month", True, ("creem", "nowpayments")),
        ("pass", str(price), "USD", "30d", False, ("nowpayments",)),
    ]
    assert (tier.terms_for("pass").period, tier.terms_for("pass").renews) == ("30d", False)


def test_s1_2_main_then_backup_then_wallet_and_the_caps_bind_main_alone() -> None:
    terms = plan("credits/starter").terms
    assert [(source.id, source.pool, source.windows) for source in terms.sources] == [
        ("main", "main", ("day", "week", "budget")),
        ("backup", "backup", ("budget",)),
    ]
    assert terms.companions == ("credits/pay2go",)
    assert (terms.rank, plan("credits/pay2go").terms.rank) == (0, 1)
    assert {terms.window(id).zone for id in ("day", "week")} == {"UTC"}


def test_s1_4_free_has_1000_requests_a_day_one_a_minute_and_free_models() -> None:
    free = plan("credits/free")
    assert limit(free.terms, "day") == "1000 request"
    assert limit(free.terms, "rpm") == "1 request"
    assert free.model("deepseek/deepseek-r1:free") is not None
    assert free.model("anthropic/claude-opus-4") is None


def test_s1_6_the_budget_counts_list_cost_before_multipliers_from_the_purchase() -> None:
    budget = plan("credits/ultra").terms.window("budget")
    assert (budget.kind, budget.every, budget.multiplied) == ("purchase", "month", False)
    assert budget.meter is not None
    assert (budget.meter.name, budget.meter.unit) == ("cost", "USD")


def test_s1_8_the_wallet_is_switched_on_by_its_owner_and_lifts_the_rate() -> None:
    wallet = plan("credits/pay2go").terms
    assert (wallet.wallet, wallet.opt_in, wallet.windows) == (True, True, ())
    assert [(pool.unit, pool.debt) for pool in wallet.pools] == [("USD", "carry")]
    rpm = plan("credits/starter").terms.window("rpm")
    assert (rpm.guard, rpm.lifted_by, rpm.length) == (True, "credits/pay2go", 60_000_000)


S2_3 = [
    ("free", 0, "5", "50.4", "216", None, None, "10"),
    ("pro", 20, "50", "504", "2160", "54.55", "2.73", "15"),
    ("max", 100, "300", "3024", "12960", "327.27", "3.27", "15"),
    ("ultra", 200, "800", "8064", "34560", "872.73", "4.36", "15"),
]


@pytest.mark.parametrize(("name", "price", "five", "week", "month", "usd", "leverage", "rpm"), S2_3)
def test_s2_1_and_s2_3_the_table_of_plans_is_computed(
    name: str,
    price: int,
    five: str,
    week: str,
    month: str,
    usd: str | None,
    leverage: str | None,
    rpm: str,
) -> None:
    tier = plan(f"agipower/{name}")
    family, _ = CATALOGUE.entry(tier.id)
    assert tier.prices[0].amount == price
    assert limit(tier.terms, "5h") == f"{five} flow"
    assert limit(tier.terms, "week") == f"{week} flow"
    assert limit(tier.terms, "rpm") == f"{rpm} request"
    facts = {fact.id: fact.rounded() for fact in facts_at(family.document, tier.document, 0)}
    computed = {"month": month, "list_value": usd, "leverage": leverage}
    assert facts == {id: value for id, value in computed.items() if value is not None}


def test_s2_1_a_flow_is_a_fraction_of_list_value_and_a_part_for_each_call() -> None:
    meter = plan("agipower/pro").terms.sources[0].meter
    [version] = meter.versions
    assert (version.cost, version.currency) == (Fraction("39.6"), "USD")
    assert version.weights[7] == Fraction("0.02")


def test_s2_2_insiders_draw_less_and_abusers_more() -> None:
    terms = plan("agipower/pro").terms
    [rule] = terms.sources[0].multipliers
    assert rule == BySegment("flow_value", (("abuse", Fraction(2)), ("insider", Fraction(10, 11))))
    assert terms.continuity_segments == {"insider"}
    assert terms.segments == {"insider", "abuse"}


def test_s2_3_both_windows_open_at_the_first_request_and_no_month_is_enforced() -> None:
    windows = plan("agipower/ultra").terms.windows
    hour = 3600 * 10**6
    assert [(w.id, w.kind, w.length, w.guard) for w in windows] == [
        ("5h", "first-use", 5 * hour, False),
        ("week", "first-use", 7 * 24 * hour, False),
        ("rpm", "sliding", 60 * 10**6, True),
    ]


def test_s2_4_model_lists_as_printed() -> None:
    count = {name: len(plan(f"agipower/{name}").models) for name in ("free", "pro", "max", "ultra")}
    assert count == {"free": 12, "pro": 94, "max": 96, "ultra": 96}
    pro = plan("agipower/pro")
    coming = [entry.id for entry in pro.models if not entry.available]
    assert coming == ["openai/gpt-image-1.5", "tencent/hunyuan-image3"]
    source = pro.terms.sources[0]
    assert not set(coming) & set(source.models)
    assert source.excluded_models == tuple(coming)
    added = {e.id for e in plan("agipower/max").models} - {e.id for e in pro.models}
    assert added == {"openai/gpt-5.2-pro", "openai/gpt-5-pro"}


def test_s2_9_the_refund_terms_are_data() -> None:
    refund = plan("agipower/pro").document.refund
    assert refund is not None
    assert (refund.within, refund.fee, refund.falls_to) == (24 * 3600 * 10**6, Fraction(1, 20), "free")
    assert plan("agipower/free").document.refund is None
