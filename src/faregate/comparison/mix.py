"""The standard mix: a month of work made by rule, for whoever has no logs.

Owns the shape of the work: how large a request is, how many make a prompt, when a working person asks. Deterministic:
the same options make the same requests. The figures are measured ones of coding tools: 31,000 tokens a request, 99.5%
of them input, most of that from the cache, 0.5% output, and a third of a million tokens a prompt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from faregate.core.instants import DAY, SECOND, from_datetime
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import Usage

TOKENS_A_REQUEST = 31_000
OUTPUT_SHARE = Fraction(5, 1000)
CACHED_SHARE = Fraction(925, 1000)
"""The middle of the measured 90 to 95 points."""
CYCLE = 93
"""Prompts after which the numbers of their requests repeat; 1,000 requests, so 31,000,000 tokens."""
STRIDE = 37
PROMPTS_A_DAY = 40
SECONDS_A_REQUEST = 20
SESSIONS_A_DAY = 4
MOST_CALLS = 20
DEFAULT_MODEL = "z-ai/glm-4.7"
CLIENT = "claude-code"


@dataclass(frozen=True, slots=True)
class Mix:
    """What the month is made of. ``hours`` are [from, until) of the local day, ``days`` the weekdays (0 = Monday).

    ``begins`` is the local date of the first day; ``months`` are of 30 days.
    """

    begins: date
    zone: str = "UTC"
    months: int = 1
    model: str = DEFAULT_MODEL
    prompts_a_day: int = PROMPTS_A_DAY
    cached: Fraction = CACHED_SHARE
    hours: tuple[int, int] = (9, 18)
    days: frozenset[int] = frozenset(range(5))
    client: str = CLIENT

    @property
    def span(self) -> tuple[int, int]:
        """[begin, end) in microseconds UTC."""
        first = from_datetime(datetime.combine(self.begins, time(), ZoneInfo(self.zone)))
        return first, first + 30 * self.months * DAY


def usage_of(cached: Fraction, opens: bool) -> Usage:
    """One request of the mix; ``cached`` is a share of all its tokens, the rest of the input is uncached."""
    output = int(TOKENS_A_REQUEST * OUTPUT_SHARE)
    hits = min(round(TOKENS_A_REQUEST * cached), TOKENS_A_REQUEST - output)
    return Usage(
        input=TOKENS_A_REQUEST - output - hits,
        cached=hits,
        output=output,
        prompts=int(opens),
    )


def calls_of(prompt: int) -> int:
    """Requests of prompt number ``prompt``: simple ones take 5 to 10, hard ones 10 to 20, mixed by a fixed stride."""
    place = prompt * STRIDE % CYCLE
    if place < 53:
        return 5 + place * 6 // 53
    return 10 + ((place - 53) * 11 + 10) // 40


def one_cycle(mix: Mix) -> list[LoggedRequest]:
    """The requests of one whole cycle: the exact proportions of the mix, whatever part of it a month holds."""
    return [
        LoggedRequest(mix.span[0], mix.model, usage_of(mix.cached, call == 0), mix.client, f"prompt-{prompt}")
        for prompt in range(CYCLE)
        for call in range(calls_of(prompt))
    ]


def month_of_work(mix: Mix) -> Iterator[LoggedRequest]:
    """Every request of the mix in order of time."""
    opening, following = usage_of(mix.cached, True), usage_of(mix.cached, False)
    zone = ZoneInfo(mix.zone)
    prompt = 0
    for day in range(30 * mix.months):
        today = mix.begins + timedelta(days=day)
        if today.weekday() not in mix.days:
            continue
        begins = from_datetime(datetime.combine(today, time(mix.hours[0]), zone))
        length = (mix.hours[1] - mix.hours[0]) * 3600 * SECOND
        # Who asks more than a day holds at that pace works faster, so that the hours are kept.
        pace = min(SECONDS_A_REQUEST * SECOND, length // (mix.prompts_a_day * MOST_CALLS))
        free_from = begins
        for number in range(mix.prompts_a_day):
            at = max(begins + length * number // mix.prompts_a_day, free_from)
            session = f"day-{day}-{number * SESSIONS_A_DAY // mix.prompts_a_day}"
            for call in range(calls_of(prompt)):
                yield LoggedRequest(at, mix.model, opening if call == 0 else following, mix.client, session)
                at += pace
            free_from = at
            prompt += 1
