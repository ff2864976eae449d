"""Who pays for whom: the callers a plan is for, the billing they ask for, the evidence of who they are."""

from __future__ import annotations

import pytest

from tests.scenarios.replaying import Paid, event, replay

TOOLS, API = "glm/lite", "glm/api"
NOON = "2026-03-02T12:00:00Z"
BOTH = f"{TOOLS},{API}"
PLAN_PAYS = [Paid(TOOLS, None, "1 prompt", "1", "4")]
API_PAYS = [Paid(API, "balance", "4 CNY", "1", "4")]


def prompt(**more: object) -> dict[str, object]:
    line: dict[str, object] = {
        "at": NOON,
        "model": "z-ai/glm-4.7",
        "session": "s",
        "prompt": True,
        "input": 1_000_000,
    }
    return line | more


@pytest.mark.parametrize(
    ("caller", "paid"),
    [
        ({"client": "claude-code"}, PLAN_PAYS),
        ({"client": "claude-code", "evidence": "agent header"}, PLAN_PAYS),
        ({"client": "claude-code", "evidence": "agent"}, API_PAYS),
        ({"client": "claude-code", "evidence": "agent", "billing": "api"}, API_PAYS),
        ({"client": "my-bot", "evidence": "agent header system"}, API_PAYS),
        ({"client": "my-bot", "billing": "api"}, API_PAYS),
        ({"client": "claude-code", "billing": "plan"}, PLAN_PAYS),
    ],
)
def test_a_caller_is_billed_by_its_name_its_evidence_and_what_it_asks_for(
    caller: dict[str, object], paid: list[Paid]
) -> None:
    seen = replay(BOTH, event(NOON, "grant", plan=API, amount=10), prompt(**caller))
    assert seen.paid(0) == paid


@pytest.mark.parametrize(
    ("caller", "reason"),
    [
        ({"client": "claude-code", "billing": "api"}, "api_billing_not_allowed"),
        ({"client": "my-bot", "billing": "plan"}, "client_not_in_plan"),
    ],
)
def test_what_may_not_be_asked_for_is_refused(caller: dict[str, object], reason: str) -> None:
    seen = replay(BOTH, event(NOON, "grant", plan=API, amount=10), prompt(**caller))
    assert seen.refused(0).reason == reason
