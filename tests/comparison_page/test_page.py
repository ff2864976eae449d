"""The page as a whole: it is well formed, says every plan, loads nothing, and nothing from outside becomes markup."""

from __future__ import annotations

import copy
import json
import re
from base64 import b64encode
from dataclasses import replace
from functools import cache
from hashlib import sha256

import pytest

from faregate.comparison.page import render
from faregate.comparison.result import Comparison
from tests.comparison_page import market
from tests.comparison_page.reading import Element, read

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"
SECTIONS = ("ranking", "plans", "hours", "usage", "method")
LOADING = ("img", "iframe", "object", "embed", "video", "audio", "source", "image", "feimage", "base", "form")


@cache
def whole() -> Comparison:
    return market.comparison()


@cache
def page(language: str = "en") -> Element:
    return read(render(whole(), language))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_balanced_html_in_its_language(language: str) -> None:
    root = page(language)
    html = next(root.all("html"))
    assert html.attributes["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert len(list(root.all("h1"))) == 1
    assert [one.attributes["id"] for one in root.all("section")] == list(SECTIONS)


def test_ids_are_given_once_and_every_reference_inside_the_page_finds_one() -> None:
    ids = [one.attributes["id"] for one in page().all() if "id" in one.attributes]
    assert len(set(ids)) == len(ids)
    wanted = [one.attributes["href"] or "" for one in page().all("a")]
    inside = {address[1:] for address in wanted if address.startswith("#")}
    named = {
        one.attributes[name] for one in page().all() for name in ("aria-labelledby", "for") if name in one.attributes
    }
    assert inside | named <= set(ids)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_plan_stands_in_the_ranking_in_the_order_of_the_comparison(language: str) -> None:
    rows = [row for row in next(iter(page(language).with_class("rank"))).all("tr") if "data-cost" in row.attributes]
    names = [next(row.all("a")).text for row in rows if next(row.all("a"), None)]
    assert names == [plan["names"][language] for plan in whole()["plans"] if plan["problem"] is None]


def test_no_plan_at_all_stands_where_its_cost_belongs() -> None:
    rows = [row for row in page().by_id("ranking").all("tr") if "data-cost" in row.attributes]
    costs = [float(row.attributes["data-cost"] or "") for row in rows]
    assert costs == sorted(costs)
    assert len(rows) == len(market.OFFERS) + 1


def test_every_plan_has_its_own_detail_with_timeline_month_windows_and_sources() -> None:
    details = page().with_class("plan")
    assert len(details) == len(market.OFFERS)
    for detail, plan in zip(details, whole()["plans"], strict=False):
        assert plan["id"] in detail.text
        assert plan["holds"]["derivation"]["en"][0] in detail.text
        assert all(window["names"]["en"] in detail.text for window in plan["windows"])
        assert detail.with_class("timeline")
        assert [one.attributes["href"] for one in detail.all("a")] == [
            "https://plans.example/coding-plan?tier=1&lang=en"
        ]


def test_a_plan_that_could_not_be_replayed_is_told_with_the_reason_and_not_ranked() -> None:
    told = page("zh").with_class("unplayed")[0].text
    assert "Google AI Pro" in told
    assert "没有能替代" in told
    assert "Google AI Pro" not in page("zh").with_class("rank")[0].text


def test_a_combination_that_does_no_better_than_a_part_of_it_says_so() -> None:
    made = copy.deepcopy(whole())
    lone = copy.deepcopy(made["plans"][0])
    lone["id"], lone["plans"] = "glm/pair", [*lone["plans"], "glm/extra"]
    made["plans"].insert(1, lone)
    rows = list(read(render(made, "en")).with_class("rank")[0].all("tr"))
    assert ["adds nothing" in row.text for row in rows[1:4]] == [False, True, False]


def test_money_from_a_balance_is_drawn_apart_from_price_and_overflow() -> None:
    row = next(row for row in page().with_class("rank")[0].all("tr") if "88code/paygo" in row.text)
    parts = [(one.attributes.get("class") or "") for one in row.all("rect")]
    assert parts[:2] == ["b-price", "b-wallet"]
    assert "from a balance beside it" in page().with_class("legend")[0].text


def test_the_plan_of_the_verdict_stands_open_and_is_marked() -> None:
    best = whole()["verdict"]["best"]
    opened = [detail for detail in page().with_class("plan") if "open" in detail.attributes]
    assert [best in detail.text for detail in opened] == [True]
    assert best in page().with_class("best")[0].text
    assert page().with_class("ticket")[0].attributes["href"] == f"#{opened[0].attributes['id']}"


def test_the_page_loads_nothing() -> None:
    assert not [one.tag for one in page().all() if one.tag in LOADING]
    for one in page().all():
        assert "src" not in one.attributes, one.tag
        assert "srcset" not in one.attributes, one.tag
        assert not [name for name in one.attributes if name.startswith("on")], one.tag
        if one.tag in ("link", "use", "svg"):
            assert (one.attributes.get("href") or "data:").startswith(("data:", "#"))
    style = next(page().all("style")).text
    assert set(re.findall(r"url\(([^)]*)\)", style)) == {"#hatch", "#lines"}
    assert "@import" not in style


def test_the_policy_of_the_page_allows_exactly_its_own_scripts() -> None:
    policy = next(one for one in page().all("meta") if one.attributes.get("http-equiv")).attributes["content"] or ""
    scripts = [one.text for one in page().all("script") if "type" not in one.attributes]
    digests = {b64encode(sha256(script.encode()).digest()).decode() for script in scripts}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests
    assert policy.startswith("default-src 'none';")
    assert all(
        word not in "".join(scripts) for word in ("innerHTML", "eval(", "fetch(", "XMLHttpRequest", "document.write")
    )


def hostile() -> Comparison:
    """A comparison in which every text from outside tries to become markup."""
    made = copy.deepcopy(whole())
    made["zone"] = made["version"] = made["currency"] = HOSTILE
    made["usage"]["name"] = HOSTILE
    made["usage"]["tools"] = {HOSTILE: 1}
    made["usage"]["unpriced_models"] = [HOSTILE]
    made["usage"]["prices_behind"] = {HOSTILE: HOSTILE}
    made["usage"]["models"][0]["model"] = HOSTILE
    made["rates"][0]["source"] = made["rates"][0]["base"] = made["rates"][0]["since"] = HOSTILE
    made["verdict"]["en"] = made["verdict"]["zh"] = f"{HOSTILE}. {HOSTILE}"
    for plan in made["plans"]:
        plan["id"] = plan["printed_price"] = HOSTILE
        plan["names"] = {"en": HOSTILE, "zh": f"二{HOSTILE}"}
        plan["stand_ins"] = {HOSTILE: HOSTILE}
        plan["sources"] = [HOSTILE, f"https://x.example/{HOSTILE}", "javascript:alert(1)"]
        plan["holds"]["derivation"] = {"en": [HOSTILE], "zh": [HOSTILE]}
        plan["problem"] = plan["problem"] and {"en": HOSTILE}
        for window in plan["windows"]:
            window["names"], window["unit"] = {"en": HOSTILE}, HOSTILE
        for lane in plan["series"]:
            lane["names"] = {"en": HOSTILE}
        for block in plan["worst_blocks"]:
            block["window"] = HOSTILE
    return made


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_from_logs_and_plan_files_never_becomes_markup(language: str) -> None:
    written = render(hostile(), language)
    root = read(written)
    assert len(list(root.all("script"))) == 3
    assert not list(root.all("img"))
    assert not [one for one in root.all() for name in one.attributes if name.startswith("on")]
    links = {(one.attributes["href"] or "").split(":")[0] for one in root.all("a")}
    assert {link for link in links if not link.startswith("#")} == {"https"}
    assert HOSTILE in root.text
    assert HOSTILE not in written


def test_the_data_of_the_script_is_json_that_cannot_end_it() -> None:
    data = page().by_id("data").text
    assert "<" not in data
    assert json.loads(data)["refused"][0] == whole()["plans"][0]["blocked_by_hour"]


def test_sixty_plans_stay_below_a_megabyte() -> None:
    offers = [replace(offer, id=f"{offer.id}-{turn}") for turn in range(3) for offer in market.OFFERS][:60]
    assert len(render(market.comparison(tuple(offers)), "en").encode()) < 1_000_000


def test_the_same_comparison_gives_the_same_page() -> None:
    assert render(whole(), "en") == render(market.comparison(), "en")


def bare() -> Comparison:
    """Nothing but what the shapes demand."""
    made = copy.deepcopy(whole())
    made["plans"], made["rates"] = [], []
    made["requests_by_hour"] = [[0] * 24 for _ in range(7)]
    made["usage"] |= {"models": [], "unpriced_models": [], "tools": {}, "files": 0, "requests": 0, "list_value": "0"}
    made["usage"]["tokens"] = market.tokens(0)
    made["usage"]["ends"] = made["usage"]["begins"]
    made["verdict"] = {"best": "", "en": "Nothing was replayed.", "zh": "没有可以重放的用量。"}
    return made


def test_a_comparison_of_nothing_is_still_a_page() -> None:
    root = read(render(bare(), "en"))
    assert next(root.all("h1")).text == "Nothing was replayed."
    assert not root.with_class("ticket")


def test_a_plan_without_limits_windows_or_sources_is_still_shown() -> None:
    made = copy.deepcopy(whole())
    plan = made["plans"][0]
    plan["windows"], plan["series"], plan["sources"], plan["blocked_by_hour"] = [], [], [], []
    plan["holds"] |= {"prompts": None, "requests": None, "tokens": None, "list_value": None, "bound_by": None}
    plan["leverage"] = plan["money_per_million_tokens"] = plan["wasted"] = None
    detail = read(render(made, "en")).with_class("plan")[0].text
    assert "No limit in the terms of this plan." in detail
    assert "This plan has no window to show." in detail


def test_numbers_of_requests_stand_in_every_busy_hour_and_refused_ones_beside() -> None:
    made = copy.deepcopy(whole())
    made["verdict"]["best"] = "kimi/andante"
    shown = next(plan for plan in made["plans"] if plan["id"] == "kimi/andante")
    cells = list(read(render(made, "en")).by_id("hours").all("tr"))[1:]
    read_back = [[(cell.all("span"), cell.all("b")) for cell in row.all("td")] for row in cells]
    for day, row in enumerate(read_back):
        for hour, (requests, refused) in enumerate(row):
            assert "".join(one.text for one in requests) == str(made["requests_by_hour"][day][hour] or "")
            assert "".join(one.text for one in refused) == str(shown["blocked_by_hour"][day][hour] or "")


def test_a_page_of_many_plans_stays_small_enough_to_send_and_says_what_it_leaves_out() -> None:
    many = copy.deepcopy(whole())
    replayed = [plan for plan in many["plans"] if plan["problem"] is None]
    many["plans"] = [
        copy.deepcopy(plan) | {"id": f"{plan['id']}-{copy_number}"}
        for plan in replayed
        for copy_number in range(-(-200 // len(replayed)))
    ]
    text = render(many, "en")
    assert len(text.encode()) < 1_000_000
    drawn = read(text).with_class("plan")
    assert len(drawn) == len(many["plans"])
    last = many["plans"][-1]["id"]
    assert f"faregate compare --plans {last} --html FILE" in text
    first = many["plans"][0]["id"]
    assert f"faregate compare --plans {first} --html FILE" not in text
