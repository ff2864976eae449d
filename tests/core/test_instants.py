"""Instants: calendar periods and periods from an anchor, against a calendar that counts days one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.core.instants import (
    DAY,
    HOUR,
    add_months,
    anchored_period,
    calendar_period,
    from_datetime,
    parse_instant,
    render_instant,
    to_datetime,
)

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Berlin")
instants = st.integers(parse_instant("2024-01-01T00:00:00Z"), parse_instant("2033-01-01T00:00:00Z"))


def local_date(at: int, zone: str) -> tuple[int, int, int]:
    found = to_datetime(at, zone)
    return found.year, found.month, found.day


@given(instants, st.sampled_from(ZONES))
def test_a_calendar_day_holds_exactly_the_instants_of_one_date(at: int, zone: str) -> None:
    start, end = calendar_period(at, "day", zone)
    assert start <= at < end
    assert local_date(start, zone) == local_date(at, zone) == local_date(end - 1, zone)
    assert local_date(start - 1, zone) != local_date(at, zone) != local_date(end, zone)


@given(instants, st.sampled_from(ZONES))
def test_a_calendar_week_runs_from_monday_to_monday(at: int, zone: str) -> None:
    start, end = calendar_period(at, "week", zone)
    assert start <= at < end
    first, last = to_datetime(start, zone), to_datetime(end, zone)
    assert (first.weekday(), first.hour, last.weekday(), last.hour) == (0, 0, 0, 0)
    assert (last.date() - first.date()).days == 7


@given(instants, st.sampled_from(ZONES))
def test_a_calendar_month_holds_exactly_the_instants_of_one_month(at: int, zone: str) -> None:
    start, end = calendar_period(at, "month", zone)
    assert start <= at < end
    assert local_date(start, zone)[:2] == local_date(at, zone)[:2] == local_date(end - 1, zone)[:2]
    assert local_date(end, zone)[2] == 1
    assert local_date(start, zone)[2] == 1


@pytest.mark.parametrize(
    ("text", "zone", "hours"),
    [
        ("2026-03-08T12:00:00Z", "America/New_York", 23),
        ("2026-11-01T12:00:00Z", "America/New_York", 25),
        ("2026-03-29T12:00:00Z", "Europe/Berlin", 23),
        ("2026-03-08T12:00:00Z", "Asia/Shanghai", 24),
    ],
)
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is(text: str, zone: str, hours: int) -> None:
    start, end = calendar_period(parse_instant(text), "day", zone)
    assert end - start == hours * HOUR


@pytest.mark.parametrize(
    ("anchor", "ends"),
    [
        ("2026-01-31T10:00:00Z", ["02-28", "03-31", "04-30", "05-31", "06-30"]),
        ("2028-01-30T10:00:00Z", ["02-29", "03-30", "04-30", "05-30", "06-30"]),
        ("2028-02-29T10:00:00Z", ["03-29", "04-29", "05-29", "06-29", "07-29"]),
        ("2026-11-30T10:00:00Z", ["12-30", "01-30", "02-28", "03-30", "04-30"]),
    ],
)
def test_a_month_from_a_31st_ends_on_the_last_day_and_the_next_is_a_31st_again(anchor: str, ends: list[str]) -> None:
    first = parse_instant(anchor)
    found = [render_instant(add_months(first, months))[5:10] for months in range(1, 6)]
    assert found == ends


@given(instants, st.integers(0, 4 * 365), st.sampled_from(ZONES))
def test_anchored_months_follow_each_other_without_gap_or_overlap(anchor: int, days: int, zone: str) -> None:
    at = anchor + days * DAY
    start, end = anchored_period(anchor, at, "month", zone)
    assert start <= at < end
    edges = [add_months(anchor, months, zone) for months in range(60)]
    assert (start, end) in list(pairwise(edges))


@given(instants, st.integers(0, 400), st.sampled_from(["day", "week", "7d", "30d"]))
def test_anchored_periods_of_days_are_whole_multiples_of_their_length(anchor: int, days: int, every: str) -> None:
    length = {"day": 1, "week": 7, "7d": 7, "30d": 30}[every] * DAY
    start, end = anchored_period(anchor, anchor + days * DAY + 1, every)
    assert (start - anchor) % length == 0
    assert end - start == length


def test_an_anchored_month_keeps_the_wall_time_over_a_change_of_the_clocks() -> None:
    anchor = parse_instant("2026-02-15T15:00:00Z")  # ten in the morning in New York
    assert render_instant(add_months(anchor, 1, "America/New_York")) == "2026-03-15T14:00:00Z"


@given(instants)
def test_what_is_printed_reads_back(at: int) -> None:
    assert parse_instant(render_instant(at)) == at


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        parse_instant("2026-03-01T10:00:00")
    with pytest.raises(ValueError, match="no time zone"):
        from_datetime(datetime(2026, 3, 1))  # noqa: DTZ001 - the point of the test


@given(instants, st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_or_overlap(at: int, zone: str) -> None:
    start, end = calendar_period(at, "day", zone)
    assert calendar_period(end, "day", zone)[0] == end
    assert calendar_period(start - 1, "day", zone)[1] == start
    naive = to_datetime(at, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    oracle = (naive + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))
    assert end == from_datetime(oracle)
