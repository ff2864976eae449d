"""S0.6, S2.2, S4.2, S4.6 through a live gate: who may draw on a plan, and what comes of sharing an account."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.clients.books import Account
from tests.service.asking import Answer, ask, chat, messages
from tests.service.conftest import Upstream
from tests.service.served import PLANS, Place, Served

WATCHED = Path(__file__).with_name("watched.yaml")
OPENCODE = {"user-agent": "opencode/1.1.0", "x-session-affinity": "ses_1"}
SCRIPT = {"user-agent": "OpenAI/Python 2.20.0"}
POSING = {"user-agent": "opencode/1.1.0"}
API = {"x-faregate-billing": "api"}
GLM = "glm-4.7"
DOLLAR = "[[demo usage(output=100000)]]"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Served]:
    """A server behind a proxy that it trusts, which is the test."""
    place = Place(
        tmp_path_factory.mktemp("watched"), upstream.url, plans=(PLANS, WATCHED), trusted_proxies=["127.0.0.0/8"]
    )
    with place.serving() as served:
        yield served


def put(
    served: Served, account: Account, headers: dict[str, str] | None = None, text: str = "hi", model: str = "gpt-5"
) -> Answer:
    """One question in OpenAI's form, settled when it returns."""
    told = {"authorization": f"Bearer {account.key}", **SCRIPT, **(headers or {})}
    answer = asyncio.run(ask(served.port, *chat(text, model=model), told))
    if answer.status == 200:
        while served.books.explain(answer.request)["state"] == "held":
            time.sleep(0.005)
    return answer


def payers(served: Served, answer: Answer) -> list[str]:
    return [each["source"] for each in served.books.explain(answer.request)["settlement"]["slices"]]


def said(answer: Answer) -> str:
    return str(answer.data["error"]["message"])


