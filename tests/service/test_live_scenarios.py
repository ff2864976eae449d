"""Rows of the shipped plans through a live gate: what `simulate` says also happens to real requests."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.clients.books import Account
from tests.service.asking import Answer, ask, chat, messages
from tests.service.served import Served

OPENCODE = {"user-agent": "opencode/1.1.0", "x-session-affinity": "ses_1"}


def put(served: Served, account: Account, text: str, model: str = "gpt-5", **headers: str) -> Answer:
    """One question in OpenAI's form, and the books brought up to date with it."""
    answer = asyncio.run(ask(served.port, *chat(text, model=model), bearer(account) | headers))
    if answer.status == 200:
        while served.books.explain(answer.request)["state"] == "held":
            time.sleep(0.005)
    return answer


def bearer(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {account.key}"}


def paid(served: Served, answer: Answer) -> list[tuple[str, str, str, str]]:
    """(source, amount, multiplier, list value) of every slice that settled a request."""
    slices = served.books.explain(answer.request)["settlement"]["slices"]
    return [(each["source"], each["amount"], each["multiplier"], each["list_value"]) for each in slices]


def worth(usd: str) -> str:
    """Words that make gpt-5 cost that much: 10 USD a million of output."""
    return f"[[demo usage(output={int(Decimal(usd) * 100_000)})]]"


def test_s0_2_what_is_left_of_free_pays_at_its_own_multiplier_and_the_next_source_goes_on_at_its(
    served: Served,
) -> None:
    account = served.books.new_account("S0.2", "88code/free", "88code/plus", "88code/paygo")
    first = put(served, account, worth("9.95"))
    assert paid(served, first) == [("88code/free", "19.9", "2", "9.95")]
    split = put(served, account, worth("1"))
    assert paid(served, split) == [("88code/free", "0.1", "2", "0.05"), ("88code/plus", "0.95", "1", "0.95")]
    windows = served.books.windows(account.id)
    assert windows["88code/plus:day"]["used"] == "0.95"
    after = put(served, account, worth("1"))
    assert paid(served, after) == [("88code/plus", "1", "1", "1")]
    (passed,) = served.books.explain(after.request)["hold"]["passed_over"]
    assert passed["subject"] == "88code/free:day"


def test_s0_4_and_5_plus_restores_itself_twice_and_paygo_goes_on_with_brackets(served: Served) -> None:
    account = served.books.new_account("S0.4", "88code/plus", "88code/paygo")
    assert paid(served, put(served, account, worth("99"))) == [("88code/plus", "99", "1", "99")]
    split = put(served, account, worth("31"))
    assert paid(served, split) == [
        ("88code/plus", "1", "1", "1"),
        ("88code/paygo", "20", "1", "20"),
        ("88code/paygo", "15", "1.5", "10"),
    ]


def test_s1_4_a_request_a_minute_on_free_and_free_models_only(served: Served) -> None:
    account = served.books.new_account("S1.4", "credits/free")
    asked_at = time.time()
    assert put(served, account, "hi", "deepseek-chat").status == 200
    throttled = put(served, account, "hi", "deepseek-chat")
    assert (throttled.status, throttled.data["error"]["code"]) == (429, "rate_limit_exceeded")
    assert throttled.headers["x-faregate-refused-by"] == "credits/free:rpm"
    assert 0 < int(throttled.headers["retry-after"]) <= 61
    assert "x-should-retry" not in throttled.headers
    assert reopening(throttled) - asked_at <= 62
    paid_model = put(served, account, "hi", "gpt-5")
    assert (paid_model.status, paid_model.data["error"]["code"]) == (404, "model_not_found")


def test_s1_4_twenty_a_minute_on_starter(served: Served) -> None:
    account = served.books.new_account("S1.4 starter", "credits/starter")

    async def crowd() -> list[int]:
        answers = await asyncio.gather(*(ask(served.port, *chat("hi"), bearer(account)) for _ in range(30)))
        return sorted(answer.status for answer in answers)

    assert asyncio.run(crowd()) == [200] * 20 + [429] * 10
    served.books.settled(account.id, 20)


def test_s2_3_the_five_hours_refuse_by_name_and_time_in_every_dialects_form(served: Served) -> None:
    account = served.books.new_account("S2.3", "agipower/pro")
    assert put(served, account, worth("1.3")).status == 200
    window = served.books.windows(account.id)["agipower/pro:5h"]
    assert (window["used"], window["limit"]) == ("51.5", "50")  # 1.3 × 39.6 + 0.02
    opened = datetime.fromisoformat(served.books.usage(account.id)["requests"][0]["at"])
    reopens = datetime.fromisoformat(window["reopens_at"])
    assert reopens - opened <= timedelta(hours=5)
    refused = put(served, account, "hi")
    _check_named(refused, 429, reopens)
    assert refused.headers["x-should-retry"] == "false"
    _check_named(put(served, account, "hi", **OPENCODE), 402, reopens)
    by_messages = asyncio.run(ask(served.port, *messages("hi"), bearer(account)))
    _check_named(by_messages, 429, reopens)
    assert by_messages.data["error"]["type"] == "rate_limit_error"


def reopening(answer: Answer) -> float:
    return datetime.fromisoformat(answer.headers["x-faregate-reopens-at"]).timestamp()


def _check_named(refused: Answer, status: int, reopens: datetime) -> None:
    assert refused.status == status
    error: dict[str, Any] = refused.data["error"]
    assert error["refused_by"] == refused.headers["x-faregate-refused-by"] == "agipower/pro:5h"
    assert 0 <= reopening(refused) - reopens.timestamp() < 1
    assert "The limit `agipower/pro:5h` of your plan is used up (51.5 of 50 flow)." in error["message"]
    assert f"It reopens at {refused.headers['x-faregate-reopens-at']}" in error["message"]
