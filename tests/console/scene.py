"""What operators find at their desk: customers who called, were flagged, paid the wrong amount, want money back.

Owns making this scene through the API of a server that believes the test's x-forwarded-for.
"""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.service.served import Served
from tests.service.test_live_scenarios import worth


class Scene(NamedTuple):
    """Ids: of accounts, of one request of ``busy``, and of the order that is in ``review``."""

    busy: str
    request: str
    flagged: tuple[str, ...]
    review: str
    order: str
    leaving: str
    friend: str


def made(served: Served, name: str = "") -> Scene:
    """The scene; ``name`` tells its customers from those of another."""
    busy, key = customer(served, f"Harbour Labs{name}", "88code/free", "88code/plus", "agipower/pro")
    served.books.call(
        "POST", f"/accounts/{busy}/grants", {"plan": "agipower/payg", "amount": "25", "reason": "hello"}
    )
    # The second is paid by two plans: the first had not enough left for all of it.
    request = [ask(served, key, usd) or "" for usd in ("9.95", "1", "0.4", "2")][1]
    flagged = [_shared(served, f"{who}{name}") for who in ("Quay Street Studio", "Lin Wei")]
    review = customer(served, f"Nordwind GmbH{name}")[0]
    order = ordered(served, review, "kimi/andante")
    saw(served, review, order, "48.5")
    leaving = customer(served, f"Ada Byron{name}")[0]
    paid = ordered(served, leaving, "agipower/pro")
    saw(served, leaving, paid, paid["to_pay"])
    friend = customer(served, f"Mei Chen{name}")[0]
    code = {"code": busy.removeprefix("acc_"), "family": "glm"}
    served.books.call("POST", f"/accounts/{friend}/joinings", code)
    first = ordered(served, friend, "glm/lite")
    saw(served, friend, first, first["to_pay"])
    return Scene(busy, request, tuple(flagged), review, order["id"], leaving, friend)


def customer(served: Served, name: str, *plans: str) -> tuple[str, str]:
    """A new account on ``plans``: its id and the secret of a key that draws on all of them."""
    account = str(served.books.call("POST", "/accounts", {"name": name})["id"])
    for plan in plans:
        served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": plan})
    body = {"name": "laptop", "kind": "any"}
    return account, str(served.books.call("POST", f"/accounts/{account}/keys", body)["secret"])


def ask(served: Served, key: str, usd: str, address: str = "192.0.2.7") -> str | None:
    """A call worth ``usd``, waited for until it is settled: its id, None where it was refused."""
    body = json.dumps({"model": "gpt-5", "messages": [{"role": "user", "content": worth(usd)}]}).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json", "x-forwarded-for": address}
    try:
        with urlopen(Request(served.url + "/v1/chat/completions", body, headers)) as answer:
            answer.read()
            request = str(answer.headers["x-faregate-request-id"])
    except HTTPError as refused:
        refused.close()
        return None
    while served.books.explain(request)["state"] == "held":
        time.sleep(0.005)
    return request


def ordered(served: Served, account: str, plan: str) -> dict[str, Any]:
    """An order that waits for a payment by hand."""
    return served.books.call("POST", f"/accounts/{account}/orders", {"plan": plan, "payer": "manual"})


def saw(served: Served, account: str, order: dict[str, Any], amount: str) -> None:
    """Say as the operator that ``amount`` came for an order."""
    seen = {"amount": amount, "currency": order["currency"], "seen": "statement, line 7"}
    served.books.call("POST", f"/accounts/{account}/orders/{order['id']}/confirm", seen)


def _shared(served: Served, name: str) -> str:
    """An account that calls from so many addresses that a flag is raised."""
    account, key = customer(served, name, "watched/warned")
    for last in range(1, 4):
        ask(served, key, "0.001", f"203.0.113.{last}")
    deadline = time.monotonic() + 20
    while not served.books.call("GET", f"/accounts/{account}/flags")["flags"]:
        assert time.monotonic() < deadline, "no flag was raised"
        time.sleep(0.005)
    return account
