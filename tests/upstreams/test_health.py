"""The state machine of health, with time as an argument: scenarios, then laws over random histories."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.upstreams.health import (
    CALM_MICROSECONDS,
    CIRCUIT,
    KEY,
    RATE,
    SECOND,
    TRIAL_MICROSECONDS,
    Health,
    HealthRules,
)

NOW = 1_800_000_000 * SECOND


def is_ready(health: Health, now: int) -> bool:
    return health.ready_at(now) <= now


def fail(health: Health, now: int, times: int = 1) -> None:
    for _ in range(times):
        health.failed(health.begin(now), now, "status_500")


def succeed(health: Health, now: int, times: int = 1) -> None:
    for _ in range(times):
        health.succeeded(health.begin(now), now)


def tripped(now: int = NOW) -> Health:
    health = Health()
    fail(health, now, CIRCUIT.failures_in_a_row)
    assert not is_ready(health, now)
    return health


def test_it_takes_several_failures_in_a_row() -> None:
    health = Health()
    fail(health, NOW, CIRCUIT.failures_in_a_row - 1)
    assert (health.rests_until, health.state(NOW)) == (0, "well")
    fail(health, NOW)
    assert health.rests_until == NOW + CIRCUIT.first_rest
    assert (health.state(NOW), health.why) == ("resting", "status_500")


def test_a_success_between_begins_the_row_anew() -> None:
    health = Health()
    for step in range(20):
        fail(health, NOW + step * CIRCUIT.window)
        succeed(health, NOW + step * CIRCUIT.window)
    assert health.rests_until == 0


def test_half_of_all_in_a_window_is_enough_and_less_is_not() -> None:
    many, few = Health(), Health()
    for _ in range(CIRCUIT.failures):
        succeed(many, NOW)
        fail(many, NOW)
        succeed(few, NOW, 2)
        fail(few, NOW)
    assert many.rests_until
    assert few.rests_until == 0


def test_failures_of_an_earlier_window_are_forgotten() -> None:
    health = Health()
    for step in range(40):
        fail(health, NOW + step * (CIRCUIT.window // 2))
        succeed(health, NOW + step * (CIRCUIT.window // 2))
    assert health.rests_until == 0


def test_after_the_rest_one_request_goes_alone_until_it_has_ended() -> None:
    health = tripped()
    later = health.rests_until
    assert (is_ready(health, later), health.state(later)) == (True, "on_trial")
    trial = health.begin(later)
    assert not is_ready(health, later)
    health.succeeded(trial, later + 1)
    assert (is_ready(health, later + 1), health.rests_until, health.why) == (True, 0, "")


def test_a_trial_that_fails_rests_it_for_twice_as_long() -> None:
    health = tripped()
    for doubling in range(1, 5):
        later = health.rests_until
        fail(health, later)
        assert health.rests_until == later + (CIRCUIT.first_rest << doubling)


def test_rests_have_a_longest() -> None:
    health = tripped()
    later = NOW
    for _ in range(60):
        later = health.rests_until
        fail(health, later)
        assert health.rests_until - later <= CIRCUIT.longest_rest
    assert health.rests_until - later == CIRCUIT.longest_rest


def test_a_trial_without_an_end_stands_in_the_way_for_a_while_only() -> None:
    health = tripped()
    later = health.rests_until
    health.begin(later)
    assert health.ready_at(later + 1) == later + TRIAL_MICROSECONDS
    assert is_ready(health, later + TRIAL_MICROSECONDS)


def test_a_trial_given_up_lets_the_next_one_go() -> None:
    health = tripped()
    later = health.rests_until
    health.gave_up(health.begin(later))
    assert is_ready(health, later)


def test_what_began_before_the_rest_neither_ends_nor_lengthens_it() -> None:
    health = Health()
    epochs = [health.begin(NOW) for _ in range(20)]
    for epoch in epochs[:10]:
        health.failed(epoch, NOW, "status_500")
    rests_until = health.rests_until
    for epoch in epochs[10:]:
        health.succeeded(epoch, NOW + 1)
        health.failed(epoch, NOW + 1, "status_500")
    assert (health.rests_until, health.rests) == (rests_until, 1)


def test_a_failure_soon_after_recovery_rests_longer_and_calm_makes_it_short_again() -> None:
    health = tripped()
    later = health.rests_until
    succeed(health, later)
    fail(health, later, CIRCUIT.failures_in_a_row)
    assert health.rests_until == later + 2 * CIRCUIT.first_rest
    later = health.rests_until
    succeed(health, later)
    calm = later + CALM_MICROSECONDS
    fail(health, calm, CIRCUIT.failures_in_a_row)
    assert health.rests_until == calm + CIRCUIT.first_rest


def test_a_told_rest_lasts_as_told_and_needs_no_trial() -> None:
    health = Health(RATE)
    epochs = [health.begin(NOW) for _ in range(3)]
    health.rest(epochs[0], NOW, "status_429", NOW + 7 * SECOND)
    assert health.ready_at(NOW) == NOW + 7 * SECOND
    health.rest(epochs[1], NOW, "status_429", NOW + 3 * SECOND)
    assert health.ready_at(NOW) == NOW + 7 * SECOND
    health.rest(epochs[2], NOW, "status_429", NOW + 9 * SECOND)
    assert health.ready_at(NOW) == NOW + 9 * SECOND
    health.begin(NOW + 9 * SECOND)
    assert is_ready(health, NOW + 9 * SECOND)
    assert health.rests == 1


@pytest.mark.parametrize("told", [-5, 0, 10**9])
def test_a_told_rest_is_kept_within_reason(told: int) -> None:
    health = Health(RATE)
    health.rest(health.begin(NOW), NOW, "status_429", NOW + told * SECOND)
    assert NOW < health.rests_until <= NOW + RATE.longest_told


def test_a_rest_nobody_told_the_length_of_grows() -> None:
    health = Health(KEY)
    at = NOW
    lengths = []
    for _ in range(4):
        health.rest(health.begin(at), at, "status_401", tries=True)
        lengths.append(health.rests_until - at)
        at = health.rests_until
    assert lengths == [KEY.first_rest << step for step in range(4)]


RULES = HealthRules(3, 4, 10 * SECOND, SECOND, 8 * SECOND, 20 * SECOND)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "ok", "bad", "told", "rest", "up"]),
        st.integers(0, 12) | st.integers(0, 200),
        st.integers(0, 30),
    ),
    max_size=120,
)


@given(STEPS)
def test_laws_of_every_history(steps: list[tuple[str, int, int]]) -> None:
    """Nothing begins while it rests; one trial at a time; rests are bounded; it can always be well again."""
    health, now = Health(RULES), NOW
    open_epochs: list[int] = []
    for act, wait, number in steps:
        now += wait * SECOND // 4
        before = health.rests_until
        if act == "begin":
            if is_ready(health, now):
                epoch = health.begin(now)
                open_epochs.append(epoch)
                on_trial = health.state(now) == "on_trial"
                assert on_trial == (not is_ready(health, now))
        elif open_epochs:
            epoch = open_epochs.pop(number % len(open_epochs))
            if act == "ok":
                health.succeeded(epoch, now)
                assert health.rests_until in (0, before)
            elif act == "bad":
                health.failed(epoch, now, "x")
            elif act == "up":
                health.gave_up(epoch)
                assert health.rests_until == before
            else:
                health.rest(epoch, now, "x", now + number * SECOND if act == "told" else None, tries=number % 2 == 0)
        assert health.rests_until >= before or health.rests_until == 0
        assert health.rests_until - now <= RULES.longest_told
        assert bool(health.why) == bool(health.rests_until)
    ready = max(health.ready_at(now), now)
    assert ready - now <= max(RULES.longest_told, TRIAL_MICROSECONDS)
    health.succeeded(health.begin(ready), ready)
    assert (health.rests_until, is_ready(health, ready)) == (0, True)


@given(st.lists(st.booleans(), max_size=60))
def test_while_little_fails_it_never_rests(late: list[bool]) -> None:
    """One failure in three at most, never three in a row."""
    health, now = Health(RULES), NOW
    for is_late in late:
        now += SECOND if is_late else 1
        fail(health, now)
        succeed(health, now, 2)
    assert health.rests == 0


@given(st.integers(1, 400))
def test_something_that_always_fails_is_asked_ever_more_seldom(seconds: int) -> None:
    """However often it is wanted: at most as many requests as the rests allow, plus the first row."""
    health, asked = Health(RULES), 0
    for step in range(seconds * 10):
        now = NOW + step * SECOND // 10
        if is_ready(health, now):
            asked += 1
            fail(health, now)
    assert asked <= RULES.failures_in_a_row + 4 + seconds * SECOND // RULES.longest_rest
