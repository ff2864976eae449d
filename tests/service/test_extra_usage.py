"""S2.5 and S2.6 through a live gate: kinds of keys, and Extra Usage inside conversations of the official SDKs."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.clients.books import Account
from tests.service.served import Served
from tests.service.test_live_scenarios import paid, put, worth

EXTRA = "agipower/payg"


def new_key(served: Served, account: Account, kind: str) -> tuple[str, str]:
    """(id, secret) of a new key."""
    made = served.books.call("POST", f"/accounts/{account.id}/keys", {"name": kind, "kind": kind})
    return made["id"], made["secret"]


def top_up(served: Served, account: Account, amount: str = "5") -> None:
    served.books.call("POST", f"/accounts/{account.id}/grants", {"plan": EXTRA, "amount": amount})


def extra(served: Served, account: Account, **body: Any) -> dict[str, Any]:
    return served.books.call("POST", f"/accounts/{account.id}/extra-usage", body)


def shown(served: Served, account: Account) -> dict[str, Any]:
    """Extra Usage as the account shows it."""
    subscriptions = served.books.call("GET", f"/accounts/{account.id}")["subscriptions"]
    found: dict[str, Any] = next(each["extra_usage"] for each in subscriptions if each["plan"] == "agipower/pro")
    return found


def test_s2_5_each_kind_of_key_begins_in_its_own_way_and_draws_its_own(served: Served) -> None:
    account = served.books.new_account("S2.5", "agipower/pro")
    assert account.key.startswith("sk-ss-v1-")
    id, secret = new_key(served, account, "payg")
    assert secret.startswith("sk-pg-v1-")
    api = Account(account.id, secret)
    refused = put(served, api, "hi")
    assert (refused.status, refused.headers["x-faregate-refused-by"]) == (429, "agipower/payg:wallet")
    top_up(served, account)
    assert paid(served, put(served, api, worth("1"))) == [(EXTRA, "1", "1", "1")]
    assert paid(served, put(served, account, worth("1"))) == [("agipower/pro", "39.62", "1", "1")]
    rows = served.books.settled(account.id, 2)
    assert rows[0]["key"] == id != rows[1]["key"]


def test_s2_5_a_pay_as_you_go_key_has_a_rate_of_its_own(served: Served) -> None:
    account = served.books.new_account("S2.5 rate", "agipower/pro")
    top_up(served, account)
    one, other = new_key(served, account, "payg"), new_key(served, account, "payg")
    served.books.call("POST", f"/keys/{one[0]}/limits", {"requests": 2})
    answers = [put(served, Account(account.id, one[1]), "hi") for _ in range(3)]
    assert [each.status for each in answers] == [200, 200, 429]
    assert answers[2].headers["x-faregate-refused-by"] == f"agipower/payg:rpm@{one[0]}"
    assert put(served, Account(account.id, other[1]), "hi").status == 200


def test_s2_6_refusals_name_the_window_and_why_extra_usage_does_not_pay(served: Served) -> None:
    account = served.books.new_account("S2.6", "agipower/pro")
    put(served, account, worth("1.3"))
    off = put(served, account, "hi")
    assert off.headers["x-faregate-refused-by"] == "agipower/pro:5h"
    assert "It reopens at" in off.data["error"]["message"]
    assert "Extra Usage is off" in off.data["error"]["message"]
    chosen = extra(served, account, on=True, new_key="extra")["key"]
    empty = put(served, account, "hi")
    assert empty.headers["x-faregate-refused-by"] == "agipower/pro:5h"
    assert "balance `agipower/payg:wallet` is empty" in empty.data["error"]["message"]
    top_up(served, account)
    assert paid(served, put(served, account, worth("1"))) == [(EXTRA, "1", "1", "1")]
    served.books.call("DELETE", f"/keys/{chosen}")
    assert "was revoked" in put(served, account, "hi").data["error"]["message"]
    extra(served, account, on=True, key=new_key(served, account, "payg")[0])
    assert put(served, account, "hi").status == 200
    extra(served, account, on=False)
    assert "Extra Usage is off" in put(served, account, "hi").data["error"]["message"]


def test_s2_6_what_extra_usage_paid_is_the_chosen_keys_and_its_spend_is_shown(served: Served) -> None:
    account = served.books.new_account("S2.6 spend", "agipower/pro")
    first = put(served, account, worth("1.3"))
    chosen = extra(served, account, on=True, new_key="extra")["key"]
    top_up(served, account)
    second = put(served, account, worth("1"))
    rows = served.books.settled(account.id, 2)
    assert rows[1]["key"] == chosen != rows[0]["key"]
    told = served.books.explain(second.request)
    assert told["key"] == chosen
    assert told["extra_usage"] == {"plan": "agipower/pro", "billed_key": chosen, "asked_with": rows[0]["key"]}
    assert served.books.explain(first.request)["extra_usage"] is None
    seen = shown(served, account)
    assert (seen["on"], seen["key"], seen["balance"]) == (True, chosen, "4")
    assert (seen["spent"], seen["spent_this_month"]) == ("1", "1")
    assert {"id": "5h", "spent": "1"} in seen["windows"]
    # Switched off and on again, what was spent since is counted anew; the month's sum stays.
    extra(served, account, on=False)
    extra(served, account, on=True)
    seen = shown(served, account)
    assert (seen["spent"], seen["spent_this_month"]) == ("0", "1")


def sources(served: Served, account: Account, count: int) -> list[list[str]]:
    """What paid for each request of the account, in order."""
    return [[each["source"] for each in row["drawn"]] for row in served.books.settled(account.id, count)]


def reopened(served: Served, account: Account) -> None:
    served.books.call("POST", f"/accounts/{account.id}/resets", {"plan": "agipower/pro"})


BACK_AND_FORTH = [["agipower/pro", EXTRA], [EXTRA], [EXTRA], ["agipower/pro"]]


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_s2_6_a_conversation_of_the_openai_sdk_goes_on_by_extra_usage_and_back(served: Served, stream: bool) -> None:
    account = served.books.new_account("S2.6 openai", "agipower/pro")
    extra(served, account, on=True, new_key="extra")
    top_up(served, account)
    said: list[ChatCompletionMessageParam] = []
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key=account.key, max_retries=0) as client:
        for turn, text in enumerate((worth("1.3"), worth("0.5"), "and then?", "and now?")):
            if turn == 3:
                reopened(served, account)
            said.append({"role": "user", "content": text})
            if stream:
                chunks = client.chat.completions.create(model="gpt-5", messages=said, stream=True)
                answer = "".join(each.choices[0].delta.content or "" for each in chunks if each.choices)
            else:
                answer = client.chat.completions.create(model="gpt-5", messages=said).choices[0].message.content or ""
            assert answer
            said.append({"role": "assistant", "content": answer})
            served.books.settled(account.id, turn + 1)
    assert sources(served, account, 4) == BACK_AND_FORTH


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_s2_6_a_conversation_of_the_anthropic_sdk_goes_on_by_extra_usage_and_back(
    served: Served, stream: bool
) -> None:
    account = served.books.new_account("S2.6 anthropic", "agipower/pro")
    extra(served, account, on=True, new_key="extra")
    top_up(served, account)
    said: list[anthropic.types.MessageParam] = []
    # Claude Opus 4.6 lists 25 USD a million of output.
    with anthropic.Anthropic(base_url=served.url, api_key=account.key, max_retries=0) as client:
        for turn, text in enumerate(("[[demo usage(output=54000)]]", "go on", "and then?", "and now?")):
            if turn == 3:
                reopened(served, account)
            said.append({"role": "user", "content": text})
            asked: dict[str, Any] = {"model": "claude-opus-4-6", "max_tokens": 500, "messages": said}
            if stream:
                with client.messages.stream(**asked) as events:
                    answer = "".join(events.text_stream)
            else:
                answer = "".join(each.text for each in client.messages.create(**asked).content if each.type == "text")
            assert answer
            said.append({"role": "assistant", "content": answer})
            served.books.settled(account.id, turn + 1)
    assert sources(served, account, 4) == BACK_AND_FORTH


def test_s2_6_a_request_that_crosses_the_edge_is_split_and_the_books_are_right(served: Served) -> None:
    account = served.books.new_account("S2.6 edge", "agipower/pro")
    extra(served, account, on=True, new_key="extra")
    top_up(served, account)
    put(served, account, worth("1.2"))
    split = put(served, account, worth("1"))
    assert [each[0] for each in paid(served, split)] == ["agipower/pro", EXTRA]
    assert served.books.explain(split.request)["extra_usage"]["plan"] == "agipower/pro"
    assert served.place.verify()["clean"]
