"""What a replay does besides the rules of core: events, defaults, keys, the shape of its rows."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faregate.core.amounts import fraction
from faregate.core.decide import decide
from faregate.core.evolve import evolve
from faregate.core.instants import parse_instant
from faregate.core.request import Admitted, Request
from faregate.core.roll import roll
from faregate.core.usage import Usage
from faregate.simulator.replay import Replay
from faregate.simulator.schema import json_schema
from tests.simulator.replaying import replay_bytes, replay_lines

AT = "2026-03-02T10:00:00Z"
DOLLAR = 40_000
"""Output tokens of Claude Opus 4.5 that list for one USD."""


def use(at: str = AT, **fields: Any) -> dict[str, Any]:
    return {"at": at, "model": "claude-opus-4.5", **fields}


def test_an_empty_file_is_a_replay_of_nothing() -> None:
    seen = replay_bytes("88code/free", b"\n  \n")
    assert seen.requests == []
    assert seen.replay.tally.totals()["requests"] == 0
    assert seen.replay.state.seq == 0


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    content = b"\xef\xbb\xbf" + b'{"at": "2026-03-02T10:00:00Z", "model": "claude-opus-4.5"}\r\n'
    assert len(replay_bytes("88code/free", content).requests) == 1


@pytest.mark.parametrize("name", ["claude-opus-4.5", "anthropic/claude-opus-4.5", "claude-opus-4-5-20251101"])
def test_a_model_goes_by_all_its_names(name: str) -> None:
    seen = replay_lines("88code/free", use(model=name, output=DOLLAR))
    assert seen.requests[0]["model"] == "anthropic/claude-opus-4.5"
    assert seen.requests[0]["drawn"][0]["list_value"] == "1"


def test_plans_are_bought_at_the_first_line_event_or_not() -> None:
    seen = replay_lines(
        "credits/starter",
        {"at": "2026-02-27T00:00:00Z", "event": "grant", "plan": "credits/pay2go", "amount": 1},
        use(output=DOLLAR),
    )
    (starter, _) = seen.replay.state.subscriptions.values()
    assert starter.bought_at == parse_instant("2026-02-27T00:00:00Z")


def test_a_wallet_named_beside_its_plan_is_the_one_that_comes_along() -> None:
    for order in ("credits/starter,credits/pay2go", "credits/pay2go,credits/starter"):
        seen = replay_lines(order, use())
        plans = [each.terms.plan for each in seen.replay.state.burn_order()]
        assert plans == ["credits/starter", "credits/pay2go"]


def test_families_pay_in_the_order_of_the_command_line() -> None:
    first = replay_lines("agipower/pro,88code/plus", use()).requests[0]["drawn"][0]["source"]
    second = replay_lines("88code/plus,agipower/pro", use()).requests[0]["drawn"][0]["source"]
    assert (first, second) == ("agipower/pro", "88code/plus")


def test_a_tool_is_charged_by_its_calls_under_its_own_name() -> None:
    seen = replay_lines("credits/free", {"at": AT, "tool": "search", "calls": 3, "model": "claude-opus-4.5"})
    row = seen.requests[0]
    assert row["model"] == "tool/search"
    assert row["refused"] is not None
    assert row["refused"]["reason"] in ("model_not_in_plan", "no_price")


def test_a_grant_without_a_plan_goes_to_the_only_pool_there_is() -> None:
    seen = replay_lines("agipower/pro", {"at": AT, "event": "grant", "amount": "2.5 USD"})
    wallet = seen.replay.state.of_plan("agipower/payg")
    assert wallet is not None
    assert wallet.pools["wallet"].available == 2_500_000_000


def test_a_decimal_in_the_file_is_taken_exactly() -> None:
    content = b'{"at": "2026-03-02T10:00:00Z", "event": "grant", "amount": 0.1, "plan": "agipower/payg"}'
    wallet = replay_bytes("agipower/pro", content).replay.state.of_plan("agipower/payg")
    assert wallet is not None
    assert wallet.pools["wallet"].available == 100_000_000


def test_a_grant_that_expires_lapses_to_the_house() -> None:
    grant = {"at": AT, "event": "grant", "plan": "88code/paygo", "amount": 5, "expires_at": "2026-03-03T00:00:00Z"}
    seen = replay_lines("88code/paygo", grant, use("2026-03-03T00:00:00Z", output=DOLLAR))
    pack = next(iter(seen.replay.state.subscriptions.values())).pools["pack"]
    assert pack.available == 199 * 10**9


def test_a_later_priority_burns_later() -> None:
    later = {"at": AT, "event": "grant", "plan": "88code/paygo", "amount": 5, "priority": -1, "reason": "first"}
    seen = replay_lines("88code/paygo", later, use(output=DOLLAR))
    pack = next(iter(seen.replay.state.subscriptions.values())).pools["pack"]
    assert [(lot.cause, lot.balance // 10**9) for lot in pack.lots] == [("grant", 4), ("purchase", 200)]


def test_a_renewal_by_hand_begins_a_new_period_there() -> None:
    seen = replay_lines("credits/starter", use(), {"at": "2026-03-10T00:00:00Z", "event": "renew"})
    starter = seen.replay.state.of_plan("credits/starter")
    assert starter is not None
    assert starter.period_end == parse_instant("2026-04-10T00:00:00Z")


def test_a_plan_cancelled_at_once_pays_no_more() -> None:
    cancel = {"at": AT, "event": "cancel", "at_once": True}
    seen = replay_lines("88code/plus", use(), cancel, use())
    refused = seen.requests[1]["refused"]
    assert refused is not None
    assert (refused["reason"], refused["kind"], refused["window"]) == ("no_subscription", "account", None)
    assert seen.requests[1]["windows"] == []


def test_a_plan_bought_again_has_windows_of_its_own_under_the_same_name() -> None:
    again = {"at": AT, "event": "subscribe", "plan": "88code/plus"}
    seen = replay_lines(
        "88code/plus", use(output=DOLLAR), {"at": AT, "event": "cancel", "at_once": True}, again, use()
    )
    assert [(row["id"], row["used"]) for row in seen.requests[1]["windows"]] == [("88code/plus:day", "0")]


def test_the_same_pack_bought_twice_is_told_apart() -> None:
    again = {"at": AT, "event": "subscribe", "plan": "88code/paygo"}
    empty = use(output=400 * DOLLAR)
    seen = replay_lines("88code/paygo", again, empty, use(output=DOLLAR))
    refused = seen.requests[1]["refused"]
    assert refused is not None
    assert [block["window"] for block in refused["blocks"]] == ["88code/paygo:pack", "88code/paygo#2:pack"]


def test_a_multiplier_of_zero_makes_requests_free() -> None:
    seen = replay_lines("88code/free", {"at": AT, "event": "multiplier", "value": 0}, use(output=DOLLAR))
    (piece,) = seen.requests[0]["drawn"]
    assert (piece["amount"], piece["multiplier"], piece["list_value"]) == ("0", "0", "1")


def test_every_entry_has_a_key_that_comes_from_its_line() -> None:
    keys: list[str] = []

    class Recording(Replay):
        def apply(self, *entries: Any) -> None:
            keys.extend(entry.key for entry in entries)
            super().apply(*entries)

    import io

    from faregate.app.shelf import load_shelf
    from faregate.simulator.run import Sink, run

    shelf = load_shelf()
    content = b'\n{"at": "2026-03-02T10:00:00Z", "event": "restore_mode", "mode": "manual"}\n'
    replay = Recording(shelf, [shelf.newest("88code/plus")])
    run(replay, io.BytesIO(content), "-", Sink(lambda row: None, lambda row: None))
    assert keys == ["begin:0", "line-2"]


SCHEMA_LINES: list[dict[str, Any]] = [
    use(
        input=1,
        cached=2,
        cache_write_5m=3,
        cache_write_1h=4,
        output=5,
        images=6,
        prompt=True,
        session="s",
        client="c",
    ),
    {"at": AT, "tool": "search", "calls": 2},
    {"at": AT, "event": "grant", "amount": 1.5, "plan": "88code/free", "priority": 3, "reason": "r"},
    {
        "at": AT,
        "event": "grant",
        "amount": "5 USD",
        "plan": "88code/free",
        "pool": "day",
        "expires_at": "2027-01-01T00:00:00Z",
    },
    {"at": AT, "event": "reset", "plan": "88code/plus", "window": "day"},
    {"at": AT, "event": "renew", "plan": "88code/plus"},
    {"at": AT, "event": "restore_mode", "plan": "88code/plus", "pool": "cap", "mode": "manual"},
    {"at": AT, "event": "restore", "plan": "88code/plus", "pool": "cap"},
    {"at": AT, "event": "multiplier", "plan": "88code/free", "name": "season", "value": "10/11"},
    {"at": AT, "event": "cancel", "plan": "88code/plus", "at_once": False},
    {"at": AT, "event": "subscribe", "plan": "agipower/pro", "price": "monthly", "once": True},
    {"at": AT, "event": "segment", "segment": "insider", "until": "2027-01-01T00:00:00Z", "reason": "early"},
    {"at": AT, "event": "extra_usage", "plan": "agipower/pro", "on": True, "key": "mine"},
    {"at": AT, "model": "openai/gpt-5", "output": 1, "key": "mine", "key_kind": "agipower/payg"},
    {"at": AT, "event": "subscribe", "plan": "credits/pro"},
    {"at": AT, "event": "switch", "plan": "credits/pay2go", "on": True},
    {"at": AT, "event": "terms", "plan": "agipower/pro", "to": "agipower/max"},
]


def test_what_the_schema_describes_the_replay_takes() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for each in SCHEMA_LINES:
        validator.validate(each)
    seen = replay_lines("88code/free,88code/plus", *SCHEMA_LINES)
    assert [row["event"] for row in seen.events] == [each["event"] for each in SCHEMA_LINES if "event" in each]


@pytest.mark.parametrize(
    "bad",
    [
        {"at": AT},
        {"at": AT, "model": "x", "inputs": 1},
        {"at": AT, "model": "x", "input": -1},
        {"at": AT, "model": "x", "calls": 1},
        {"at": AT, "tool": "x", "input": 1},
        {"at": AT, "event": "grant"},
        {"at": AT, "event": "nothing"},
        {"at": AT, "event": "switch", "on": "yes"},
    ],
)
def test_what_the_replay_refuses_the_schema_refuses(bad: dict[str, Any]) -> None:
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(bad)


PLANS = (
    "88code/free",
    "88code/free,88code/plus",
    "88code/plus,88code/paygo",
    "credits/free",
    "credits/starter",
    "agipower/pro,88code/free",
)
STEPS = st.sampled_from([0, 1, 999_999, 1_000_000, 59_000_000, 3_600_000_000, 25_200_000_000])
COSTS = st.sampled_from([0, 1, 7, 333, DOLLAR, 19 * DOLLAR, 120 * DOLLAR])
MODELS = st.sampled_from(["anthropic/claude-opus-4.5", "anthropic/claude-opus-4.5", "deepseek/deepseek-chat"])


@settings(max_examples=60)
@given(st.sampled_from(PLANS), st.lists(st.tuples(STEPS, COSTS, MODELS), min_size=2, max_size=40))
def test_a_refused_request_passes_at_retry_at_and_not_a_microsecond_before(
    plans: str, history: list[tuple[int, int, str]]
) -> None:
    from faregate.app.shelf import load_shelf
    from faregate.simulator.reading import UsageLine

    shelf = load_shelf()
    replay = Replay(shelf, [shelf.newest(plan) for plan in plans.split(",")])
    at = parse_instant(AT)
    for number, (step, output, model) in enumerate(history, 1):
        at += step
        usage = Usage(output=output)
        row = replay.request(UsageLine(number, at, model, usage, "", ""))
        assert sum((fraction(piece["list_value"]) for piece in row["drawn"]), Fraction(0)) >= 0
        refused = row["refused"]
        if refused is None or refused["retry_at"] is None:
            continue
        opens = parse_instant(refused["retry_at"])
        assert _passes(replay, model, usage, opens)
        assert not _passes(replay, model, usage, opens - 1)


def _passes(replay: Replay, model: str, usage: Usage, at: int) -> bool:
    state = replay.state.copy()
    while (entry := roll(state, at, replay.market)) is not None:
        evolve(state, entry, replay.shelf.terms)
    return isinstance(decide(state, Request("again", model, usage), at, replay.market), Admitted)


def test_a_model_without_a_price_of_ours_is_priced_behind_them_and_that_is_named() -> None:
    seen = replay_lines("credits/pro", use(model="mistral-large"), use(model="nobody/knows"))
    known, unknown = seen.requests
    assert (known["model"], known["admitted"]) == ("mistralai/mistral-large", True)
    assert "genai-prices" in (known["drawn"][0]["card"] or "")
    assert unknown["refused"] is not None
    assert unknown["refused"]["reason"] == "no_price"
    (named,) = seen.replay.tally.totals()["prices_behind"].items()
    assert named[0] == "mistralai/mistral-large"
    assert named[1].startswith("genai-prices ")
