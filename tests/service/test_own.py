"""Self-service on the gate's own port, with the key that tools use."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.clients.books import Account
from tests.service.asking import Answer, ask
from tests.service.served import Served
from tests.service.test_live_scenarios import bearer, put, worth


def own(served: Served, account: Account, path: str, method: str = "GET", body: Any = None) -> Answer:
    return asyncio.run(ask(served.port, path, body, bearer(account), method=method))


def test_a_tool_asks_what_is_left_and_why_with_its_own_key_and_counts_in_no_window(served: Served) -> None:
    account = served.books.new_account("own", "agipower/pro")
    asked = put(served, account, worth("1"))
    told = own(served, account, "/v1/usage").data
    windows = {each["id"]: each for plan in told["plans"] for each in plan["windows"]}
    assert windows["agipower/pro:5h"]["used"] == "39.62"
    assert windows["agipower/pro:rpm"]["used"] == "1"
    assert told["keys"][0]["kind"] == "agipower/subscription"
    why = own(served, account, f"/v1/explain/{asked.request}").data
    assert why["settlement"]["slices"][0]["amount"] == "39.62"
    assert "upstream" not in why["settlement"]
    other = served.books.new_account("another", "agipower/pro")
    assert own(served, other, f"/v1/explain/{asked.request}").status == 404


def test_s2_6_the_owner_switches_extra_usage_with_the_tools_own_key(served: Served) -> None:
    account = served.books.new_account("own extra", "agipower/pro")
    put(served, account, worth("1.3"))
    served.books.call("POST", f"/accounts/{account.id}/grants", {"plan": "agipower/payg", "amount": "5"})
    assert put(served, account, "hi").status == 429
    made = own(served, account, "/v1/extra-usage", "POST", {"on": True, "new_key": "extra"})
    assert made.data["secret"].startswith("sk-pg-v1-")
    assert put(served, account, "hi").status == 200
    own(served, account, "/v1/extra-usage", "POST", {"on": False})
    assert put(served, account, "hi").status == 429
