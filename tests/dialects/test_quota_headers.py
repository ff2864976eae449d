"""What is left, in each dialect's headers and in ours."""

from __future__ import annotations

import pytest

from faregate.dialects import DIALECTS
from faregate.dialects.instant import compact_span_of, span_of
from faregate.dialects.quota import Quota, QuotaPool, QuotaWindow, amount, tightest

NOW = 1_772_359_200_000_000
MINUTE = 60 * 1_000_000
QUOTA = Quota(
    windows=(
        QuotaWindow("day", "requests", 1_000_000, 10_000, 990_000, NOW + 600 * MINUTE),
        QuotaWindow("rpm", "requests", 60_000, 45_000, 15_000, NOW + MINUTE // 2),
        QuotaWindow("5h", "tokens", 1_000_000_000, 1_500, 999_998_500, NOW + 90 * MINUTE),
        QuotaWindow("life", "prompts", 80_000, 80_000, 0, None),
    ),
    pools=(QuotaPool("gift", "USD", 1_250_000_000),),
)
OURS = (
    "day;meter=requests;limit=1000;used=10;remaining=990;reopens=2026-03-01T20:00:00Z, "
    "rpm;meter=requests;limit=60;used=45;remaining=15;reopens=2026-03-01T10:00:30Z, "
    "5h;meter=tokens;limit=1000000;used=1.5;remaining=999998.5;reopens=2026-03-01T11:30:00Z, "
    "life;meter=prompts;limit=80;used=80;remaining=0, "
    "gift;unit=USD;remaining=1.25"
)


def test_openai_headers_tell_of_the_tightest_window() -> None:
    assert dict(DIALECTS["openai_chat"].quota_headers(QUOTA, NOW)) == {
        b"x-ratelimit-limit-requests": b"60",
        b"x-ratelimit-remaining-requests": b"15",
        b"x-ratelimit-reset-requests": b"30s",
        b"x-ratelimit-limit-tokens": b"1000000",
        b"x-ratelimit-remaining-tokens": b"999998",
        b"x-ratelimit-reset-tokens": b"1h30m0s",
        b"x-faregate-quota": OURS.encode(),
    }


def test_anthropic_headers_tell_of_the_tightest_window() -> None:
    assert dict(DIALECTS["anthropic_messages"].quota_headers(QUOTA, NOW)) == {
        b"anthropic-ratelimit-requests-limit": b"60",
        b"anthropic-ratelimit-requests-remaining": b"15",
        b"anthropic-ratelimit-requests-reset": b"2026-03-01T10:00:30Z",
        b"anthropic-ratelimit-tokens-limit": b"1000000",
        b"anthropic-ratelimit-tokens-remaining": b"999998",
        b"anthropic-ratelimit-tokens-reset": b"2026-03-01T11:30:00Z",
        b"x-faregate-quota": OURS.encode(),
    }


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_nothing_limits_nothing_is_said(dialect: str) -> None:
    assert DIALECTS[dialect].quota_headers(Quota(), NOW) == ()


def test_the_first_of_equally_tight_windows_is_told() -> None:
    windows = [QuotaWindow("a", "tokens", 10, 5, 5), QuotaWindow("b", "tokens", 20, 10, 10)]
    assert tightest(windows, "tokens") == windows[0]
    assert tightest([QuotaWindow("none", "tokens", 0, 0, 0)], "tokens") is None


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (0, 1_000, "0"),
        (1_500, 1_000, "1.5"),
        (-1, 1_000, "-0.001"),
        (10**9, 10**9, "1"),
        (1, 10**9, "0.000000001"),
        (120_000, 1_000, "120"),
        (7, 1, "7"),
    ],
)
def test_amounts_are_exact_decimals(value: int, scale: int, text: str) -> None:
    assert amount(value, scale) == text


@pytest.mark.parametrize(
    ("seconds", "text", "compact"),
    [
        (0, "0 s", "0s"),
        (1, "1 s", "1s"),
        (60, "1 min", "1m0s"),
        (4_800, "1 h 20 min", "1h20m0s"),
        (3_605, "1 h", "1h0m5s"),
        (90_000, "1 d 1 h", "25h0m0s"),
    ],
)
def test_spans_are_told_by_their_two_largest_parts(seconds: int, text: str, compact: str) -> None:
    assert span_of(seconds) == text
    assert compact_span_of(seconds) == compact
