"""The choice among the channels of a model: priorities, weights, sessions that stay, keys, bounds, and what rests."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.upstreams.attempt import Attempt
from faregate.upstreams.directory import Directory
from faregate.upstreams.health import CIRCUIT, KEY, SECOND
from faregate.upstreams.route import FULL_PAUSE_MICROSECONDS, Route, ordered
from faregate.upstreams.settings import read_upstreams
from faregate.wire.client import Client
from faregate.wire.failures import ConnectError, PeerClosedError

NOW = 1_800_000_000 * SECOND
Routing = Callable[..., Route]


@pytest.fixture
async def routing() -> AsyncIterator[Routing]:
    client = Client(environ={})

    def make(*upstreams: dict[str, Any], model: str = "gpt", dialect: str = "openai_chat") -> Route:
        base = {"dialect": "openai", "base_url": "http://a/v1", "models": ["gpt"]}
        environ = {f"K{number}": f"sk-{number}" for number in range(9)}
        read = read_upstreams([{**base, **upstream} for upstream in upstreams], environ)
        route = Directory(read, client).route(model, dialect)
        assert route is not None
        return route

    yield make
    await client.close()


def begun(
    route: Route, session: str = "", now: int = NOW, tried: tuple[Attempt, ...] = (), body: bytes = b""
) -> Attempt:
    attempt = route.attempt("acc", session, body, now, tried)
    assert isinstance(attempt, Attempt)
    return attempt


def spread(route: Route, sessions: int = 2000, now: int = NOW, body: bytes = b"") -> Counter[str]:
    found: Counter[str] = Counter()
    for number in range(sessions):
        attempt = begun(route, f"session {number}" if not body else "", now, body=body)
        found[attempt.name] += 1
        attempt.end()
    return found


async def test_the_highest_priority_goes_first_and_lower_ones_only_when_it_rests(routing: Routing) -> None:
    route = routing({"name": "low"}, {"name": "high", "priority": 5}, {"name": "lowest", "priority": -1})
    assert set(spread(route, 50)) == {"high"}
    for _ in range(CIRCUIT.failures_in_a_row):
        begun(route).failed(PeerClosedError("cut"), NOW)
    assert set(spread(route, 50)) == {"low"}
    later = NOW + CIRCUIT.first_rest
    trial = begun(route, now=later)
    assert (trial.name, begun(route, now=later).name) == ("high", "low")
    trial.answered(later)
    assert set(spread(route, 50, later)) == {"high"}


async def test_inside_a_priority_sessions_are_shared_by_weight(routing: Routing) -> None:
    route = routing({"name": "a", "weight": 1}, {"name": "b", "weight": 3}, {"name": "c", "weight": 6})
    found = spread(route, 4000)
    assert 330 <= found["a"] <= 470
    assert 1100 <= found["b"] <= 1300
    assert 2300 <= found["c"] <= 2500


async def test_short_requests_without_a_session_are_shared_by_weight_too(routing: Routing) -> None:
    route = routing({"name": "a", "weight": 1}, {"name": "b", "weight": 3})
    found = spread(route, 4000, body=b"short")
    assert 900 <= found["a"] <= 1100


async def test_a_session_stays_with_its_channel_and_a_long_prompt_without_one_does_too(routing: Routing) -> None:
    upstreams = [{"name": name} for name in "abcd"]
    route, again = routing(*upstreams), routing(*reversed(upstreams))
    for number in range(50):
        session, body = f"session {number}", b"%d" % number * 5000
        assert begun(route, session).name == begun(route, session).name == begun(again, session).name
        assert begun(route, body=body + b"x").name == begun(again, body=body + b"y").name


async def test_when_a_channel_rests_only_its_own_sessions_move_and_they_come_back(routing: Routing) -> None:
    route = routing({"name": "a"}, {"name": "b"}, {"name": "c"})
    sessions = [f"session {number}" for number in range(200)]
    before = {session: begun(route, session).name for session in sessions}
    victim = next(session for session in sessions if before[session] == "b")
    for _ in range(CIRCUIT.failures_in_a_row):
        begun(route, victim).failed(PeerClosedError("cut"), NOW)
    meanwhile = {session: begun(route, session).name for session in sessions}
    assert all(meanwhile[each] == before[each] for each in sessions if before[each] != "b")
    assert {meanwhile[each] for each in sessions if before[each] == "b"} == {"a", "c"}
    later = NOW + CIRCUIT.first_rest
    begun(route, victim, later).answered(later)
    assert {session: begun(route, session, later).name for session in sessions} == before


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(0, 5))
def test_leaving_one_out_keeps_the_order_of_the_others(affinity: int, size: int, left_out: int) -> None:
    class Choice:
        def __init__(self, number: int) -> None:
            self.seed, self.weight = number * 7919, 1 + number % 3

    choices = [Choice(number) for number in range(size)]
    rest = [each for index, each in enumerate(choices) if index != left_out]
    whole = [each for each in ordered(choices, affinity) if each in rest]  # type: ignore[type-var]
    assert whole == list(ordered(rest, affinity))  # type: ignore[type-var]


async def test_a_429_rests_the_key_and_not_the_channel(routing: Routing) -> None:
    route = routing({"name": "a", "keys": ["K1", "K2"]})
    first = begun(route, "s")
    fault = first.refused(429, [(b"retry-after", b"30")], b"", NOW)
    assert (fault.code, fault.elsewhere, fault.until) == ("status_429", True, NOW + 30 * SECOND)
    second = begun(route, "s", tried=(first,))
    assert {first.key, second.key} == {"K1", "K2"}
    assert begun(route, "s").key == second.key
    second.refused(429, [(b"retry-after", b"10")], b"", NOW)
    assert route.resting(NOW) == NOW + 10 * SECOND
    assert begun(route, "s", NOW + 10 * SECOND).key == second.key


async def test_a_429_for_one_model_leaves_the_key_to_others_and_a_401_does_not() -> None:
    client = Client(environ={})
    read = read_upstreams(
        [{"name": "a", "dialect": "openai", "base_url": "http://a", "models": ["x", "y"], "key_env": "K"}], {"K": "s"}
    )
    directory = Directory(read, client)
    x, y = directory.route("x", "openai_chat"), directory.route("y", "openai_chat")
    assert x is not None
    assert y is not None
    begun(x).refused(429, [], b"", NOW)
    assert (x.resting(NOW) is None, y.resting(NOW)) == (False, None)
    begun(y).refused(401, [], b"", NOW)
    assert y.resting(NOW) == NOW + KEY.first_rest
    await client.close()


async def test_a_key_is_tried_again_alone_after_a_401(routing: Routing) -> None:
    route = routing({"name": "a", "keys": ["K1"]})
    begun(route).refused(401, [], b"", NOW)
    later = NOW + KEY.first_rest
    assert route.resting(NOW) == later
    trial = begun(route, now=later)
    assert route.resting(later) is not None
    trial.answered(later)
    assert route.resting(later) is None


async def test_bounds_on_open_requests_are_kept_and_freed(routing: Routing) -> None:
    route = routing(
        {"name": "a", "concurrency": 3, "key_concurrency": 2, "keys": ["K1", "K2"]}, {"name": "b", "priority": -1}
    )
    attempts = [begun(route) for _ in range(4)]
    assert [each.name for each in attempts] == ["a", "a", "a", "b"]
    assert max(Counter(each.key for each in attempts[:3]).values()) == 2
    attempts[0].end()
    attempts[0].end()
    assert begun(route).name == "a"
    assert begun(route).name == "b"


async def test_when_all_are_full_it_says_to_come_back_soon(routing: Routing) -> None:
    route = routing({"name": "a", "concurrency": 1})
    attempt = begun(route)
    assert route.attempt("acc", "", b"", NOW) == NOW + FULL_PAUSE_MICROSECONDS
    attempt.end()
    assert begun(route).name == "a"


async def test_what_was_tried_in_vain_is_not_tried_again(routing: Routing) -> None:
    route = routing({"name": "a", "keys": ["K1", "K2"]}, {"name": "b"})
    first = begun(route, "s")
    first.failed(ConnectError("refused", sent=False), NOW)
    second = begun(route, "s", tried=(first,))
    assert {first.name, second.name} == {"a", "b"}
    second.failed(PeerClosedError("cut"), NOW)
    assert isinstance(route.attempt("acc", "s", b"", NOW, (first, second)), int)


async def test_a_fault_of_the_request_rests_nobody_and_is_not_tried_elsewhere(routing: Routing) -> None:
    route = routing({"name": "a"}, {"name": "b"})
    for status in (400, 404, 405, 409, 413, 415, 422):
        for _ in range(20):
            fault = begun(route, "s").refused(status, [], b"{}", NOW)
            assert fault.elsewhere is (status == 404)
    assert all(channel.circuit.rests_until == 0 for channel in route.channels)


@pytest.mark.parametrize(
    ("status", "body", "elsewhere"),
    [
        (403, b'{"error":{"message":"Your key may not use this model"}}', True),
        (403, b'{"error":{"message":"Your input was flagged by moderation"}}', False),
        (400, b'{"error":{"message":"Your credit balance is too low"}}', True),
        (402, b"", True),
        (408, b"", True),
        (302, b"", True),
        (529, b"", True),
        (500, b"", True),
        (400, b'{"type":"error","error":{"type":"overloaded_error"}}', True),
    ],
)
async def test_what_may_work_elsewhere(routing: Routing, status: int, body: bytes, elsewhere: bool) -> None:
    route = routing({"name": "a"})
    assert begun(route).refused(status, [], body, NOW).elsewhere is elsewhere


async def test_only_channels_of_one_canonical_model_serve_it(routing: Routing) -> None:
    route = routing(
        {"name": "a"},
        {"name": "b", "models": {"gpt": {"upstream": "gpt-x", "canonical": "gpt"}}},
        {"name": "c", "models": {"gpt": {"upstream": "cheap", "canonical": "cheap"}}},
        {"name": "d", "models": ["*"]},
        {"name": "e", "dialect": "anthropic", "models": ["gpt"]},
    )
    assert [[channel.name for channel in group] for group in route.groups] == [["a", "b"], ["d"]]
