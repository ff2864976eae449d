"""Charts: nothing is drawn outside its room, and what is drawn is what was given."""

from __future__ import annotations

import copy
import re
from datetime import UTC
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from faregate.comparison.page import render, step_paths, timeline
from faregate.comparison.page.cost_bars import CostBars, meter
from faregate.comparison.page.hours import LEVELS, level
from faregate.comparison.page.time_axis import COLUMNS, TimeAxis
from tests.comparison_page import market
from tests.comparison_page.reading import Element, read

PERCENTS = ("x", "x1", "x2", "width")
MOVE = re.compile(r"([a-zA-Z])([^a-zA-Z]*)")


@cache
def page() -> Element:
    return read(render(market.comparison(), "en"))


def walked(path: str) -> list[tuple[int, int]]:
    """The corners of a path of M, h, v, H, V and z."""
    x = y = 0
    corners: list[tuple[int, int]] = []
    for move, given in MOVE.findall(path):
        numbers = [int(number) for number in given.split()]
        if move == "M":
            x, y = numbers
        elif move in "hH":
            x = numbers[0] + (x if move == "h" else 0)
        elif move in "vV":
            y = numbers[0] + (y if move == "v" else 0)
        corners.append((x, y))
    return corners


def test_every_percentage_of_every_chart_is_within_it() -> None:
    seen = 0
    for one in page().all():
        if one.tag not in ("rect", "line", "text"):
            continue
        places = {name: one.attributes.get(name) or "0" for name in PERCENTS}
        percents = {name: Decimal(place[:-1]) for name, place in places.items() if place.endswith("%")}
        assert all(0 <= percent <= 100 for percent in percents.values()), one.attributes
        assert percents.get("x", Decimal(0)) + percents.get("width", Decimal(0)) <= Decimal("100.02"), one.attributes
        seen += len(percents)
    assert seen > 100


def test_every_path_of_every_timeline_stays_in_its_lane() -> None:
    seen = 0
    for chart in page().with_class("timeline"):
        for lane in chart.all("svg"):
            width, height = (int(part) for part in (lane.attributes["viewbox"] or "").split()[2:])
            for path in lane.all("path"):
                corners = walked(path.attributes["d"] or "")
                assert all(0 <= x <= width and 0 <= y <= height for x, y in corners), path.attributes
                seen += len(corners)
    assert seen > 1000


def test_every_lane_lies_inside_its_timeline() -> None:
    for chart in page().with_class("timeline"):
        whole = int(chart.attributes["height"] or "")
        for lane in chart.all("svg"):
            assert int(lane.attributes["y"] or "") + int(lane.attributes["height"] or "") <= whole
        assert all(int(text.attributes["y"] or "") <= whole for text in chart.all("text"))


def test_every_chart_says_in_words_what_it_shows_or_is_hidden_from_readers() -> None:
    drawn = [one for one in page().all("svg") if one.attributes.get("role") == "img"]
    assert all(next(chart.all("title"), None) is not None for chart in drawn)
    inner = {id(one) for chart in drawn for one in chart.all("svg")}
    rest = [one for one in page().all("svg") if one not in drawn and id(one) not in inner]
    assert all(one.attributes.get("aria-hidden") == "true" for one in rest)


def test_steps_keep_the_peak_of_a_column_and_its_last_level() -> None:
    points = [(0, 0), (1, 3), (1, 9), (1, 2), (2, 2), (5, 4)]
    assert step_paths.thinned(points) == [(0, 0), (1, 9), (1, 2), (5, 4)]


def test_an_area_of_steps_rises_holds_and_ends_on_the_floor() -> None:
    assert step_paths.area([(0, 0), (10, 4), (30, 1)], 40, 50) == "M0 50h10v-4h20v3h10V50z"
    assert step_paths.area([], 40, 50) == ""


def test_stripes_that_touch_are_one_and_the_shortest_is_a_column_wide() -> None:
    assert step_paths.stripes([(5, 9), (0, 0), (8, 12)], 7) == "M0 0h1v7h-1zM5 0h7v7h-7z"


@pytest.mark.parametrize(("share", "height"), [("0", 0), ("0.5", 26), ("1", 52), ("1.4", 52), ("-0.1", 0)])
def test_a_share_of_a_limit_is_drawn_between_floor_and_limit(share: str, height: int) -> None:
    assert timeline.height_at(share) == height


