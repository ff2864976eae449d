"""S4 · GLM Coding Plan FAQ: models, tools, what happens when it is used up, MCP, and the terms kept as data."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner

from faregate.cli.main import main
from faregate.planfile import Plan, shipped_catalogue
from tests.scenarios.replaying import Line, Paid, Refused, event, replay

LITE, API, GLM = "glm/lite", "glm/api", "z-ai/glm-4.7"
NOON = "2026-03-02T12:00:00Z"
LATER = "2026-03-02T12:00:01Z"
FIVE = "2026-03-02T17:00:00Z"
VERSIONS = ["glm/{}", "glm/{}@2025-10"]
DAY = 24 * 3600 * 10**6


def prompt(at: str = NOON, client: str = "claude-code", **usage: Any) -> Line:
    line: Line = {"at": at, "model": GLM, "client": client, "session": "s", "prompt": True}
    return line | (usage or {"input": 1_000_000})


def tool(name: str, at: str = NOON, calls: int = 1, client: str = "claude-code") -> Line:
    return {"at": at, "tool": name, "calls": calls, "client": client}


def plan(name: str) -> Plan:
    return shipped_catalogue().plan(name)


# ---- S4.1: models


def test_s4_1_the_version_of_the_faq_serves_claudes_names_by_glm_4_6_and_glm_4_5_air() -> None:
    rules = plan("glm/lite@2025-10").document.model_mapping
    served = {rule.from_: (rule.to, rule.client_may_override) for rule in rules if "/" not in rule.from_}
    assert served == {
        "claude-opus-*": ("z-ai/glm-4.6", True),
        "claude-sonnet-*": ("z-ai/glm-4.6", True),
        "claude-haiku-*": ("z-ai/glm-4.5-air", True),
    }


def test_s4_1_the_present_version_says_its_own_and_that_it_is_a_choice() -> None:
    served = [rule.to for rule in plan(LITE).document.model_mapping[:3]]
    assert served == ["z-ai/glm-4.7", "z-ai/glm-4.7", "z-ai/glm-4.5-air"]
    family, _ = shipped_catalogue().entry(LITE)
    assert any("GLM-4.7 and Haiku by GLM-4.5-Air" in choice.en for choice in family.document.source.choices)


def test_s4_1_whatever_is_served_is_in_the_plan_and_other_names_are_replayed_as_glm_4_7() -> None:
    for version in VERSIONS:
        lite = plan(version.format("lite"))
        assert all(lite.model(rule.to) is not None for rule in lite.document.model_mapping)
        assert lite.stand_in == GLM


# ---- S4.2: callers


@pytest.mark.parametrize("client", ["claude-code", "roo", "kilo", "cline", "opencode", "crush", "goose"])
def test_s4_2_every_listed_tool_draws_the_one_quota(client: str) -> None:
    seen = replay(LITE, prompt(), prompt(LATER, client=client))
    assert seen.window(1, f"{LITE}:5h")[1] == "2"


def test_s4_2_others_are_billed_apart_at_list_prices() -> None:
    seen = replay(
        f"{LITE},{API}",
        event(NOON, "grant", plan=API, amount=10),
        prompt(client="my-bot"),
        prompt(LATER),
    )
    assert seen.paid(0) == [Paid(API, "balance", "4 CNY", "1", "4")]
    assert seen.paid(1) == [Paid(LITE, None, "1 prompt", "1", "4")]


def test_s4_2_others_without_a_balance_are_refused_and_told_why() -> None:
    seen = replay(LITE, prompt(client="my-bot"))
    assert not seen.requests[0]["admitted"]
    assert (LITE, "client_not_in_plan") in [(source, reason) for source, reason, _ in seen.blocks(0)]


# ---- S4.3: used up


def test_s4_3_used_up_means_wait_for_the_next_five_hours_whatever_the_balance() -> None:
    burst = [prompt() for _ in range(80)]
    seen = replay(f"{LITE},{API}", event(NOON, "grant", plan=API, amount=1000), *burst, prompt(LATER), prompt(FIVE))
    assert seen.refused(80) == Refused("window_full", f"{LITE}:5h", FIVE)
    assert seen.paid(81) == [Paid(LITE, None, "1 prompt", "1", "4")]
    assert API not in seen.totals["drawn"]


def test_s4_3_the_present_version_waits_for_its_week_too() -> None:
    bursts = [prompt(f"2026-03-0{day}T12:00:00Z") for day in range(2, 6) for _ in range(80)]
    seen = replay(LITE, *bursts, prompt("2026-03-06T12:00:00Z"), prompt("2026-03-09T12:00:00Z"))
    assert seen.refused(320) == Refused("window_full", f"{LITE}:week", "2026-03-09T12:00:00Z")
    assert seen.admitted()[321]


# ---- S4.4: MCP


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("tier", "calls"), [("lite", 100), ("pro", 1000), ("max", 4000)])
def test_s4_4_search_and_read_share_so_many_calls_a_calendar_month(version: str, tier: str, calls: int) -> None:
    name, window = version.format(tier), f"glm/{tier}:search"
    seen = replay(
        name,
        tool("web-search", calls=calls - 1),
        tool("web-read"),
        tool("web-search", LATER),
        # April begins in Shanghai at 16:00 UTC.
        tool("web-read", "2026-03-31T15:59:59Z"),
        tool("web-read", "2026-03-31T16:00:00Z"),
    )
    assert seen.window(1, window)[1] == str(calls)
    assert seen.refused(2) == Refused("window_full", window, "2026-03-31T16:00:00Z")
    assert seen.admitted() == [True, True, False, False, True]


def test_s4_4_vision_draws_the_prompts_of_the_five_hours() -> None:
    seen = replay(LITE, *(prompt() for _ in range(79)), tool("vision"), tool("vision", LATER), prompt(LATER))
    assert seen.window(79, f"{LITE}:5h")[1] == "80"
    assert seen.refused(80) == Refused("window_full", f"{LITE}:5h", FIVE)
    assert seen.refused(81) == Refused("window_full", f"{LITE}:5h", FIVE)


def test_s4_4_tools_are_not_sold_outside_plans_and_no_balance_pays_for_them() -> None:
    seen = replay(API, event(NOON, "grant", plan=API, amount=10), tool("web-search"))
    assert seen.refused(0).reason == "model_not_in_plan"
    tools = shipped_catalogue().entry(LITE)[0].document.tools
    assert {tool.id: tool.outside_plans for tool in tools} == dict.fromkeys(
        ("tool/web-search", "tool/web-read", "tool/vision"), "not_sold"
    )


# ---- S4.5 to S4.8: terms kept as data


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("tier", ["lite", "pro", "max"])
def test_s4_5_to_7_renewal_refund_upgrade_and_sharing(version: str, tier: str) -> None:
    document = plan(version.format(tier)).document
    assert document.renewal is not None
    assert (document.renewal.paid_from, document.renewal.cancel_before) == (["gift", "cash", "provider"], 3 * DAY)
    assert document.prices[0].pay_with == ["wechat", "alipay"]
    assert document.refund is not None
    assert not document.refund.allowed
    assert document.switch is not None
    upgrade = document.switch.upgrade
    assert (upgrade.when, upgrade.charges, upgrade.keeps_period) == ("now", "difference_of_period_left", True)
    assert document.sharing is not None
    assert document.sharing.signals == ["addresses", "clients", "sessions", "concurrency"]
    assert (document.when_exhausted, document.clients and document.clients.may_choose_api) == ("wait", False)


@pytest.mark.parametrize("version", VERSIONS)
def test_s4_8_the_referral_pays_a_tenth_of_the_cash_into_the_gift_balance(version: str) -> None:
    document = shipped_catalogue().entry(version.format("lite"))[0].document
    referral, gift = document.referral, document.gift
    assert referral is not None
    assert (referral.reward, referral.into, referral.new_customers_only) == (Fraction(1, 10), "gift", True)
    assert (referral.pays_within, referral.no_refund_for, referral.review) == (3 * DAY, DAY, [DAY, 2 * DAY])
    assert gift is not None
    assert gift.buys == ["plans", "renewals", "packs", "api"]
    # 100, half off a first order, a tenth off by the link, 5 of gift: 40 in cash, of which a tenth.
    price = Fraction(100)
    assert referral.first_order_discount is not None
    assert referral.friend_discount is not None
    cash = price * (1 - referral.first_order_discount) * (1 - referral.friend_discount) - 5
    assert cash * referral.reward == 4


def test_s4_the_words_say_what_binds() -> None:
    said = json.loads(CliRunner().invoke(main, ["plan", "show", LITE, "--json"]).stdout)["words"]
    assert "When it is used up, requests wait for it: no other balance pays for them." in said["en"]
    assert any("billed as plain API use" in sentence for sentence in said["en"])
    assert any("按普通 API 计费" in sentence for sentence in said["zh"])
