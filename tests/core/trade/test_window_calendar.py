"""Windows against a calendar written from scratch: days, weeks and months of each zone, months that count from the
purchase; what was used is back at each edge, and not a moment before."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from faregate.core.terms import WindowTerms
from faregate.core.window import Window
from tests.core.trade.test_calendar import ZONES, after_months, micros

many = settings(max_examples=300, deadline=None)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2032, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=ZoneInfo("UTC"))
)
every = st.sampled_from(["day", "week", "month"])


def midnight(local: datetime, zone: str) -> int:
    """The first instant of a day in ``zone``; where clocks leap over midnight, the one they leap to."""
    wall = datetime(local.year, local.month, local.day, tzinfo=ZoneInfo(zone))
    return micros(wall.astimezone(ZoneInfo("UTC")))


def calendar(at: datetime, every: str, zone: str) -> tuple[int, int]:
    """The day, the week from Monday, or the month around ``at`` in ``zone``."""
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    if every == "day":
        first, after = local, local + timedelta(days=1)
    elif every == "week":
        first = local - timedelta(days=local.weekday())
        after = first + timedelta(days=7)
    else:
        first = local.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    return midnight(first, zone), midnight(after, zone)


@many
@given(at=moments, every=every, zone=st.sampled_from(ZONES))
def test_a_calendar_window_is_the_day_week_or_month_of_its_zone(at: datetime, every: str, zone: str) -> None:
    window = Window("w", WindowTerms("w", "calendar", 10, "request", every=every, zone=zone), 0)
    opens, closes = calendar(at, every, zone)
    assert window.instance_at(micros(at)) == (opens, closes)
    assert window.instance_at(opens) == window.instance_at(closes - 1) == (opens, closes)
    assert window.instance_at(closes)[0] == closes, "none is left out, none twice"


@many
@given(bought=moments, later=st.integers(0, 1_200), zone=st.sampled_from(ZONES))
def test_a_month_from_the_purchase_keeps_its_wall_clock_and_its_day(bought: datetime, later: int, zone: str) -> None:
    window = Window("w", WindowTerms("w", "purchase", 10, "request", every="month", zone=zone), micros(bought))
    at = micros(bought) + later * 86_400 * 1_000_000
    months = 0
    while after_months(bought, months + 1, zone) <= at:
        months += 1
    opens = after_months(bought, months, zone) if months else micros(bought)
    assert window.instance_at(at) == (opens, after_months(bought, months + 1, zone))


@many
@given(first=moments, hours=st.sampled_from([5, 24, 168]), later=st.integers(0, 400 * 60))
def test_a_window_from_first_use_is_so_many_hours_whatever_the_clocks_do(
    first: datetime, hours: int, later: int
) -> None:
    window = Window("w", WindowTerms("w", "first-use", 10, "request", length=hours * 3_600_000_000), 0)
    opens = micros(first)
    assert window.instance_at(opens) == (opens, opens + hours * 3_600_000_000)
    window.anchor, window.closes = window.instance_at(opens)[0], opens + hours * 3_600_000_000
    at = opens + later * 60_000_000
    inside = at < opens + hours * 3_600_000_000
    assert window.instance_at(at)[0] == (opens if inside else at)
