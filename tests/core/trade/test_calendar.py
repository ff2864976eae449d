"""Paid periods against a calendar written from scratch: months, leap days, 31sts, zones, days without some hours."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from faregate.core.filling import period_after
from faregate.core.instants import DAY, HOUR
from faregate.core.trade import agreeing
from tests.core.trade.customer import CREEM, WECHAT, Customer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"]
few = settings(max_examples=25, deadline=None)
many = settings(max_examples=300, deadline=None)
# Where the shipped plans are on sale; a leap day and a turn of the year come within four years of it.
instants = st.datetimes(datetime(2026, 3, 25), datetime(2029, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
last_days = st.sampled_from(
    [(2027, 1, 31), (2028, 1, 29), (2028, 1, 30), (2028, 2, 29), (2026, 8, 31), (2026, 12, 31)]
)
hours = st.integers(0, 23)


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def after_months(bought: datetime, months: int, zone: str) -> int:
    """The same wall clock so many months later, on the month's last day where it has no such day."""
    local = bought.astimezone(ZoneInfo(zone))
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    wall = local.replace(year=year, month=month + 1, day=day, fold=0)
    # Through UTC and back: an hour that the clocks leapt over is none, the one after it is meant.
    return micros(wall.astimezone(UTC))


@many
@given(bought=instants, zone=st.sampled_from(ZONES), period=st.sampled_from([("month", 1), ("year", 12)]))
def test_periods_follow_the_wall_clock_of_their_zone_and_the_day_of_the_purchase(
    bought: datetime, zone: str, period: tuple[str, int]
) -> None:
    anchor = start = micros(bought)
    for number in range(1, 15):
        end = period_after(start, period[0], zone, anchor)
        expected = after_months(bought, number * period[1], zone)
        assert end is not None
        assert end == expected, (
            number,
            EPOCH + timedelta(microseconds=end),
            EPOCH + timedelta(microseconds=expected),
        )
        start = end


@many
@given(bought=instants, zone=st.sampled_from(ZONES), days=st.integers(1, 400))
def test_periods_of_days_are_so_many_times_24_hours(bought: datetime, zone: str, days: int) -> None:
    assert period_after(micros(bought), f"{days}d", zone) == micros(bought) + days * DAY


def renewed(customer: Customer, family: str) -> tuple[int, int]:
    """Pass to the period's end and pay; the period that begins."""
    end = customer.subscription(family).period_end
    assert end is not None
    customer.until(end)
    (order,) = [each for each in customer.book.orders.values() if each.state == "waiting"]
    assert customer.hear(order) == "delivered"
    found = customer.subscription(family)
    assert found.period_end is not None
    return found.period_start, found.period_end


@few
@given(day=last_days, hour=hours)
def test_a_year_of_paid_renewals_in_shanghai_keeps_its_day(day: tuple[int, int, int], hour: int) -> None:
    bought = datetime(*day, hour, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    customer = Customer(micros(bought))
    customer.buy("glm/lite", payer=WECHAT)
    for number in range(1, 14):
        start, end = renewed(customer, "glm")
        assert start == after_months(bought, number, "Asia/Shanghai")
        assert end == after_months(bought, number + 1, "Asia/Shanghai")
    customer.check()


@few
@given(day=last_days, hour=hours, used=st.integers(0, 27), paused=st.integers(1, 70))
def test_a_pause_across_months_gives_back_its_length_and_no_more(
    day: tuple[int, int, int], hour: int, used: int, paused: int
) -> None:
    bought = micros(datetime(*day, hour, tzinfo=UTC))
    customer = Customer(bought)
    customer.buy("credits/starter", "monthly", WECHAT._replace(name="nowpayments", charges=False))
    running = customer.subscription("credits")
    end = running.period_end
    assert end is not None
    customer.until(bought + used * DAY + HOUR)
    customer.add(agreeing.pause(customer.state, running, customer.now, "pause"))
    customer.until(customer.now + paused * DAY)
    customer.add(agreeing.go_on(customer.state, running, customer.now, "on", customer.market))
    assert running.period_end == end + paused * DAY
    start, _ = renewed(customer, "credits")
    assert start == end + paused * DAY
    customer.check()


@few
@given(day=last_days, hour=hours, used=st.integers(1, 26))
def test_an_upgrade_keeps_the_period_and_the_next_ones_their_day(
    day: tuple[int, int, int], hour: int, used: int
) -> None:
    bought = datetime(*day, hour, tzinfo=UTC)
    customer = Customer(micros(bought))
    customer.buy("agipower/pro")
    customer.until(micros(bought) + used * DAY)
    end = customer.subscription("agipower").period_end
    order = customer.order(customer.change("agipower/max"))
    assert customer.hear(order) == "delivered"
    assert customer.subscription("agipower").period_end == end == after_months(bought, 1, "UTC")
    start, after = renewed(customer, "agipower")
    assert (start, after) == (end, after_months(bought, 2, "UTC"))
    customer.check()


@few
@given(day=last_days, hour=hours, late=st.integers(0, 70))
def test_a_month_of_the_cost_budget_counts_from_the_order(day: tuple[int, int, int], hour: int, late: int) -> None:
    bought = datetime(*day, hour, tzinfo=UTC)
    customer = Customer(micros(bought))
    customer.buy("credits/starter", "monthly", CREEM._replace(renews_itself=False))
    budget = customer.subscription("credits").windows["budget"]
    months = 0
    while after_months(bought, months + 1, "UTC") <= micros(bought) + late * DAY:
        months += 1
    at = micros(bought) + late * DAY
    assert budget.instance_at(at)[0] == after_months(bought, months, "UTC")