def flags(served: Served, account: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.books.call("GET", f"/accounts/{account.id}/flags")["flags"]
    return found


def flagged(served: Served, account: Account, look: Callable[[], Answer]) -> tuple[dict[str, Any], Answer]:
    """The flag that is raised, and an answer after it: it is raised beside the request that crosses the bound."""
    deadline = time.monotonic() + 20
    while not (found := flags(served, account)):
        assert time.monotonic() < deadline, "no flag was raised"
        time.sleep(0.005)
    return found[0], look()


def at(address: str) -> dict[str, str]:
    return {"x-forwarded-for": address}


# ---- S4.2


def test_s4_2_listed_tools_draw_the_plan_and_others_are_billed_as_api(served: Served) -> None:
    account = served.books.new_account("S4.2", "glm/lite")
    served.books.call("POST", f"/accounts/{account.id}/grants", {"plan": "glm/api", "amount": "10"})
    inside, outside = put(served, account, OPENCODE, model=GLM), put(served, account, model=GLM)
    assert (payers(served, inside), payers(served, outside)) == (["glm/lite"], ["glm/api"])
    told = served.books.explain(outside.request)
    assert (told["client"], told["evidence"]) == ("openai-sdk", ["agent"])
    assert told["hold"]["passed_over"][0]["reason"] == "client_not_in_plan"


def test_s4_2_others_without_a_balance_are_told_both_reasons(served: Served) -> None:
    account = served.books.new_account("S4.2 none", "glm/lite")
    refused = put(served, account, model=GLM)
    assert refused.status == 429
    assert "`glm/lite` pays only for calls of Claude Code, Roo Code, Kilo Code, Cline" in said(refused)
    assert "`glm/api`, which pays for API use, is switched off." in said(refused)
    assert refused.headers["x-should-retry"] == "false"


def test_s4_2_a_user_agent_alone_is_no_listed_tool_but_a_keys_own_tool_is_known_again(served: Served) -> None:
    account = served.books.new_account("S4.2 posing", "glm/lite")
    assert put(served, account, POSING, model=GLM).status in (402, 429)
    assert put(served, account, OPENCODE, model=GLM).status == 200
    vouched = put(served, account, POSING, model=GLM)
    assert vouched.status == 200
    assert served.books.explain(vouched.request)["evidence"] == ["agent", "key"]


def test_s4_2_inside_a_tool_of_glm_api_billing_cannot_be_chosen(served: Served) -> None:
    account = served.books.new_account("S4.2 chosen", "glm/lite")
    served.books.call("POST", f"/accounts/{account.id}/grants", {"plan": "glm/api", "amount": "10"})
    refused = put(served, account, OPENCODE | API, model=GLM)
    assert refused.status in (402, 429)
    assert "Inside this tool the plan alone pays" in said(refused)
    assert payers(served, put(served, account, API, model=GLM)) == ["glm/api"]


def test_s4_2_a_plan_may_let_its_tools_choose(served: Served) -> None:
    account = served.books.new_account("may choose", "watched/tools")
    served.books.call("POST", f"/accounts/{account.id}/grants", {"plan": "watched/wallet", "amount": "10"})
    assert payers(served, put(served, account, OPENCODE)) == ["watched/tools"]
    chosen = put(served, account, OPENCODE | API)
    assert payers(served, chosen) == ["watched/wallet"]
    assert served.books.explain(chosen.request)["billing"] == "api"
    assert payers(served, put(served, account, SCRIPT)) == ["watched/wallet"]
    plan_alone = put(served, account, SCRIPT | {"x-faregate-billing": "plan"})
    assert plan_alone.status == 429
    assert put(served, account, {"x-faregate-billing": "credit"}).status == 400


def test_s4_2_a_plan_may_refuse_others_whatever_their_balance(served: Served) -> None:
    account = served.books.new_account("refused", "watched/closed")
    served.books.call("POST", f"/accounts/{account.id}/grants", {"plan": "watched/wallet", "amount": "10"})
    refused = put(served, account)
    assert refused.status == 429
    assert "pays only for calls of Claude Code, OpenCode, recognised as such" in said(refused)
    assert payers(served, put(served, account, OPENCODE)) == ["watched/closed"]
    assert payers(served, put(served, account, API)) == ["watched/wallet"]


# ---- S4.6 and S0.6


def test_s4_6_many_addresses_raise_a_flag_that_warns_and_a_dismissed_one_is_quiet(served: Served) -> None:
    account = served.books.new_account("S4.6 warn", "watched/warned")
    for last in (1, 2):
        assert "x-faregate-notice" not in put(served, account, at(f"203.0.113.{last}")).headers
    put(served, account, at("203.0.113.3"))
    flag, after = flagged(served, account, lambda: put(served, account, at("203.0.113.3")))
    assert (flag["signal"], flag["counted"], flag["most"], flag["state"]) == ("addresses", 3, 2, "open")
    assert "flag f1" in after.headers["x-faregate-notice"]
    own = asyncio.run(ask(served.port, "/v1/usage", None, {"authorization": f"Bearer {account.key}"}, "GET"))
    told = {name: own.data["notices"][0][name] for name in ("flag", "plan", "signal", "action", "state")}
    assert list(told.values()) == ["f1", "watched/warned", "addresses", "warn", "open"]
    listed = served.books.call("GET", "/flags?state=open")["flags"]
    assert any(each["account"] == account.id and each["flag"] == "f1" for each in listed)
    served.place.run("flag", "review", account.id, "f1", "dismiss", "--by", "kim", "--reason", "travels")
    deadline = time.monotonic() + 20
    while "x-faregate-notice" in put(served, account, at("203.0.113.4")).headers:
        assert time.monotonic() < deadline
    assert [each["state"] for each in flags(served, account)] == ["dismissed"]
    assert "203.0.113" not in json.dumps(flags(served, account))


def test_s4_6_a_restricted_account_is_refused_until_it_is_reviewed(served: Served) -> None:
    account = served.books.new_account("S4.6 restrict", "watched/restricted")
    for last in (1, 2, 3):
        put(served, account, at(f"198.51.100.{last}"))
    _, refused = flagged(served, account, lambda: put(served, account, at("198.51.100.1")))
    assert refused.status == 429
    assert "flag `f1` (addresses) is being reviewed" in said(refused)
    path = f"/accounts/{account.id}/flags/f1/reviews"
    verdict = {"verdict": "confirm", "by": "kim", "reason": "shared", "action": "warn"}
    done = served.books.call("POST", path, verdict, key="once")
    assert served.books.call("POST", path, verdict, key="once") == done
    answer = put(served, account, at("198.51.100.1"))
    assert (answer.status, "x-faregate-notice" in answer.headers) == (200, True)
    served.books.call("POST", path, {"verdict": "lift", "by": "kim", "reason": "promised better"})
    assert "x-faregate-notice" not in put(served, account, at("198.51.100.1")).headers
    with pytest.raises(HTTPError) as closed:
        served.books.call("POST", path, {"verdict": "lift", "by": "kim", "reason": "again"})
    assert closed.value.code == 409
    closed.value.close()


def test_s4_6_a_slowed_account_has_one_request_at_once(served: Served) -> None:
    account = served.books.new_account("S4.6 slow", "watched/slowed")
    put(served, account, OPENCODE)
    put(served, account, SCRIPT)
    flagged(served, account, lambda: put(served, account))
    bearer = {"authorization": f"Bearer {account.key}", **SCRIPT}

    async def crowd() -> list[Answer]:
        asked = [ask(served.port, *chat("hi [[demo slow:300]]"), bearer) for _ in range(3)]
        return await asyncio.gather(*asked)

    answers = asyncio.run(crowd())
    assert sorted(answer.status for answer in answers) == [200, 429, 429]
    refused = next(answer for answer in answers if answer.status == 429)
    assert "slowed down while a flag on it is reviewed" in said(refused)
    assert refused.headers["x-faregate-refused-by"] == "flag:f1"


def test_s4_6_an_address_is_not_believed_from_anybody_but_a_trusted_proxy(served: Served) -> None:
    account = served.books.new_account("S4.6 forged", "watched/restricted")
    for last in range(1, 6):
        put(served, account, at(f"192.0.2.{last}, 203.0.113.9"))
    assert flags(served, account) == []


def test_s0_6_what_a_relay_says_of_its_users_raises_a_flag(served: Served) -> None:
    account = served.books.new_account("S0.6", "watched/warned")
    for last in range(1, 5):
        put(served, account, at(f"192.0.2.{last}, 203.0.113.9"))
    flag, _ = flagged(served, account, lambda: put(served, account))
    assert (flag["signal"], flag["counted"]) == ("relay", 4)


def test_s0_6_a_sender_that_calls_itself_a_relay_is_flagged_at_once(served: Served) -> None:
    account = served.books.new_account("S0.6 itself", "watched/warned")
    put(served, account, {"user-agent": "new-api/0.9"})
    flag, _ = flagged(served, account, lambda: put(served, account))
    assert flag["signal"] == "relay"


# ---- S2.2


def claude(served: Served, account: Account, device: str) -> Answer:
    path, body = messages("hi")
    body["metadata"] = {"user_id": json.dumps({"device_id": device, "account_uuid": "", "session_id": "s"})}
    told = {"authorization": f"Bearer {account.key}", "user-agent": "claude-cli/2.1.330 (external, cli)"}
    return asyncio.run(ask(served.port, path, body, told))


def test_s2_2_one_client_that_rotates_many_accounts_is_flagged_and_goes_into_the_worse_segment(
    served: Served,
) -> None:
    accounts = [served.books.new_account(f"S2.2 {number}", "watched/noticed") for number in range(3)]
    for account in accounts:
        assert claude(served, account, "device-1").status == 200
    last = accounts[-1]
    flag, answer = flagged(served, last, lambda: put(served, last, text=DOLLAR))
    assert (flag["signal"], flag["counted"], flag["action"]) == ("many_accounts", 3, "none")
    assert "x-faregate-notice" not in answer.headers
    paid = served.books.explain(answer.request)["settlement"]["slices"][0]
    assert (paid["multiplier"], paid["list_value"]) == ("1", "1")
    words = ("confirm", "--by", "kim", "--reason", "rotates accounts", "--segment", "abuse")
    served.place.run("flag", "review", last.id, flag["flag"], *words)
    segment = served.books.call("GET", f"/accounts/{last.id}")["segments"][0]
    assert (segment["segment"], segment["reason"], segment["in_force"]) == ("abuse", "rotates accounts", True)
    worse = put(served, last, text=DOLLAR)
    assert served.books.explain(worse.request)["settlement"]["slices"][0]["multiplier"] == "2"
    assert flags(served, accounts[0]) == []


def test_s2_2_insider_ends_with_the_loss_of_continuity(served: Served) -> None:
    account = served.books.new_account("S2.2 insider", "agipower/pro")
    path = f"/accounts/{account.id}"
    served.books.call("POST", f"{path}/segments", {"segment": "insider", "reason": "early"})
    better = put(served, account, text=DOLLAR)
    assert served.books.explain(better.request)["settlement"]["slices"][0]["multiplier"] != "1"
    served.books.call("POST", f"{path}/cancellations", {"plan": "agipower/pro", "at_once": True})
    served.books.call("POST", f"{path}/subscriptions", {"plan": "agipower/pro"})
    plain = put(served, account, text=DOLLAR)
    assert served.books.explain(plain.request)["settlement"]["slices"][0]["multiplier"] == "1"
    (segment,) = served.books.call("GET", path)["segments"]
    assert (segment["in_force"], segment["until"] is not None) == (False, True)


def test_the_books_are_whole_after_all_of_it(served: Served) -> None:
    served.place.verify()
