"""Instants of logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.readers.broken_line import Broken
from faregate.readers.instants import instant, of_milliseconds

CENTURY = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30))  # noqa: DTZ001 - the zone is drawn


@given(CENTURY, st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=9, minutes=30))]))
def test_an_instant_is_microseconds_whatever_its_zone(written: datetime, zone: timezone) -> None:
    moment = written.replace(tzinfo=zone)
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert instant(moment.isoformat()) == expected
    assert instant(moment.astimezone(UTC).isoformat().replace("+00:00", "Z")) == expected


def test_without_a_zone_it_is_utc() -> None:
    assert instant("2026-11-02T10:00:00.250") == instant("2026-11-02T10:00:00.250Z")


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z"])
def test_what_is_no_time_of_a_request_is_broken(text: str) -> None:
    with pytest.raises(Broken, match="bad_time"):
        instant(text)


def test_milliseconds_are_read_and_checked() -> None:
    assert of_milliseconds(1_793_613_600_000) == instant("2026-11-02T10:00:00Z")
    with pytest.raises(Broken):
        of_milliseconds(1_793_613_600)