def test_instants_lie_in_proportion_and_those_outside_at_the_edge() -> None:
    axis = TimeAxis("2026-06-01T00:00:00Z", "2026-06-11T00:00:00Z", UTC)
    assert axis.column("2026-06-06T00:00:00Z") == COLUMNS // 2
    assert axis.column("2025-01-01T00:00:00Z") == 0
    assert axis.column("2027-01-01T00:00:00Z") == COLUMNS


@pytest.mark.parametrize(
    ("ends", "first", "count"),
    [
        ("2026-03-27T06:00:00Z", "03-27 01:00", 7),
        ("2026-03-29T00:00:00Z", "03-27 06:00", 8),
        ("2026-04-03T00:00:00Z", "03-28", 7),
        ("2026-06-27T00:00:00Z", "03-28", 7),
        ("2028-03-27T00:00:00Z", "03-28", 9),
    ],
)
def test_ticks_are_few_and_stand_on_local_hours_and_midnights(ends: str, first: str, count: int) -> None:
    axis = TimeAxis("2026-03-27T00:00:00Z", ends, ZoneInfo("Europe/Berlin"))
    ticks = axis.ticks()
    assert (ticks[0].text, len(ticks)) == (first, count)
    places = [Decimal(tick.percent) for tick in ticks]
    assert places == sorted(places)
    assert all(0 <= place <= 100 for place in places)


def test_a_single_instant_still_has_a_line_to_lie_on() -> None:
    axis = TimeAxis("2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z", UTC)
    assert axis.column("2026-06-01T00:00:00Z") == 0
    assert axis.ticks()


def test_a_dear_plan_is_cut_and_does_not_press_the_cheap_ones_together() -> None:
    bars = CostBars([Decimal(cost) for cost in (40, 50, 60, 70, 9000)], Decimal(5000))
    assert bars.top < 200
    assert not bars.shows_list
    dear = bars.bar((Decimal(9000), Decimal(0), Decimal(0)), (Decimal(9000), Decimal(9000)), "")
    assert 'x="0%" width="100%"' in dear
    assert "b-cut" in dear
    assert "b-cut" not in bars.bar((Decimal(40), Decimal(0), Decimal(10)), (Decimal(45), Decimal(60)), "")


def test_price_balance_and_overflow_of_a_bar_add_up_and_follow_each_other() -> None:
    bars = CostBars([Decimal(100)], Decimal(80))
    bar = bars.bar((Decimal(26), Decimal(52), Decimal(26)), (Decimal(104), Decimal(104)), "")
    drawn = re.findall(r'class="b-(\w+)" y="4" height="16" x="([\d.]+)%" width="([\d.]+)%"', bar)
    assert drawn == [("price", "0", "25"), ("wallet", "25", "50"), ("overflow", "75", "25")]
    assert "b-list" in bar
    assert "b-band" not in bar


def test_a_band_that_ends_beyond_the_scale_has_no_cap_there() -> None:
    bars = CostBars([Decimal(100)], Decimal(0))
    nothing = (Decimal(0), Decimal(0), Decimal(0))
    assert bars.bar(nothing, (Decimal(10), Decimal(20)), "").count("b-band") == 3
    assert bars.bar(nothing, (Decimal(10), Decimal(900)), "").count("b-band") == 2
    assert bars.bar(nothing, (Decimal(800), Decimal(900)), "").count("b-band") == 0


def test_a_meter_beyond_all_is_full() -> None:
    assert 'class="m-price" width="100%"' in meter("1.7", kind="price")


@pytest.mark.parametrize(("requests", "strength"), [(0, 0), (1, 1), (4, 1), (5, 2), (16, 2), (100, 5)])
def test_hours_are_coloured_finer_among_the_quiet_ones(requests: int, strength: int) -> None:
    assert level(requests, 100) == strength
    assert level(requests, requests or 1) in (0, LEVELS)


def test_a_plan_of_many_windows_is_as_tall_as_they_need() -> None:
    made = copy.deepcopy(market.comparison(market.OFFERS[:2]))
    made["plans"][0]["series"] = made["plans"][0]["series"][:1] * 8
    chart = read(render(made, "en")).with_class("timeline")[0]
    assert int(chart.attributes["height"] or "") == timeline.height_of(8)
