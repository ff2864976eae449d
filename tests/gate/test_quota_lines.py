"""What an answer's headers say is left: of windows that count each key for itself, the caller's own alone."""

from __future__ import annotations

import pytest

from faregate.dialects import openai_chat
from faregate.gate.quota_lines import MANY_REQUESTS, QuotaLines
from tests.core.driven_account import NOON, DrivenAccount, output, plan, pool, window

PER_KEY = window("rpm", "sliding", "10", "request", length=60_000_000, guard=True, by_key=True)


def said(lines: QuotaLines, account: DrivenAccount, key: str) -> str:
    (told,) = (
        line
        for line in lines.of(account.state, key, openai_chat, NOON).decode().splitlines()
        if line.startswith("x-faregate-quota")
    )
    return told


@pytest.mark.parametrize("open_requests", [0, MANY_REQUESTS])
def test_a_key_is_told_of_its_own_rate_and_never_of_another_keys(open_requests: int) -> None:
    account = DrivenAccount(plan("f/wallet", wallet=True, pools=(pool(granted="100"),), windows=(PER_KEY,)))
    for number in range(9):
        account.pay(output(1), id=f"busy{number}", key="busy")
    account.pay(output(1), id="calm", key="calm")
    for number in range(open_requests):
        account.hold(output(1), id=f"open{number}", key="third")
    lines = QuotaLines()
    assert "rpm@busy;" in said(lines, account, "busy")
    assert "used=9;remaining=1" in said(lines, account, "busy")
    assert "rpm@calm;" in said(lines, account, "calm")
    assert "used=1;remaining=9" in said(lines, account, "calm")
    assert "rpm@" not in lines.of(account.state, "new", openai_chat, NOON).decode()
